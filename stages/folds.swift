// ---
// desc: Divides the training images into folds that are alike in coverage and depth
// deps: [data/train, "${competition.files.train_table}", "${competition.files.depths}"]
// params:
//   - competition.image
//   - competition.files
//   - competition.columns
//   - competition.rle
//   - competition.metric
//   - folds
//   - seed
// outs: [data/folds.csv]
// ---

import Datasets
import Foundation
import Notebook
import Segmentation
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # Folds
  // Each model is trained on all folds but one and judged on the one left out, so that every
  // training image gets a prediction by a model that never saw it. The folds are balanced by class
  // of coverage and, within a class, by depth. Images that are the same sample for sample share a
  // fold.

  cell("Divide")
  let competition = try stage.competition()
  let settings = try stage.parameters("folds", as: FoldSettings.self)
  let images = try stage.trainingImages(withDepths: competition.files.depths != nil)
  let folds = try Folds(of: images, settings, seed: stage.seed())
  try folds.write(to: stage.output("data/folds.csv"))

  // %% [markdown]
  // ## Are they alike?
  cell("Balance")
  let classes = CoverageClass(count: settings.coverageClasses)
  let pixels = images.width * images.height
  var rows: [[String]] = []
  for fold in 0..<folds.count {
    let members = try folds.validation(fold).map { try images.index(of: $0) }
    let coverage = members.reduce(0.0) { $0 + Double(images.area($1)) / Double(pixels) }
    let depth = members.reduce(0.0) {
      $0 + Double(images.features.isEmpty ? 0 : images.features[$1][0])
    }
    rows.append([
      "\(fold)", members.count.formatted(),
      members.count { images.area($0) == 0 }.formatted(),
      String(format: "%.2f %%", 100 * coverage / Double(members.count)),
      images.features.isEmpty ? "" : String(format: "%.1f", depth / Double(members.count)),
    ])
  }
  show(
    Table(
      caption: "Every row should be nearly the same.",
      columns: ["fold", "images", "empty masks", "mean coverage", "mean depth"], rows: rows))
  let layers = (0..<folds.count).map { fold -> Chart.Layer in
    var counts = [Double](repeating: 0, count: settings.coverageClasses + 1)
    for id in folds.validation(fold) {
      if let index = try? images.index(of: id) {
        counts[classes.index(area: images.area(index), pixels: pixels)] += 1
      }
    }
    return .bars(edges: [], heights: counts, name: "fold \(fold)")
  }
  show(
    Chart(
      title: "Coverage classes by fold", caption: "Bars of one class should be equally high.",
      x: Chart.Axis(
        "coverage class", categories: (0...settings.coverageClasses).map(classes.label)),
      y: Chart.Axis("images"), layers: layers))
}
