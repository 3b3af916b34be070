// A run that a command asks for: watched on the terminal, its pages written, its end told.

import Basics
import Foundation
import Pipeline

/// How a run went.
struct RunOutcome {
  let summary: RunSummary
  let workspace: Workspace
  /// The submission that it wrote, as the ledger has it.
  let submission: RecordedSubmission?

  /// Passes every event on to several observers, in order.
  private struct Observers: RunObserver {
    var all: [any RunObserver]
    func observe(_ event: RunEvent) { for one in all { one.observe(event) } }
  }

  /// Runs, shows progress, renders pages, and says how it ended. On the main thread, which waits for
  /// stages: a thread of Swift's pool that waited would be missing to the demo's server.
  @MainActor
  static func running(_ runner: sending Runner, _ options: RunOptions, _ output: OutputOptions)
    async throws -> RunOutcome
  {
    try ChosenNames.check(runner)
    ChosenNames.warnOfSections(runner)
    try await PretrainedWeights.bring(for: runner, options, output)
    let observers = Observers(all: [
      PageWriter(runner), RunDisplay(quiet: output.quiet || output.json),
    ])
    var options = options
    options.interruption = .catchingSignals()
    options.command = ShellLine.work(CommandLine.arguments.dropFirst())
    options.host = HostFacts.now
    let summary = try runner.run(options, observer: observers)
    if summary.folder != nil {
      do { try Pages.writeIndex(runner) } catch {
        Console.warning("the index of pages could not be written: \(error)")
      }
    }
    var submission: RecordedSubmission?
    do { submission = try RecordedSubmission.record(summary, runner) } catch {
      Console.warning("the submission is not recorded in the ledger: \(error)")
    }
    if output.json {
      try Console.json(RunAnswer(summary, submission))
    } else if !output.quiet || summary.exit != .ok {
      Console.write("\(summary.message)\n")
    }
    await RunNotice.tell(summary, runner)
    return RunOutcome(summary: summary, workspace: runner.workspace, submission: submission)
  }

  /// - Throws: `Finished` with the run's exit code, unless the run ended well.
  func check() throws {
    if summary.exit != .ok { throw Finished(code: summary.exit) }
  }

  /// Prints where the results are: the pages, and of what was run the submission and the score.
  func showResults() {
    let files = FileManager.default
    let index = workspace.pages.appendingPathComponent("index.html")
    if files.fileExists(atPath: index.path) { print("pages       \(index.path)") }
    let submission = workspace.url(of: "submissions/submission.csv")
    if summary.results.contains(where: { $0.stage == "submission" }),
      files.fileExists(atPath: submission.path)
    {
      print("submission  \(submission.path)")
    }
    if let recorded = self.submission { print("ledger      \(recorded.line)") }
    // The last stage that names a score; of several instances the mean, for one fold's isn't that of all.
    guard let stage = summary.results.last(where: { $0.metrics["score"] != nil })?.stage else {
      return
    }
    let scores = summary.results.filter { $0.stage == stage }.compactMap { $0.metrics["score"] }
    let mean = String(format: "%.4f", scores.reduce(0, +) / Double(scores.count))
    print("score       \(mean) (\(scores.count > 1 ? "mean of \(scores.count) of " : "")\(stage))")
  }
}

/// What `work run --json` prints.
private struct RunAnswer: Encodable {
  struct Line: Encodable {
    var instance: String
    var outcome: String
    var reasons: [String]
    var seconds: Double?
    var cpuSeconds: Double?
    var peakMemoryBytes: Int?
    var exitStatus: Int32?
    var metrics: [String: Double]
    var restoredFrom: String?
    var restoredBy: String?
    var error: String?
    var log: String?
    var job: String?
  }
  var exit: Int32
  var message: String
  var folder: String?
  /// Its number in the ledger; nil where the run wrote none.
  var submission: Int?
  var results: [Line]

  init(_ summary: RunSummary, _ submission: RecordedSubmission?) {
    self.submission = submission?.entry.number
    exit = summary.exit.rawValue
    message = summary.message
    folder = summary.folder?.path
    results = summary.results.map { result in
      Line(
        instance: result.instance, outcome: result.outcome.rawValue,
        reasons: result.reasons.map(\.description), seconds: result.seconds,
        cpuSeconds: result.cpuSeconds, peakMemoryBytes: result.peakMemory,
        exitStatus: result.exitStatus, metrics: result.metrics,
        restoredFrom: result.restored?.run, restoredBy: result.restored?.sharing,
        error: result.error, log: result.log?.path, job: result.job)
    }
  }
}
