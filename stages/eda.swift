// ---
// desc: How much of the images is marked, how deep they lie, and whether the two are related
// deps: [data/train, data/test, data/tables]
// params: [competition, eda]
// outs: [data/eda.json]
// ---

import Exploration
import Foundation
import Imaging
import Notebook
import Workbench

await Stage.run { stage in
  let competition = try stage.competition()
  let settings = try stage.parameters("eda", as: EDAParameters.self)
  let target = competition.target ?? "target"

  // %% [markdown]
  // # What the images hold
  // Every image of the training set with its mask, every image of the test set, and the tables that
  // come with them. Most of what decides a segmentation competition can be seen before anything is
  // trained.
  cell("Images and masks")
  let train = try Images(of: competition.files.trainImages, "training", stage)
  let test = try Images(of: competition.files.testImages, "test", stage)
  let table = try CSV(contentsOf: stage.input(competition.files.trainTable))
    .dictionary(competition.columns.id, competition.columns.mask)
  let truth = try Masks(of: train, table: table, competition, stage)
  let masks = truth.masks
  let coverage = masks.map(\.coverage)
  let empty = masks.filter(\.isEmpty).count
  show([
    Figure(
      "training images", train.ids.count.formatted(),
      note: "\(competition.image.width) × \(competition.image.height) pixels"),
    Figure("test images", test.ids.count.formatted()),
    Figure(
      "without \(target)", percent(Double(empty) / Double(masks.count)),
      note: "\(empty.formatted()) empty masks"),
    Figure(
      "mean coverage", percent(Statistics.mean(coverage) ?? 0), note: "of all pixels are \(target)"),
  ])

  // %% [markdown]
  // ## A first look
  // Images from the whole range of coverage, from hardly anything to nearly everything. The overlay
  // draws the mask's outline over the image.
  cell("Image, mask, overlay")
  let marked = masks.indices.filter { !masks[$0].isEmpty }
    .sorted { (coverage[$0], train.ids[$0]) < (coverage[$1], train.ids[$1]) }
  show(
    PictureGrid(
      title: "From little \(target) to much",
      caption: "One image a row, ordered by the share of it that is \(target).",
      columns: ["image", "mask", "overlay"],
      rows: try evenly(settings.examples, of: marked).map { index in
        try imageMaskOverlay(
          train.rasters[index], masks[index],
          label: "\(train.ids[index]) · \(percent(coverage[index]))")
      }))
  show(
    PictureGrid(
      title: "Images without \(target)",
      caption: "What a model must learn to leave alone.",
      gallery: try evenly(settings.oddities, of: masks.indices.filter { masks[$0].isEmpty })
        .map { try Picture(train.rasters[$0], label: train.ids[$0]) }))

  // %% [markdown]
  // ## How much is marked
  // The competition's score looks at each image by itself, so small masks weigh as much as large
  // ones, and an empty mask counts fully when nothing is predicted.
  cell("Coverage")
  show(
    Chart.histogram(
      marked.map { coverage[$0] * 100 }, bins: 40, title: "Coverage of the images with \(target)",
      caption: "Empty masks (\(empty.formatted()) images) are left out.",
      x: "share of the image that is \(target) (%)", y: "images"))
  let classes = coverageClasses(coverage)
  show(
    Chart.bars(
      classes.map { ($0.name, Double($0.count)) }, title: "Coverage classes",
      caption: "The classes by which the folds are balanced: empty, then tenths of the image.",
      x: "coverage class (%)", y: "images"))
  show(
    Table(
      title: "Class balance",
      columns: ["", target, "not \(target)"],
      rows: [
        ["images", (masks.count - empty).formatted(), empty.formatted()],
        [
          "images, share", percent(1 - Double(empty) / Double(masks.count)),
          percent(Double(empty) / Double(masks.count)),
        ],
        [
          "pixels, share", percent(Statistics.mean(coverage) ?? 0),
          percent(1 - (Statistics.mean(coverage) ?? 0)),
        ],
      ]))

  // %% [markdown]
  // ## Depth
  // Where the competition gives depths: how training and test set lie, and whether depth says
  // anything about coverage.
  cell("Depth distribution")
  let depths = try Depths(competition, stage)
  let trainDepths = train.ids.compactMap { depths?[$0] }
  let testDepths = test.ids.compactMap { depths?[$0] }
  var correlation: Report.Correlation?
  if let depths {
    let unit = competition.depthUnit.map { " (\($0))" } ?? ""
    show(
      Chart.histogram(
        [("training", trainDepths), ("test", testDepths)], bins: 32,
        title: "Depths of training and test images",
        caption:
          "If the two sets lay at different depths, a model that uses depth would be misled.",
        x: "depth\(unit)", y: "images"))
    cell("Coverage against depth")
    let pairs = train.ids.indices.compactMap { index in
      depths[train.ids[index]].map { ($0, coverage[index] * 100) }
    }
    let (x, y) = (pairs.map(\.0), pairs.map(\.1))
    let bins = Statistics.binnedMeans(x, y, bins: settings.depthBins)
    let found = Report.Correlation(
      n: pairs.count, pearson: Statistics.pearson(x, y), spearman: Statistics.spearman(x, y))
    correlation = found
    let r = [("Pearson", found.pearson), ("Spearman", found.spearman)]
      .map { "\($0) \($1.map { String(format: "%.3f", $0) } ?? "not defined")" }.joined(
        separator: ", ")
    show(
      Chart(
        title: "\(target.capitalized) against depth",
        caption:
          "Each dot is a training image; the line is the mean of bins with equally many images, "
          + "the band two standard errors of it. \(r); n = \(pairs.count.formatted()).",
        x: Chart.Axis("depth\(unit)"), y: Chart.Axis("share of the image that is \(target) (%)"),
        layers: [
          .points(x: x, y: y, name: "images"),
          .band(
            x: bins.map(\.x), low: bins.map { max(0, $0.mean - 2 * $0.error) },
            high: bins.map { $0.mean + 2 * $0.error }, name: nil),
          .line(x: bins.map(\.x), y: bins.map(\.mean), name: "mean by bin"),
        ]))
  } else {
    show(markdown: "This competition gives no depths.")
  }

  // %% [markdown]
  // ## Do the table and the pictures agree?
  // The training table holds each mask a second time, as run lengths. Every one is decoded and
  // compared with its picture.
  cell("Run lengths against mask pictures")
  show(
    Table(
      columns: ["", "images"],
      rows: [
        ["run lengths equal to the picture", truth.agreeing.formatted()],
        ["different", truth.differing.count.formatted()],
      ]
        + truth.bitDepths.sorted { $0.key < $1.key }.map {
          ["mask pictures of \($0.key)", $0.value.formatted()]
        }))
  if !truth.differing.isEmpty {
    stage.warn(
      "run lengths differ from the mask picture: \(truth.differing.joined(separator: ", "))")
  }

  // %% [markdown]
  // ## What stands out
  // Blank images can't be segmented; tiny masks are all or nothing for the score; a mask made of
  // whole columns was drawn, not seen; and an image that occurs twice must not sit in two folds.
  cell("Oddities")
  var oddities: [String: [String]] = [:]
  let kinds: [(name: String, members: [Int])] = [
    ("blank images", train.rasters.indices.filter { Oddities.isBlank(train.rasters[$0]) }),
    ("tiny masks", masks.indices.filter { Oddities.isTiny(masks[$0], pixels: settings.tinyMask) }),
    ("vertical stripes", masks.indices.filter { Oddities.isVerticalStripe(masks[$0]) }),
    ("duplicate images", Oddities.duplicates(train.rasters).flatMap { $0 }),
  ]
  for (name, members) in kinds {
    oddities[name] = members.map { train.ids[$0] }
    guard !members.isEmpty else { continue }
    show(
      PictureGrid(
        title: "\(members.count.formatted()) \(name)", columns: ["image", "mask", "overlay"],
        rows: try evenly(settings.oddities, of: members).map { index in
          try imageMaskOverlay(
            train.rasters[index], masks[index],
            label: "\(train.ids[index]) · \(percent(coverage[index]))")
        }))
  }
  oddities["blank test images"] = test.ids.indices.filter { Oddities.isBlank(test.rasters[$0]) }
    .map { test.ids[$0] }
  show(
    Table(
      title: "How many",
      columns: ["oddity", "images"],
      rows: oddities.sorted { $0.key < $1.key }.map { [$0.key, $0.value.count.formatted()] }))

  cell("The numbers as JSON")
  let report = Report(
    trainImages: train.ids.count, testImages: test.ids.count, emptyMasks: empty,
    meanCoverage: Statistics.mean(coverage) ?? 0,
    coverageClasses: classes.map { .init(name: $0.name, images: $0.count) },
    maskPictures: truth.bitDepths, runLengthsEqual: truth.agreeing,
    runLengthsDifferent: truth.differing,
    depth: ["train": .init(trainDepths), "test": .init(testDepths)].compactMapValues { $0 },
    coverageAgainstDepth: correlation, oddities: oddities)
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  try encoder.encode(report).write(to: stage.output("data/eda.json"))
}

