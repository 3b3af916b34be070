// What a look at a competition's files has found: values for params.yaml, each with its reason.

public import Imaging

/// What is known of a competition, as far as its files show it.
public struct Findings: Sendable {
  /// What is looked for in an image.
  public enum Kind: String, Sendable {
    /// A mask a class; classes may overlap.
    case mask
    /// Exclusive classes, from label maps.
    case labels
    /// Several objects an image, each scored by itself.
    case instances
  }

  /// What is looked for in an image.
  public var kind = Kind.mask
  /// Names of classes; empty for one.
  public var classes: [String] = []
  /// Values of label maps by class; nil where they are 0, 1, 2 …
  public var classValues: [Int]?
  /// The value of label maps that counts for nothing.
  public var ignore: Int?

  /// Colours (0xRRGGBB) of label maps by class; nil where their values count.
  public var classColours: [UInt32]?
  /// Colours that count for nothing.
  public var ignoredColours: [UInt32] = []

  /// The size of all images; nil where they differ.
  public var size: PixelSize?
  /// The medians of widths and heights of the training images.
  public var medianSize = PixelSize(width: 1, height: 1)
  /// Channels that the network sees.
  public var channels = 1
  /// The samples that become 0 and 1, where these aren't 0 and full scale.
  public var range: ClosedRange<Double>?
  /// How many training images there are.
  public var trainCount = 0
  /// How many test images there are.
  public var testCount = 0
  /// Pixels of all training images.
  public var trainPixels = 0
  /// Pixels of all test images.
  public var testPixels = 0

  /// Pattern of the training images.
  public var trainImages = ""
  /// Pattern of the masks; nil where they come from the table.
  public var trainMasks: String?
  /// Pattern of the test images.
  public var testImages = ""
  /// The table of run lengths.
  public var trainTable: String?
  /// The table of depths.
  public var depths: String?
  /// The sample submission.
  public var sampleSubmission = ""
  /// Where each file goes below data/, as `unzip.place` has it, in order.
  public var places: [(name: String, folder: String)] = []
  /// Which files to fetch.
  public var download = ["*"]
  /// Gigabytes that the archives unpack to.
  public var gigabytes = 0.0

  /// The column of the image's id.
  public var idColumn = "id"
  /// The column of the run lengths.
  public var maskColumn = "rle_mask"
  /// The column of the run lengths in the sample submission, where it is called otherwise.
  public var predictedColumn: String?
  /// The column of the depth.
  public var depthColumn: String?
  /// The column of the class, where it has one of its own.
  public var classColumn: String?
  /// Which pixels of a mask file are marked.
  public var marks = MarkRule.nonzero
  /// The dialect of run lengths.
  public var rle = RunLength()
  /// Whether training images without a mask have an empty one.
  public var missingMasksAreEmpty = false
  /// Whether files that can't be read are left out.
  public var skipsBad = false
  /// Pattern of the ids' groups.
  public var groups: String?
  /// The table of groups, which goes before the ids' pattern.
  public var groupsTable: String?
  /// The column of the group in that table.
  public var groupColumn: String?
  /// The table of folds.
  public var foldsTable: String?
  /// The column of the fold in that table.
  public var foldColumn: String?
  /// How many folds that table has.
  public var foldCount: Int?
  /// Images of each group.
  public var groupCounts: [String: Int] = [:]
  /// Whether some of the test images are of the same groups.
  public var groupsGoOn = false
  /// What a row of a submission is of.
  public var rows = SubmissionRows.image
  /// How a submission's id is made of image and class.
  public var row: String?

  /// Why each value is what it is, by key below `competition`, such as "files.train_masks".
  public var reasons: [String: String] = [:]
  /// What a person should look at, a sentence each.
  public var notes: [String] = []

  /// Whether images belong together, by their ids or a table.
  var hasGroups: Bool { groups != nil || groupsTable != nil }

  /// The dialect of run lengths in words, as in "column, from 1".
  public var runLengths: String {
    rle.form == .coco ? "COCO's" : "\(rle.order.rawValue), from \(rle.base)"
  }

  /// Nothing is known.
  init() {}
}
