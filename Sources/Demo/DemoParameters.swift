// What the params.yaml of each demo says otherwise than the real competition's.

extension DemoWorkspace.Name {
  /// Dotted keys with their values as YAML.
  func parameters(slug: String) -> [(key: String, value: String)] {
    let quick: [(key: String, value: String)] = [
      ("competition.slug", slug), ("competition.leaderboard", "null"), ("folds.count", "2"),
      ("train.validate_every", "2"),
    ]
    return quick + Self.plainNetwork + own
  }

  /// A network for which nothing has to be fetched, trained by what so few steps can learn by.
  package static let plainNetwork: [(key: String, value: String)] = [
    ("model.kind", "unet"), ("model.weights", "none"), ("train.learning_rate", "4.0e-3"),
    ("train.encoder_rate", "null"), ("train.phases", "null"),
    ("model.hypercolumn", "false"), ("train.deep_supervision", "null"),
    (
      "train.augmentation",
      "[{hflip: {p: 0.5}}, {random_sized_crop: {p: 0.5, scale: [0.7, 1.0]}}, "
        + "{brightness_contrast: {p: 1.0, brightness: 0.05, contrast: 0.1}}]"
    ),
  ]

  private var own: [(key: String, value: String)] {
    switch self {
    case .salt: Self.ofSalt
    case .cells: Self.ofCells
    case .nuclei: Self.ofNuclei
    case .streets: Self.ofStreets
    }
  }

  private static let ofSalt: [(key: String, value: String)] = [
    ("competition.title", "Salt, a synthetic demo"), ("model.pad_to", "112"),
    ("train.epochs", "24"), ("train.batch", "8"),
  ]

  private static let ofCells: [(key: String, value: String)] = [
    ("competition.title", "Cells, a synthetic demo"), ("competition.target", "cell"),
    ("competition.depth_unit", "null"),
    ("competition.image.width", "96"), ("competition.image.height", "80"),
    ("competition.image.channels", "3"),
    ("competition.files.train_images", "data/train/pictures/{id}_rgb.png"),
    ("competition.files.train_masks", "data/train/labels/{id}_label.png"),
    ("competition.files.test_images", "data/test/{id}_rgb.png"),
    ("competition.files.train_table", "data/tables/labels.csv"),
    ("competition.files.depths", "null"),
    ("competition.files.sample_submission", "data/tables/template.csv"),
    ("competition.columns.id", "ImageId"), ("competition.columns.mask", "EncodedPixels"),
    ("competition.columns.depth", "null"),
    ("competition.rle.order", "row"), ("competition.rle.empty", "\"-\""),
    ("competition.metric", "dice"),
    (
      "unzip.place",
      "{train_pictures.zip: train/pictures, train_labels.zip: train/labels, "
        + "test_pictures.zip: test, \"*.csv\": tables}"
    ),
    ("model.pad_to", "null"), ("train.epochs", "6"), ("train.batch", "8"),
  ]

  private static let ofNuclei: [(key: String, value: String)] = [
    ("competition.title", "Nuclei, a synthetic demo"), ("competition.target", "nucleus"),
    ("competition.depth_unit", "null"), ("competition.kind", "instances"),
    ("competition.image.width", "null"), ("competition.image.height", "null"),
    ("competition.image.channels", "3"),
    ("competition.files.train_images", "data/train/{id}/images/{id}.png"),
    ("competition.files.train_masks", "data/train/{id}/masks/*.png"),
    ("competition.files.test_images", "data/test/{id}/images/{id}.png"),
    ("competition.files.train_table", "data/tables/train_labels.csv"),
    ("competition.files.depths", "null"),
    ("competition.columns.id", "ImageId"), ("competition.columns.mask", "EncodedPixels"),
    ("competition.columns.depth", "null"),
    ("competition.submission", "{rows: instance}"),
    ("competition.metric", "{unit: instance, measure: precision, empty: one}"),
    ("model.levels", "4"), ("model.patch", "64"), ("model.pad_to", "null"),
    ("train.epochs", "16"), ("train.batch", "8"), ("train.crops", "4"),
    (
      "train.augmentation",
      "[{hflip: {p: 0.5}}, {vflip: {p: 0.5}}, {random_sized_crop: {p: 0.5, scale: [0.7, 1.0]}}, "
        + "{brightness_contrast: {p: 1.0, brightness: 0.05, contrast: 0.1}}]"
    ),
  ]

  private static let ofStreets: [(key: String, value: String)] = [
    ("competition.title", "Streets, a synthetic demo"), ("competition.target", "street"),
    ("competition.depth_unit", "null"), ("competition.kind", "labels"),
    (
      "competition.classes",
      "{names: [\(StreetImage.classes.map(\.name).joined(separator: ", "))], "
        + "values: [\(StreetImage.classes.map { "\($0.value)" }.joined(separator: ", "))], "
        + "ignore: \(StreetImage.ignored), weights: balanced}"
    ),
    ("competition.image.width", "96"), ("competition.image.height", "64"),
    ("competition.image.channels", "3"),
    ("competition.files.train_images", "data/train/images/{id}.png"),
    ("competition.files.train_masks", "data/train/labels/{id}.png"),
    ("competition.files.test_images", "data/test/{id}.png"),
    ("competition.files.train_table", "null"), ("competition.files.depths", "null"),
    ("competition.columns.id", "Id"), ("competition.columns.mask", "Pixels"),
    ("competition.columns.depth", "null"),
    ("competition.groups", "\"{group}_*\""),
    ("competition.rle.order", "row"), ("competition.rle.base", "0"),
    ("competition.submission", "{rows: image-class, row: \"{id}_{class}\"}"),
    ("competition.metric", "{unit: pixels, measure: iou, empty: zero}"),
    (
      "unzip.place",
      "{train_images.zip: train/images, train_labels.zip: train/labels, test_images.zip: test, "
        + "\"*.csv\": tables}"
    ),
    ("model.levels", "4"), ("model.pad_to", "null"), ("train.epochs", "24"), ("train.batch", "8"),
  ]
}
