// All that is particular to a competition, read from the section `competition` of params.yaml. Another segmentation competition is another section, not another line of code.

public import Basics
public import Imaging
public import Workbench

/// What training learns, and what a submission says of an image.
public enum TargetKind: String, NamedChoice {
  /// A mask for each class; classes may overlap.
  case mask
  /// One class for each pixel.
  case labels
  /// Several objects, each scored by itself.
  case instances
}

/// A segmentation competition: where its files lie, how they name things, how it is scored.
public struct Competition: Sendable, Equatable, CheckedParameters {
  /// The shape of an image, in pixels and channels.
  public struct ImageShape: Codable, Sendable, Equatable {
    /// Columns, in pixels; null, as the height, where every image has its own size.
    public var width: Int?
    /// Rows, in pixels.
    public var height: Int?
    /// Channels that the network sees: 1 (colour is turned to grey), 3, or as many as the files have.
    public var channels: Int
    /// The samples of the files that become 0 and 1, for floating-point and signed samples and for those of
    /// which only a part matters; those beyond are clipped. Null: 0 and full scale.
    public var range: [Double]?
    /// What to make of a photograph's note which side was up; null: nothing, as masks are drawn on the file's
    /// own rows.
    public var orientation: DecodingOptions.Orientation?
    /// Neighbouring images of a group that are seen together, an odd number, in the order of their ids: the
    /// middle one is what is to be found (2.5-D). Null: one.
    public var slices: Int?

    /// The size of all images; nil where every image has its own.
    public var size: ImageSize? {
      width.flatMap { width in height.map { ImageSize(width: width, height: $0) } }
    }
  }

  /// Where things lie, below the workspace. What patterns may hold says `FilePattern`.
  public struct Files: Codable, Sendable, Equatable {
    /// The pattern of the training images.
    public var trainImages: String
    /// The pattern of the masks: of one an image, of one an image and class (with `{class}`), or of one an
    /// instance (with `*`). Null where masks come only as run lengths, in `trainTable`.
    public var trainMasks: String?
    /// The pattern of the test images.
    public var testImages: String
    /// The table with masks of the training images, or a JSON file with annotations in COCO's form; null where
    /// there is none.
    public var trainTable: String?
    /// Null where images have no depth.
    public var depths: String?
    /// The table with each image's group; null where there is none.
    public var groups: String?
    /// The table with each image's fold; null where the workbench divides them.
    public var folds: String?
    /// The table that a submission must look like; null: it has a row for each test image, in order of their ids.
    public var sampleSubmission: String?
  }

  /// What the tables call their columns.
  public struct Columns: Codable, Sendable, Equatable {
    /// The column of the image's id.
    public var id: String
    /// The column of the mask's run lengths.
    public var mask: String
    /// The column of the run lengths in the sample submission; null: as in other tables.
    public var predicted: String?
    /// The column of the depth; null where there is none.
    public var depth: String?
    /// The column of the class, in tables with a row an image and class; null where the id holds it.
    public var `class`: String?
    /// The column of the group, in `files.groups`.
    public var group: String?
    /// The column of the fold, in `files.folds`.
    public var fold: String?

    /// The column of run lengths in a submission.
    public var submitted: String { predicted ?? mask }
  }

  // What only words on pages depend on: a stage that takes hours declares the other keys one by one,
  // and then these are nil.

  /// The competition's name at Kaggle, as in its URL.
  public var slug: String?
  /// The competition's name for people.
  public var title: String?
  /// What a mask marks, in a word, as in "salt".
  public var target: String?
  /// The unit of depths, for axes, as in "feet"; null where there are none.
  public var depthUnit: String?

  /// What is learned; null: masks.
  public var kind: TargetKind?
  /// The classes; null where there is one.
  public var classes: ClassSettings?
  /// The shape of every image.
  public var image: ImageShape
  /// Where things lie.
  public var files: Files
  /// What the tables call their columns.
  public var columns: Columns
  /// Which pixels of a mask's file are marked; null: all but 0.
  public var mask: MaskReading?
  /// What an image without a mask is; null: an error.
  public var missingMasks: MissingMasks?
  /// Whether images that can't be read are left out, with a warning; null: they are an error.
  public var skipBad: Bool?
  /// The group in an image's id, as in "{group}_*": images of one group share a fold. Null: none.
  public var groups: String?
  /// How masks are written.
  public var rle: RunLength
  /// What the rows of a submission are; null: an image each.
  public var submission: SubmissionSettings?
  /// How submissions are scored.
  public var metric: Metric
  /// The final leaderboard, where it is known.
  public var leaderboard: Leaderboard?
}

/// What a training image without a mask is.
public enum MissingMasks: String, NamedChoice {
  /// A mistake in the data.
  case error
  /// An image with nothing marked.
  case empty
}

extension Competition {
  /// What is learned.
  public var targets: TargetKind { kind ?? .mask }

  /// The classes' names; of one class without a name, what masks mark.
  public var classNames: [String] { classes?.names ?? [target ?? "target"] }

  /// What a submission's rows are.
  public var rows: SubmissionSettings {
    submission ?? SubmissionSettings(rows: targets == .instances ? .instance : .image)
  }

  /// Refuses what doesn't go together.
  /// - Throws: `SettingError`.
  public func check() throws {
    try SettingError.check(
      (metric.unit == .instance) == (targets == .instances), "competition.metric",
      "is \(metric.name), but competition.kind is \(targets.rawValue): metrics of instances go with kind: instances"
    )
    try SettingError.check(
      (image.width == nil) == (image.height == nil), "competition.image",
      "has only one of width and height: set both, or neither where every image has its own size")
    for (name, side) in [("width", image.width), ("height", image.height)] {
      try SettingError.check(
        side.map { (1...65536).contains($0) } ?? true, "competition.image.\(name)",
        "should be from 1 to 65536, or null")
    }
    try SettingError.check(
      (1...64).contains(image.channels), "competition.image.channels",
      "is \(image.channels), should be from 1 to 64")
    try SettingError.check(
      image.range.map {
        $0.count == 2 && $0[0] < $0[1] && (1 / ($0[1] - $0[0])).isFinite && ($0[1] - $0[0]).isFinite
      } ?? true, "competition.image.range",
      "should be two samples, the lower one first, such as [-1000, 1000]")
    try SettingError.check(
      image.slices.map { $0 >= 1 && $0 % 2 == 1 && $0 <= 15 } ?? true, "competition.image.slices",
      "is \(image.slices ?? 0), should be 1, 3, 5 … 15: as many on each side")
    try SettingError.check(
      image.slices ?? 1 == 1 || groups != nil || files.groups != nil, "competition.image.slices",
      "needs groups of images: neighbours are of one group (competition.groups)")
    try SettingError.check(
      targets != .labels || (classes?.names.count ?? 0) >= 2, "competition.classes",
      "kind: labels needs the names of two classes or more")
    try SettingError.check(
      targets != .instances || classNames.count == 1, "competition.classes",
      "kind: instances takes one class")
    try SettingError.check(
      files.trainMasks != nil || files.trainTable != nil, "competition.files",
      "names neither train_masks nor train_table: there is nothing to learn from")
    try SettingError.check(
      targets != .labels || files.trainMasks != nil, "competition.files.train_masks",
      "kind: labels needs label maps, a file an image")
    try leaderboard?.check()
    try classes?.check(targets)
    try rows.check(classes: classNames, targets)
  }
}

extension Stage {
  /// What params.yaml says of the competition.
  public func competition() throws -> Competition { try parameters("competition") }
}