struct EDAParameters: Codable {
  var examples: Int
  var oddities: Int
  var tinyMask: Int
  var depthBins: Int
  enum CodingKeys: String, CodingKey {
    case examples, oddities
    case tinyMask = "tiny_mask"
    case depthBins = "depth_bins"
  }
}

/// The numbers behind the page.
struct Report: Codable {
  struct CoverageClass: Codable { var name: String, images: Int }
  struct Correlation: Codable { var n: Int, pearson: Double?, spearman: Double? }
  struct Spread: Codable {
    var n: Int, min: Double, median: Double, max: Double
    init?(_ values: [Double]) {
      guard let median = Statistics.quantile(values, 0.5) else { return nil }
      (n, min, self.median, max) = (values.count, values.min() ?? 0, median, values.max() ?? 0)
    }
  }
  var trainImages: Int
  var testImages: Int
  var emptyMasks: Int
  var meanCoverage: Double
  var coverageClasses: [CoverageClass]
  var maskPictures: [String: Int]
  var runLengthsEqual: Int
  var runLengthsDifferent: [String]
  var depth: [String: Spread]
  var coverageAgainstDepth: Correlation?
  var oddities: [String: [String]]
}

/// An image or a mask, decoded; refused where it can't be read, or is of another size than the
/// competition's images.
func decode(_ pattern: String, _ id: String, _ shape: Competition.ImageShape, _ stage: Stage) throws
  -> Raster
{
  let file = try stage.file(pattern, id: id)
  let raster: Raster
  do { raster = try PNG.decode(contentsOf: file) } catch {
    throw StageFailure("\(error)", exit: .badInput)
  }
  guard raster.width == shape.width, raster.height == shape.height else {
    throw StageFailure(
      "\(file.path): is \(raster.width) x \(raster.height) pixels, but should be \(shape.width) x "
        + "\(shape.height) (competition.image in params.yaml)", exit: .badInput)
  }
  return raster
}

