// ---
// desc: Divides the training images into folds that are alike in coverage and depth
// deps:
//   - data/train
//   - "${competition.files.train_table?}"
//   - "${competition.files.depths?}"
//   - "${competition.files.groups?}"
//   - "${competition.files.folds?}"
// params:
//   - competition.kind?
//   - competition.classes?
//   - competition.image
//   - competition.files
//   - competition.columns
//   - competition.mask?
//   - competition.missing_masks?
//   - competition.skip_bad?
//   - competition.groups?
//   - competition.rle
//   - competition.submission?
//   - competition.metric
//   - folds
//   - seed
// outs: [data/folds.csv]
// ---

import Datasets
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # Folds
  // Each model is trained on all folds but one and judged on the one left out, so that every
  // training image gets a prediction by a model that never saw it. The folds are balanced by class
  // of coverage and, within a class, by depth. Images that are identical, sample for sample, share a
  // fold, and so do those of one group where the competition has groups, and tiles of one picture whose
  // borders go on in each other, as far as they are found: a network that has seen one of two knows
  // something of the other.

  cell("Divide")
  let settings: FoldSettings = try stage.parameters("folds")
  try stage.checkRunLengths()
  let images = try stage.trainingImages()
  if let compared = try stage.checkTargets(images) { print(compared) }
  let neighbours = try stage.neighbours(of: images, settings)
  if let neighbours { print("\(neighbours.pairs.count) pairs of neighbouring tiles share a fold") }
  let folds = try stage.divide(images, settings, neighbours: neighbours)
  try folds.write(to: stage.output("data/folds.csv"))

  // %% [markdown]
  // ## Are they alike?
  // Every row of the table should be nearly the same, and the bars of one class equally high.
  cell("Balance")
  let members = try (0..<folds.count).map { try folds.images(of: $0, in: images) }
  show(
    Table(
      columns: ["fold", "images", "empty masks", "mean coverage", "mean depth"],
      rows: members.enumerated().map { fold, members in
        [
          "\(fold)", members.count.formatted(),
          members.count { images.area($0) == 0 }.formatted(),
          mean(of: images.coverage, at: members).map(percent) ?? "",
          mean(of: images.depths, at: members).map { String(format: "%.1f", $0) } ?? "",
        ]
      }))
  let classes = CoverageClass(count: settings.coverageClasses)
  show(
    Chart(
      title: "Coverage classes by fold",
      x: Chart.Axis("coverage class", categories: (0...classes.count).map(classes.label)),
      y: Chart.Axis("images"),
      layers: members.enumerated().map { fold, members in
        .bars(
          edges: [], heights: images.counts(of: classes, among: members).map(Double.init),
          name: "fold \(fold)")
      }))
}
