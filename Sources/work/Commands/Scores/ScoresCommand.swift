// `work scores`: the ledger of submissions, what Kaggle said of them, and how two differ.

import ArgumentParser
import Basics
import Foundation
import Hashing
import Pipeline
import Scores

struct ScoresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scores",
    abstract: "List submissions with their scores here and at Kaggle; compare two.",
    discussion: """
      `work scores` alone is `work scores list` and takes its options. Each submission that a run writes is \
      recorded in submissions/ledger.json, which belongs into git, and its file is kept in submissions/files. \
      Name a submission by its number, by six digits or more of its SHA-256, by the run that wrote it, as \
      `latest`, or as `latest~1` for the one before.
      """,
    subcommands: [ScoresListCommand.self, ScoresSetCommand.self, ScoresCompareCommand.self],
    defaultSubcommand: ScoresListCommand.self)
}

struct ScoresListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List submissions, oldest first.",
    discussion: """
      cv is the out-of-fold score, ± the standard deviation of the folds' scores. The rank is an estimate: where \
      the cv would have stood on the final board (competition.leaderboard), although it is of other images.
      """)

  @Flag(help: "Write a page with the table and a chart of cv against Kaggle's scores, and open it.")
  var open = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let ledger = try SubmissionLedger(workspace)
    if open {
      let page = try ScoresPage.write(ledger, workspace)
      print(page.path)
      return Browser.open(page)
    }
    if output.json { return try Console.json(ledger.entries) }
    if ledger.entries.isEmpty {
      if !output.quiet {
        Console.write("no submission is recorded yet; `work run all` records what it writes\n")
      }
      return
    }
    ScoresTable(ledger).text.print()
  }
}

struct ScoresSetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Note what Kaggle said of a submission.")

  @Argument(help: "The submission: its number, SHA-256 or run, latest or latest~1.")
  var target: String

  @Option(help: ArgumentHelp("The score on the public board.", valueName: "score"))
  var `public`: Double?

  @Option(help: ArgumentHelp("The score on the private board.", valueName: "score"))
  var `private`: Double?

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard `public` != nil || `private` != nil else {
      throw ValidationError("say what Kaggle said: --public SCORE, --private SCORE, or both")
    }
    for (name, value) in [("public", `public`), ("private", `private`)] {
      if let value, !value.isFinite {
        throw ValidationError("--\(name) \(value): should be a number")
      }
    }
  }

  func run() throws {
    var ledger = try SubmissionLedger(try workspace.find())
    let number = try ledger.entry(target).number
    let entry = try ledger.set(number, publicScore: `public`, privateScore: `private`)
    if output.json { return try Console.json(entry) }
    if output.quiet { return }
    let scores = [
      entry.publicScore.map { "public \(Readable.number($0))" },
      entry.privateScore.map { "private \(Readable.number($0))" },
    ].compactMap { $0 }
    print("submission \(entry.number): \(scores.joined(separator: ", "))")
  }
}

struct ScoresCompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two submissions: masks, pixels, and whether the gain is more than noise.",
    discussion: """
      Without names, compares the latest submission with the one before it that should score best; with one name, \
      that one with the latest. ± is half the 95 % interval of the gain: over pairs of images where both runs \
      have kept what each image scored, else from the spread of the folds, which is wider. A gain within it is \
      called noise.
      """)

  @Argument(help: "The old submission: its number, SHA-256 or run, latest~1, or a file.")
  var old: String?

  @Argument(help: "The new submission; by default the latest.")
  var new: String = "latest"

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let ledger = try SubmissionLedger(workspace)
    let layout = try SubmissionLayout(
      Runner(workspace: workspace).parameters["competition"] ?? .null)
    let after = try side(new, ledger)
    let before: SubmissionComparison.Side
    if let old {
      before = try side(old, ledger)
    } else {
      let latest = try ledger.entry("latest")
      guard let best = ledger.best(before: latest) else {
        throw PipelineError(
          "only one submission is recorded, so there is nothing to compare it with; name two files")
      }
      before = .init(best, ledger)
    }
    let comparison = try SubmissionComparison(before, after, layout, RunHistory(workspace))
    if output.json { return try Console.json(comparison) }
    comparison.show()
  }

  /// What a name stands for: a file where one is there, else a submission of the ledger.
  private func side(_ name: String, _ ledger: SubmissionLedger) throws -> SubmissionComparison.Side
  {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), !isFolder.boolValue {
      let url = URL(fileURLWithPath: name)
      let bytes: Data
      do { bytes = try Data(contentsOf: url) } catch {
        throw InputError("\(url.path): can't be read (\(systemReason(error)))")
      }
      return .init(file: url, sha256: Digest.hex(of: [UInt8](bytes)), ledger)
    }
    return .init(try ledger.entry(name), ledger)
  }
}
