// Runs the runner for a command: display, pages, summary.

import Foundation
import Notebook
import Pipeline

enum Execution {
  /// Passes every event on to several observers, in order.
  private struct Observers: RunObserver {
    var all: [any RunObserver]
    func observe(_ event: RunEvent) { for one in all { one.observe(event) } }
  }

  /// Runs, shows, and renders pages. On the main thread, which waits for stages: a thread of
  /// Swift's pool that did so would be missing to the demo's server.
  @MainActor
  static func run(_ runner: sending Runner, _ options: RunOptions, _ output: OutputOptions)
    async throws -> RunSummary
  {
    let observers = Observers(all: [
      PageWriter(runner), RunDisplay(quiet: output.quiet || output.json),
    ])
    var options = options
    options.interruption = .catchingSignals()
    options.command = Arguments.words(CommandLine.arguments)
    options.host = Host.facts
    let summary = try runner.run(options, observer: observers)
    if summary.folder != nil {
      do { try Pages.writeIndex(runner) } catch {
        Console.warning("the index of pages could not be written: \(error)")
      }
    }
    if output.json {
      try Console.json(Report(summary))
    } else if !output.quiet || summary.exit != .ok {
      Console.write("\(summary.message)\n")
    }
    return summary
  }

  /// Where the results are: the pages, and of what was run the submission and the score.
  static func tellResults(_ summary: RunSummary, _ workspace: Workspace) {
    let files = FileManager.default
    let index = workspace.pages.appendingPathComponent("index.html")
    if files.fileExists(atPath: index.path) { print("pages       \(index.path)") }
    let submission = workspace.place("submissions/submission.csv")
    if summary.results.contains(where: { $0.stage == "submission" }),
      files.fileExists(atPath: submission.path)
    {
      print("submission  \(submission.path)")
    }
    // The last stage that names a score; of several instances the mean, for one fold's isn't that of all.
    guard let stage = summary.results.last(where: { $0.metrics["score"] != nil })?.stage else {
      return
    }
    let scores = summary.results.filter { $0.stage == stage }.compactMap { $0.metrics["score"] }
    let mean = String(format: "%.4f", scores.reduce(0, +) / Double(scores.count))
    print("score       \(mean) (\(scores.count > 1 ? "mean of \(scores.count) of " : "")\(stage))")
  }

  private struct Report: Encodable {
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
    }
    var exit: Int32
    var message: String
    var folder: String?
    var results: [Line]

    init(_ summary: RunSummary) {
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
          error: result.error, log: result.log?.path)
      }
    }
  }
}
