// `work log`: what a stage printed, and how it went.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Print the log of a stage's last execution, or follow it.",
    discussion: """
      The log goes to standard output. Start, end, CPU seconds, peak memory and exit code go to standard \
      error. A stage with several instances prints their logs one after another.
      """)

  @Argument(help: "The stage or instance.", completion: Completions.stages)
  var stage: String

  @Flag(name: .shortAndLong, help: "Keep printing until the execution ends.")
  var follow = false

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "Print the log of this run: an id, a tag, latest or latest~1.", valueName: "run"))
  var target: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard !(follow && output.json) else {
      throw ValidationError("--follow and --json exclude each other")
    }
  }

  func run() throws {
    let history = RunHistory(try workspace.find())
    let logs = try history.logs(of: stage, run: target.map(history.id(of:)))
    if output.json {
      return try Console.json(
        logs.map { log in
          let data = try? Data(contentsOf: log.file)
          return Line(facts: log.status(), text: data.map { String(decoding: $0, as: UTF8.self) })
        })
    }
    let interruption = follow ? Interruption.catchingSignals() : Interruption()
    for log in logs {
      if !output.quiet { show(start: log.status()) }
      try log.read(following: follow, interruption: interruption) {
        // A stage's own words: a terminal shows them, and doesn't obey them.
        let bytes =
          Console.outputColumns == nil
          ? $0 : Data(TerminalText.shown(String(decoding: $0, as: UTF8.self)).utf8)
        try FileHandle.standardOutput.write(contentsOf: bytes)
      }
      if interruption.count > 0 { throw Finished(code: .interrupted) }
      if !output.quiet { show(end: log.status()) }
    }
  }

  private func show(start facts: RunLog.Status) {
    let time = facts.started.map { ", started \(Readable.time($0, seconds: true))" } ?? ""
    Console.write(Console.dim("── \(facts.instance) in the run \(facts.run)\(time)") + "\n")
  }

  private func show(end facts: RunLog.Status) {
    let parts = [
      facts.outcome, facts.ended.map { "ended \(Readable.time($0, seconds: true))" },
      facts.seconds.map { "took \(Readable.duration($0))" },
      facts.cpuSeconds.map { "CPU \(Readable.duration($0))" },
      facts.peakMemory.map { "\(Readable.bytes($0)) at most" },
      facts.exitStatus.map { "exit code \($0)" },
    ].compactMap { $0 }
    Console.write(Console.dim("── \(parts.joined(separator: ", "))") + "\n")
  }

  private struct Line: Encodable {
    var facts: RunLog.Status
    var text: String?
  }
}
