// `work queue`: the settings of sweeps that wait, and what can be asked of them from another terminal.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Show the settings of sweeps that wait; pause, resume or remove them.",
    discussion: """
      `work queue` alone is `work queue list` and takes its options. All of it works from another terminal while a \
      sweep runs, and while none does. A setting is named by its number, or as SWEEP.NUMBER where several sweeps have \
      settings that wait.
      """,
    subcommands: [
      QueueListCommand.self, QueuePauseCommand.self, QueueResumeCommand.self,
      QueueRemoveCommand.self,
    ], defaultSubcommand: QueueListCommand.self)
}

struct QueueListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show what runs and what waits, with the time that it should take.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let sweeps = Sweeps(try workspace.find())
    let queue = try SweepQueue(sweeps)
    if output.json { return try Console.json(queue) }
    if !queue.settings.isEmpty {
      TextTable(
        columns: [
          .init(title: "setting", importance: 9), .init(title: "state", importance: 8),
          .init(title: "values", isElastic: true, importance: 5),
          .init(title: "expected", isNumber: true, importance: 6),
        ],
        rows: queue.settings.map { line in
          [
            line.name, line.state.rawValue,
            line.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
              .joined(separator: "  "),
            line.expectedSeconds.map(Readable.duration) ?? "",
          ]
        }, elsewhere: "--json has all"
      ).print()
    }
    if !output.quiet { Console.write("\(queue.summary)\n") }
  }
}

struct QueuePauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Begin no further setting; what runs goes on.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let sweeps = Sweeps(try workspace.find())
    try sweeps.pause()
    try QueueAnswer(paused: true, removed: []).show(
      output,
      sweeps.runningProcess == nil
        ? "paused: the next `work sweep` waits for `work queue resume`"
        : "paused: the setting that runs goes on, and then the sweep waits for `work queue resume`")
  }
}

struct QueueResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let sweeps go on that were paused.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let sweeps = Sweeps(try workspace.find())
    try sweeps.resume()
    let isIdle = try sweeps.runningProcess == nil && sweeps.all().contains { $0.isOpen }
    try QueueAnswer(paused: false, removed: []).show(
      output,
      "goes on" + (isIdle ? "; no sweep is running: `work sweep --resume` runs the latest" : ""))
  }
}

struct QueueRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take settings out that wait.")

  @Argument(help: ArgumentHelp("Settings, as `work queue` names them.", valueName: "setting"))
  var settings: [String]

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let sweeps = Sweeps(try workspace.find())
    let queue = try SweepQueue(sweeps)
    // All names are looked at before anything is removed.
    let meant = try settings.map { try queue.resolve($0) }
    for (sweep, number) in meant { try sweeps.remove(setting: number, of: sweep) }
    let names = meant.map { "\($0.sweep).\($0.number)" }
    try QueueAnswer(paused: sweeps.isPaused, removed: names).show(
      output, "removed: \(names.joined(separator: ", "))")
  }
}

/// What `--json` prints of a request.
private struct QueueAnswer: Encodable {
  var paused: Bool
  var removed: [String]

  func show(_ output: OutputOptions, _ text: String) throws {
    if output.json { return try Console.json(self) }
    if !output.quiet { print(text) }
  }
}

/// All settings that run or wait.
private struct SweepQueue: Encodable {
  struct Line: Encodable {
    var sweep: Int
    var number: Int
    var state: Sweep.State
    var values: [String: String]
    /// By what others of the sweep took; nil before the first has ended.
    var expectedSeconds: Double?
    var name: String { "\(sweep).\(number)" }
  }

  var paused: Bool
  /// The process that runs a sweep.
  var process: Int32?
  var settings: [Line]
  /// Of all that waits, as far as it is known and budgets allow it.
  var expectedSeconds: Double
  private var known: [Int: Int] = [:]

  private enum CodingKeys: String, CodingKey { case paused, process, settings, expectedSeconds }

  init(_ sweeps: Sweeps) throws {
    paused = sweeps.isPaused
    process = sweeps.runningProcess
    let all = try sweeps.all()
    known = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0.settings.count) })
    settings = all.flatMap { sweep in
      sweep.settings(.running, .waiting).map { setting in
        Line(
          sweep: sweep.id, number: setting.number, state: setting.state,
          values: Dictionary(uniqueKeysWithValues: zip(sweep.keys, setting.values)),
          expectedSeconds: sweep.expectedSeconds)
      }
    }
    expectedSeconds = all.reduce(0) { $0 + Double($1.allowedCount) * ($1.expectedSeconds ?? 0) }
  }

  var summary: String {
    let waiting = settings.count { $0.state == .waiting }
    guard !settings.isEmpty else {
      return "nothing waits; `work sweep` begins a sweep"
        + (paused ? " (paused: `work queue resume` first)" : "")
    }
    let unknown = settings.contains { $0.expectedSeconds == nil }
    let time =
      expectedSeconds > 0
      ? ", about \(Readable.duration(expectedSeconds))" + (unknown ? " and more" : "") : ""
    let state =
      paused
      ? "; paused, `work queue resume` lets it go on"
      : process == nil ? "; no sweep is running: `work sweep --resume` runs the latest" : ""
    return "\(waiting) waiting\(time)\(state)"
  }

  /// The sweep and number that a name means: "3", or "2.3".
  func resolve(_ name: String) throws -> (sweep: Int, number: Int) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    if parts.count == 2, let sweep = parts[0], let number = parts[1] {
      guard known[sweep] != nil else {
        throw PipelineError("no sweep \(sweep); `work queue` shows what waits")
      }
      return (sweep, number)
    }
    guard parts.count == 1, let number = parts[0] else {
      throw PipelineError("\(name): a setting is a number, as in 3, or in 2.3 of sweep 2")
    }
    let sweeps = Set(settings.map(\.sweep)).sorted()
    guard let sweep = sweeps.last ?? known.keys.max() else {
      throw PipelineError("\(name): nothing waits; `work sweep` begins a sweep")
    }
    guard sweeps.count < 2 else {
      throw PipelineError(
        "\(name): several sweeps have settings that wait; say of which one, as in \(sweep).\(number)"
      )
    }
    return (sweep, number)
  }
}
