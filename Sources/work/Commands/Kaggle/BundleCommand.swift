// `work bundle`: one folder that predicts a hidden test set, for competitions that take notebooks.

import ArgumentParser
import Basics
import Bundles
import Foundation
import Pipeline

struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Make a folder that predicts a hidden test set with nothing installed.",
    discussion: """
      For code competitions, where a notebook at Kaggle predicts images that nobody has seen. The folder holds a \
      program with all libraries that it loads, the models of all folds, what evaluate chose, the parameters of the \
      latest prediction, and a notebook that runs it. With --check the program predicts the test images that are \
      here, and what it writes is compared byte for byte with submissions/submission.csv; exits with 1 if it differs.
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write it there; by default .work/bundle.", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Flag(help: "Run it on the test images here, and compare the submissions.")
  var check = false

  @OptionGroup var printing: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  @MainActor
  func run() async throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    let folder =
      output.map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? BundleMaker.usualPlace(workspace)
    let maker = try BundleMaker(runner)
    for warning in maker.warnings { Console.warning(warning) }
    let unknown = try maker.write(to: folder, quiet: printing.quiet || printing.json)
    if !unknown.isEmpty {
      Console.warning(
        "no licence was found of \(unknown.joined(separator: ", ")); add them before you hand the bundle on"
      )
    }
    var answer = Answer(bundle: folder.path, sizes: BundleWriter.sizes(of: folder))
    if check {
      let trial = BundleTrial(bundle: folder, workspace: workspace, archive: maker.archive)
      answer.check = try trial.run(quiet: printing.quiet || printing.json)
    }
    if printing.json {
      try Console.json(answer)
    } else if !printing.quiet {
      print(answer.text)
    }
    if let check = answer.check, !check.isSame { throw Finished(code: .failed) }
  }

  /// What is printed with `--json`.
  private struct Answer: Encodable {
    var bundle: String
    var sizes: [BundleWriter.Size]
    var check: BundleTrial.Outcome?

    var text: String {
      var lines = ["bundle      \(bundle), \(Readable.bytes(sizes.reduce(0) { $0 + $1.bytes }))"]
      lines += sizes.filter { $0.bytes >= 100_000 }.map {
        "            \($0.name)  \(Readable.bytes($0.bytes))"
      }
      if let check {
        lines.append("check       \(check.text)")
      } else {
        lines.append("try it      work bundle --check")
      }
      lines.append(
        "run it      \(ShellLine.word(bundle + "/predict")) --images FOLDER --output FILE")
      lines.append("submit it   work submit --notebook")
      return lines.joined(separator: "\n")
    }
  }
}
