// An evaluation as tables and charts for a page, and as tables for other programs.

public import Basics
import Datasets
import Foundation
public import Notebook

extension Evaluation {
  /// A row a fold: the setting that was chosen on the others, and its score.
  public var foldTable: Table {
    Table(
      title: "By fold", caption: "The setting of a fold was chosen on the others.",
      columns: ["fold", "images", "threshold", "minimum area", "score", "at threshold 0.5"],
      rows: folds.map { fold in
        [
          "\(fold.fold)", fold.images.formatted(), String(format: "%.2f", fold.setting.threshold),
          "\(fold.setting.minimumArea)", decimal(fold.score), decimal(fold.scoreAtHalf),
        ]
      })
  }

  /// A row a class of coverage.
  public var coverageTable: Table {
    Table(
      columns: ["coverage", "images", "score", "at threshold 0.5"],
      rows: bins.map {
        [$0.label, $0.images.formatted(), decimal($0.score), decimal($0.scoreAtHalf)]
      })
  }

  /// The score by threshold: a line for each of at most four minimum areas.
  public var thresholdChart: Chart {
    let areas = Set(grid.map(\.setting.minimumArea)).sorted()
    return Chart(
      title: "Score against the threshold", x: Chart.Axis("threshold of probability"),
      y: Chart.Axis(metric),
      layers: evenly(4, of: areas).map { area in
        let points = grid.filter { $0.setting.minimumArea == area }
        return .line(
          x: points.map(\.setting.threshold), y: points.map(\.score), name: "minimum area \(area)")
      })
  }

  /// The score of each image, and its fold.
  public func scores(idColumn: String) -> CSV {
    CSV(
      columns: [idColumn, "fold", "score"],
      rows: images.map { [$0.id, "\($0.fold)", "\($0.score)"] })
  }
}
