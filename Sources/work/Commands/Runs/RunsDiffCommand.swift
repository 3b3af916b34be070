// `work runs diff`: what differs between two runs.

import ArgumentParser
import Pipeline

struct RunsDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare two runs: parameters, code, metrics, images.",
    discussion: """
      A difference is new minus old. The instances of a stage, such as folds, are compared in pairs: ± is \
      half the 95 % interval of the mean difference (Student's t for pairs), and a difference within it is \
      called noise. Folds share training images, so take it as a guide. Images are compared if a header keeps \
      a table of their scores (`keep`, docs/adding-a-stage.md).
      """)

  @Argument(help: "The old run: an id, the beginning of one, a tag, latest or latest~1.")
  var old: String = "latest~1"

  @Argument(help: "The new run.")
  var new: String = "latest"

  @Option(
    help: ArgumentHelp("List at most this many of the images that changed most.", valueName: "n"))
  var images: Int = 10

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    if images < 0 { throw ValidationError("--images \(images): should be 0 or more") }
  }

  func run() throws {
    let history = RunHistory(try workspace.find())
    var diff = try history.diff(history.id(of: old), history.id(of: new))
    if output.json {
      for index in diff.scores.indices {
        diff.scores[index].changed = Array(diff.scores[index].changed.prefix(images))
      }
      return try Console.json(diff)
    }
    if !output.quiet { print("\(diff.old) → \(diff.new)") }
    showCauses(diff)
    let changed = diff.metrics.filter { $0.old != $0.new }
    if !changed.isEmpty {
      print("\nmetrics")
      MetricTable.print(changed)
    }
    for scores in diff.scores { show(scores) }
    if diff.parameters.isEmpty, diff.code.isEmpty, diff.inputs.isEmpty, changed.isEmpty {
      print("no difference is recorded")
    }
  }

  private func showCauses(_ diff: RunDiff) {
    if !diff.parameters.isEmpty {
      print("\nparameters")
      for change in diff.parameters {
        print("  \(change.name)  \(change.old ?? "none") → \(change.new ?? "none")")
      }
    }
    if !diff.code.isEmpty { print("\ncode        \(diff.code.joined(separator: ", "))") }
    if !diff.inputs.isEmpty { print("inputs      \(diff.inputs.joined(separator: ", "))") }
    if !diff.commits.isEmpty {
      let words = diff.commits.map { $0.map { String($0.prefix(10)) } ?? "none" }
      print("commit      \(words.joined(separator: " → "))")
    }
  }

  private func show(_ scores: RunDiff.Scores) {
    let count = scores.byRow.count
    print(
      "\n\(scores.path): \(scores.changed.count) of \(count) changed"
        + (scores.unmatched == 0 ? "" : ", \(scores.unmatched) only in one of the runs"))
    print("  mean by image  \(MetricTable.text(scores.byRow))")
    if let byFold = scores.byFold {
      print("  mean by fold   \(MetricTable.text(byFold))")
      MetricTable.print(scores.folds, title: "fold")
    }
    let worst = Array(scores.changed.prefix(images))
    guard !worst.isEmpty else { return }
    print("  changed most")
    MetricTable.print(worst, title: "image")
  }
}
