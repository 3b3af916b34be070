// What augmentation makes of a few images, for the page: by the same batches as training.

import Datasets
import Imaging
import Neural
public import Notebook

extension Fit {
  /// Draws on the sheet: the first epochs.
  private static let draws = 6
  /// The longest side of a picture: seven fit beside each other on a page.
  private static let side = 90

  /// Rows of a few training images, each as it is and as training sees it in the first epochs, with the truth drawn
  /// in. Which images is a function of their ids alone; those with something marked come first.
  ///
  /// - Parameter count: images, at most.
  /// - Throws: `SettingError`, `FitError` as training would; `PNGError` where a picture can't be encoded.
  public func contactSheet(images count: Int = 4) throws -> PictureGrid {
    try check()
    let chosen = training.map {
      (index: $0, isEmpty: set.area($0) == 0, luck: set.luck("contact sheet", $0))
    }
    .sorted { ($0.isEmpty ? 1 : 0, $0.luck) < ($1.isEmpty ? 1 : 0, $1.luck) }
    .prefix(count).map(\.index)
    let items = chosen.map { $0 * crops }
    // Values as the images have them.
    var maker = batchMaker(normalization: Normalization(of: set, chosen))
    maker.normalization.channels = maker.normalization.channels.map { _ in
      Normalization.Scale(mean: 0, deviation: 1)
    }
    maker.normalization.features = []
    let input = try frame.input(for: set)
    let epochs = try (1...Self.draws).map { epoch in
      let batch = maker.augmented(
        items[...], by: settings.augmentation, seed: seed, fold: fold, epoch: epoch)
      return try chosen.indices.map { place in
        try picture(
          part(place, of: batch.images, batch.count), part(place, of: batch.targets, batch.count),
          width: input.width, height: input.height)
      }
    }
    return PictureGrid(
      title: "A few images in the first epochs",
      caption: (set.truthKind == .labels ? "Classes are tinted." : "What is marked is outlined.")
        + (crops == 1 ? "" : " Of the \(crops) windows that an epoch has of an image, the first.")
        + (settings.augmentation.mixesImages
          ? " Here images mix with each other, in training with others of their batch." : ""),
      columns: ["image"] + (1...Self.draws).map { "epoch \($0)" },
      rows: try chosen.enumerated().map { place, index in
        let targets = set.targets(index)
        let image = set.image(index)
        let own = try picture(
          image.values, maker.floats(targets), width: image.width, height: image.height,
          label: set.ids[index].shortened)
        return [own] + epochs.map { $0[place] }
      })
  }

  private func part(_ place: Int, of values: [Float], _ count: Int) -> [Float] {
    let each = values.count / count
    return Array(values[(place * each)..<((place + 1) * each)])
  }

  /// An image and its truth, made small before they are drawn, so that outlines stay visible.
  private func picture(
    _ values: [Float], _ targets: [Float], width: Int, height: Int, label: String = ""
  ) throws -> Picture {
    let size = ImageSize(width: width, height: height).fitting(Self.side)
    let image = Plane(width: width, height: height, channels: set.channels, values: values)
      .thumbnail(size)
    let truth = TargetMap(
      width: width, height: height, channels: set.targetChannels,
      values: targets.map { set.truthKind == .labels ? UInt8($0) : $0 >= 0.5 ? 1 : 0 }
    ).scaled(to: size)
    return try Picture(drawn(truth), on: image, label: label)
  }

  /// Targets as they are drawn: of instances what is within their borders.
  private func drawn(_ targets: TargetMap) -> Truth {
    let (width, height, channels) = (targets.width, targets.height, targets.channels)
    func mask(_ isMarked: (Int) -> Bool) -> Mask {
      Mask(
        width: width, height: height,
        pixels: (0..<(width * height)).map { isMarked($0 * channels) ? 1 : 0 })
    }
    switch set.truthKind {
    case .labels:
      return .labels(ClassMap(width: width, height: height, labels: targets.values))
    case .instances:
      return .masks([mask { targets.values[$0] == 1 && targets.values[$0 + 1] == 0 }])
    case .mask, nil:
      return .masks((0..<channels).map { channel in mask { targets.values[$0 + channel] == 1 } })
    }
  }
}
