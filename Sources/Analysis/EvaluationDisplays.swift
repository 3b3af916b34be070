// An evaluation as tables and charts for a page, and as tables for other programs.

public import Basics
public import Datasets
import Foundation
public import Notebook

extension Evaluation {
  /// The score, and how it came about.
  /// - Parameter own: the score by a command of the user's own; nil without one.
  public func figures(_ kind: TargetKind, own: Double? = nil) -> [Figure] {
    let score = Figure(
      "out-of-fold score", decimal(own ?? score), note: "\(metric), \(folds.count) folds")
    let choice = final.figure(kind)
    guard kind != .labels else { return [score, choice] }
    return [
      score, Figure("without tuning", decimal(scoreAtHalf), note: "at threshold 0.5"),
      Figure(choice.name, choice.value, note: "for the submission; \(choice.note ?? "")"),
    ]
  }

  /// Whether there was anything to choose.
  private var isTuned: Bool { confusion == nil }

  /// Whether holes or parts were tuned.
  private var isCleaned: Bool { !grid.allSatisfy(\.setting.cleaning.isNone) }

  /// A row a fold: the setting that was chosen on the others, and its score.
  public var foldTable: Table {
    guard final.instances == nil, classes == nil, !isCleaned else { return plainFoldTable }
    return Table(
      title: "By fold", caption: "The setting of a fold was chosen on the others.",
      columns: ["fold", "images", "threshold", "minimum area", "score", "at threshold 0.5"],
      rows: folds.map { fold in
        [
          "\(fold.fold)", fold.images.formatted(), String(format: "%.2f", fold.setting.threshold),
          "\(fold.setting.minimumArea)", decimal(fold.score), decimal(fold.scoreAtHalf),
        ]
      })
  }

  private var plainFoldTable: Table {
    guard isTuned else {
      return Table(
        title: "By fold", columns: ["fold", "images", "score"],
        rows: folds.map { ["\($0.fold)", $0.images.formatted(), decimal($0.score)] })
    }
    return Table(
      title: "By fold",
      caption: final.instances == nil && !isCleaned
        ? nil : "The setting of a fold was chosen on the others.",
      columns: ["fold", "images", "threshold", "setting", "score", "without tuning"],
      rows: folds.map {
        [
          "\($0.fold)", $0.images.formatted(), $0.setting.words.threshold, $0.setting.words.rest,
          decimal($0.score), decimal($0.scoreAtHalf),
        ]
      })
  }

  /// A row a class; nil where there is one class.
  public var classTable: Table? {
    classes.map { classes in
      let pixels = max(1, classes.reduce(0) { $0 + $1.truth })
      return Table(
        columns: ["class", "score", "of all marked pixels", "predicted, as a share of the truth"],
        rows: classes.map {
          [
            $0.name, $0.score.map(decimal) ?? "–",
            percent(Double($0.truth) / Double(pixels)),
            $0.truth == 0 ? "–" : percent(Double($0.predicted) / Double($0.truth)),
          ]
        })
    }
  }

  /// How often each true class is taken for each other, in per cent of its pixels; nil where classes aren't
  /// exclusive.
  public var confusionTable: Table? {
    guard let confusion, let names = classes?.map(\.name) else { return nil }
    return Table(
      title: "What is taken for what",
      caption:
        "A row is a true class, a column what is predicted, in per cent of the row's pixels.",
      columns: [""] + names,
      rows: zip(names, confusion).map { name, row in
        let total = row.reduce(0, +)
        return [name]
          + row.map {
            total == 0
              ? "–" : $0 == 0 ? "" : String(format: "%.1f", 100 * Double($0) / Double(total))
          }
      })
  }

  /// A row a group, the lowest scores first; at most `count`.
  /// - Parameter groups: of each of `images`.
  public func groupTable(_ groups: [String], count: Int = 20) -> Table {
    let members = Dictionary(grouping: images.indices) { groups[$0] }
    let rows = members.map { group, images in
      (
        group: group, images: images.count,
        score: images.reduce(0) { $0 + self.images[$1].score } / Double(images.count)
      )
    }.sorted { ($0.score, $0.group) < ($1.score, $1.group) }
    return Table(
      title: "By group",
      caption: rows.count > count
        ? "The \(count) lowest of \(rows.count) groups; the mean of their images' scores."
        : "The mean of their images' scores.", columns: ["group", "images", "score"],
      rows: rows.prefix(count).map { [$0.group, $0.images.formatted(), decimal($0.score)] })
  }

  /// A row a class of coverage.
  public var coverageTable: Table {
    Table(
      columns: ["coverage", "images", "score"] + (isTuned ? ["at threshold 0.5"] : []),
      rows: bins.map {
        [$0.label, $0.images.formatted(), decimal($0.score)]
          + (isTuned ? [decimal($0.scoreAtHalf)] : [])
      })
  }

  /// The score by threshold: a line for each of at most four minimum areas, with the holes and parts that were chosen.
  /// - Returns: nil where nothing is tuned.
  public var thresholdChart: Chart? {
    guard grid.count > 1 else { return nil }
    if final.instances != nil { return instanceChart }
    let areas = Set(grid.map(\.setting.minimumArea)).sorted()
    return Chart(
      title: "Score against the threshold", x: Chart.Axis("threshold of probability"),
      y: Chart.Axis(metric),
      layers: evenly(4, of: areas).map { area in
        let points = grid.filter {
          $0.setting.minimumArea == area && $0.setting.cleaning == final.cleaning
        }
        return .line(
          x: points.map(\.setting.threshold), y: points.map(\.score), name: "minimum area \(area)")
      })
  }

  /// The score of instances by the threshold of foreground: a line a threshold of cores.
  private var instanceChart: Chart {
    let cores = Set(grid.compactMap(\.setting.instances?.seedThreshold)).sorted()
    return Chart(
      title: "Score against the thresholds", x: Chart.Axis("threshold of foreground"),
      y: Chart.Axis(metric),
      layers: cores.map { core in
        let points = grid.filter { $0.setting.instances?.seedThreshold == core }
        let best = Dictionary(grouping: points) { $0.setting.instances?.foregroundThreshold ?? 0 }
          .mapValues { $0.map(\.score).max() ?? 0 }.sorted { $0.key < $1.key }
        return .line(
          x: best.map(\.key), y: best.map(\.value),
          name: "cores above \(String(format: "%.2f", core))")
      })
  }

  /// The score of each image, and its fold.
  public func scores(idColumn: String) -> CSV {
    CSV(
      columns: [idColumn, "fold", "score"],
      rows: images.map { [$0.id, "\($0.fold)", "\($0.score)"] })
  }
}