/// The images of one set, decoded at their own depth, in order of their ids.
struct Images {
  let ids: [String]
  let rasters: [Raster]

  init(of pattern: String, _ set: String, _ stage: Stage) throws {
    ids = try stage.ids(of: pattern)
    let shape = try stage.competition().image
    let progress = stage.progress("read \(set) images", total: ids.count, unit: "images")
    rasters = try ids.map { id in
      defer { progress.advance() }
      return try decode(pattern, id, shape, stage)
    }
  }
}

/// The masks of the training images, from their pictures where there are any, and how those agree
/// with the run lengths of the training table.
struct Masks {
  var masks: [Mask] = []
  var agreeing = 0
  var differing: [String] = []
  /// Count of mask pictures by their kind, as in "16 bit grey".
  var bitDepths: [String: Int] = [:]

  init(of images: Images, table: [String: String], _ competition: Competition, _ stage: Stage)
    throws
  {
    let dialect = try stage.parameters("competition.rle", as: RunLength.self)
    for (id, image) in zip(images.ids, images.rasters) {
      guard let runs = table[id] else {
        throw StageFailure(
          "\(competition.files.trainTable): no row for the image \(id)", exit: .badInput)
      }
      let decoded: Mask
      do { decoded = try dialect.decode(runs, width: image.width, height: image.height) } catch {
        throw StageFailure("\(competition.files.trainTable): \(id): \(error)", exit: .badInput)
      }
      guard let pattern = competition.files.trainMasks else {
        masks.append(decoded)
        continue
      }
      let raster = try decode(pattern, id, competition.image, stage)
      let mask = Mask(raster)
      bitDepths["\(raster.bitDepth) bit \(raster.channels == 1 ? "grey" : "colour")", default: 0] +=
        1
      if mask == decoded { agreeing += 1 } else { differing.append(id) }
      masks.append(mask)
    }
  }
}

/// The depths by id, or nil where the competition has none.
func Depths(_ competition: Competition, _ stage: Stage) throws -> [String: Double]? {
  guard let file = competition.files.depths, let column = competition.columns.depth else {
    return nil
  }
  let table = try CSV(contentsOf: stage.input(file))
  return Dictionary(
    zip(try table.column(competition.columns.id), try table.numbers(column)),
    uniquingKeysWith: { $1 })
}

/// How many images are empty, and how many lie in each tenth of coverage.
func coverageClasses(_ coverage: [Double]) -> [(name: String, count: Int)] {
  var counts = [Int](repeating: 0, count: 11)
  for share in coverage { counts[share == 0 ? 0 : min(10, Int((share * 10).rounded(.up)))] += 1 }
  return counts.enumerated().map { ($0 == 0 ? "empty" : "\($0 * 10 - 10)–\($0 * 10)", $1) }
}
