// ---
// desc: How much of the images is marked, how deep they lie, and whether the two are related
// deps: [data/train, data/test, data/tables]
// params: [competition, eda, folds.coverage_classes]
// outs: [data/eda.json]
// ---

import Analysis
import Datasets
import Workbench

struct EDASettings: Codable { var examples, oddities, tinyMask, depthBins: Int }
struct ClassCount: Encodable { var name: String, images: Int }

await Stage.run { stage in
  // %% [markdown]
  // # What the images hold
  // Every image of the training set with its mask, every image of the test set, and the tables that
  // come with them, as training will see them. Most of what decides a segmentation competition can
  // be seen before anything is trained.
  cell("Images and masks")
  let settings: EDASettings = try stage.parameters("eda")
  let competition = try stage.competition()
  let words = CoverageWords(of: competition)
  let train = try stage.trainingImages()
  let test = try stage.testImages(withDepths: false)
  let (coverage, empty, marked) = (train.coverage, train.empty, train.marked)
  let meanCoverage = Statistics.mean(coverage) ?? 0
  show([
    Figure("training images", train.count.formatted(), note: train.sizeNote),
    Figure("test images", test.count.formatted(), note: test.sizeNote),
    Figure(
      words.without, percent(empty.count, of: train.count),
      note: "\(empty.count.formatted()) empty masks"),
    Figure("mean coverage", percent(meanCoverage), note: words.ofAllPixels),
  ])

  // %% [markdown]
  // ## A first look
  // Images from the whole range of coverage, from hardly anything to nearly everything, with the
  // mask's outline drawn over them. Then some with nothing marked, if there are any: what a model must
  // learn to leave alone.
  cell("Image, mask, overlay")
  show(try train.overlays(evenly(settings.examples, of: marked), title: words.fromLittleToMuch))
  if !empty.isEmpty {
    show(try train.gallery(evenly(settings.oddities, of: empty), title: words.none))
  }

  // %% [markdown]
  // ## Sizes, classes and instances
  // Where images have different sizes, a network sees windows of them, or all at one size. Where there
  // are several classes, the rare ones decide most metrics; where there are instances, the crowded images.
  cell("Sizes, classes, instances")
  if let legend = try competition.legend() { show(legend) }
  for display in train.shapeCharts(and: test) + train.classCharts(competition.classNames)
    + train.instanceCharts()
  { show(display) }
  for table in train.classTables(competition.classNames) { show(table) }

  // %% [markdown]
  // ## How much is marked
  // Where the score looks at each image by itself, small masks weigh as much as large ones, and an
  // empty mask may count fully when nothing is predicted. By these classes the folds are balanced.
  cell("Coverage")
  let percentages = coverage.map { $0 * 100 }
  let classes = try stage.coverageClasses()
  let counts = train.counts(of: classes)
  show(
    Chart.histogram(
      marked.map { percentages[$0] }, bins: 40, title: words.histogram, x: words.share, y: "images")
  )
  show(
    Chart.bars(
      counts.enumerated().map { (classes.label($0), Double($1)) }, title: "Coverage classes",
      x: "coverage class", y: "images"))

  // %% [markdown]
  // ## Depth
  // If training and test images lay at different depths, a network that is given the depth would be
  // misled; if depth says something about coverage, it should be given. In the second chart each dot
  // is an image, the line is the mean of bins with equally many images, and the band two standard
  // errors of it.
  cell("Depth")
  let testDepths = try stage.depths(ofTest: test)
  let related = train.depths.isEmpty ? nil : Statistics.Correlation(train.depths, percentages)
  if let related {
    let depth = "depth" + (competition.depthUnit.map { " (\($0))" } ?? "")
    show(
      Chart.histogram(
        [("training", train.depths), ("test", testDepths)], bins: 32,
        title: "Depths of training and test images", x: depth, y: "images"))
    show(
      Chart.scatter(
        train.depths, percentages, meanOfBins: settings.depthBins,
        title: "Coverage against depth", caption: "\(related)", x: depth, y: words.share))
  } else {
    show(markdown: "This competition gives no depths.")
  }

  // %% [markdown]
  // ## What stands out
  // Where the training table holds each mask a second time, as run lengths, all are decoded and compared
  // with the pictures. Blank images can't be segmented; tiny masks are all or nothing for the score; a
  // mask made of whole columns was drawn, not seen; and an image that occurs twice must not sit in
  // two folds.
  cell("Oddities")
  let different = try stage.masksUnlikeTheTable(train)
  if !different.isEmpty {
    stage.warn("run lengths differ from the mask picture: \(different.joined(separator: ", "))")
  }
  let oddities = Oddities.find(in: train, tinyMask: settings.tinyMask)
  let blank = Oddities.blank(in: test, name: "blank test images")
  for oddity in oddities where !oddity.images.isEmpty {
    show(
      try train.overlays(
        evenly(settings.oddities, of: oddity.images),
        title: "\(oddity.images.count.formatted()) \(oddity.name)"))
  }
  show(
    Table(
      columns: ["oddity", "images"],
      rows: [["run lengths unlike the picture", different.count.formatted()]]
        + (oddities + [blank]).map { [$0.name, $0.images.count.formatted()] }))

  // %% [markdown]
  // ## Neighbouring tiles
  // Images may be tiles of one large picture. Two whose borders go on in each other, better than in any other
  // image, are shown side by side, or one above the other, as they lie. If many are, the score of folds that part
  // them is too good; `folds.neighbours: together` keeps them in one fold.
  cell("Neighbouring tiles")
  let neighbours = try stage.neighbours(of: train)
  print(
    "\(neighbours.pairs.count.formatted()) pairs, of \(percent(neighbours.images.count, of: train.count)) of the "
      + "training images")
  for display in try train.galleries(of: neighbours, count: settings.examples) { show(display) }

  cell("The numbers as JSON")
  try stage.write(
    [
      "trainImages": train.count, "testImages": test.count, "emptyMasks": empty.count,
      "meanCoverage": meanCoverage,
      "coverageClasses": counts.enumerated().map {
        ClassCount(name: classes.label($0), images: $1)
      },
      "depth": ["train": Statistics.Spread(train.depths), "test": Statistics.Spread(testDepths)]
        .compactMapValues { $0 },
      "coverageAgainstDepth": related, "runLengthsDifferent": different,
      "oddities": oddities.ids(in: train)
        .merging([blank].ids(in: test)) { first, _ in first },
      "neighbours": neighbours.pairs.map { [train.ids[$0.first], train.ids[$0.second]] },
    ], to: "data/eda.json")
}
