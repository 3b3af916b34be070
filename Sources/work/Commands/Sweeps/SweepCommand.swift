// `work sweep`: runs settings of parameters one after the other, and says which is best and what each parameter does.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct SweepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run settings of parameters one after the other, and say what each does.",
    discussion: """
      `-S KEY=A,B,C` tries values, `-S KEY=LOW..HIGH:COUNT` evenly spaced numbers, with `:log` behind it by factors; a \
      single value is the same for all. All combinations are run, or with --random some that are drawn; from a range \
      without a count, then. Stages that settings share run once: the cache has them. Repeat the command, or give \
      --resume, to go on with a sweep that was stopped or killed, and to try again what has failed. In the end, \
      params.yaml is as before, unless --apply writes the best setting down, and the outputs are those that it comes to, \
      as far as they are in the cache (docs/sweeps.md).
      """)

  @Option(help: ArgumentHelp("Draw so many settings at random.", valueName: "n"))
  var random: Int?

  @Option(help: "Of all that is drawn: the same seed draws the same.")
  var seed = 0

  @Option(
    help: ArgumentHelp(
      "Run at most so many settings, spread over all; the others wait for more.", valueName: "n"))
  var budget: Int?

  @Option(
    help: ArgumentHelp(
      "Begin no setting that isn't expected to end within so many hours of running.",
      valueName: "h"))
  var hours: Double?

  @Option(
    help: ArgumentHelp(
      "The stage to which settings are run. (default: evaluate, where there is such a stage; else all)",
      valueName: "stage"),
    completion: Completions.stages)
  var to: String?

  @Option(help: ArgumentHelp("The number to judge by, as a stage names it.", valueName: "name"))
  var metric = "score"

  @Flag(help: "Less is better, as of a loss.")
  var minimize = false

  @Option(
    help: ArgumentHelp(
      "Train all settings for so many epochs, then the best third for three times as many, and so on.",
      valueName: "epochs"))
  var halving: Int?

  @Option(
    defaultAsFlag: "latest",
    help: ArgumentHelp(
      "Go on with this sweep; --resume alone: with the latest.", valueName: "sweep"))
  var resume: String?

  @Flag(help: "In the end, write the values of the best setting into params.yaml.")
  var apply = false

  @Flag(
    help: ArgumentHelp(
      "Print the settings; run nothing.",
      discussion: "Exits with 5 if something would run, with 0 if nothing would."))
  var dryRun = false

  @OptionGroup var overrides: OverrideOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    if let budget, budget < 1 { throw ValidationError("--budget \(budget): should be 1 or more") }
    if let hours, !hours.isFinite || hours <= 0 {
      throw ValidationError("--hours \(hours): should be above 0")
    }
    if let halving {
      guard halving > 0 else { throw ValidationError("--halving \(halving): should be 1 or more") }
      if budget != nil {
        throw ValidationError(
          "--halving and --budget exclude each other: which settings are trained to the end is what --halving finds out"
        )
      }
    }
    guard resume != nil else { return }
    let others = [
      overrides.overrides.isEmpty && overrides.named.isEmpty ? nil : "-S",
      random.map { _ in "--random" },
      seed == 0 ? nil : "--seed", to.map { _ in "--to" }, metric == "score" ? nil : "--metric",
      minimize ? "--minimize" : nil, halving.map { _ in "--halving" },
    ].compactMap { $0 }
    if let other = others.first {
      throw ValidationError(
        "--resume goes on with a sweep as it is, so that \(other) can't be given; without --resume, it is a new sweep"
      )
    }
  }

  @MainActor
  func run() async throws {
    let place = try workspace.find()
    let sweeps = Sweeps(place)
    if dryRun { return try show(sweeps) }
    let right = try sweeps.take()
    var sweep = try begin(sweeps)
    if let budget { sweep.budget = budget }
    if let hours { sweep.hours = hours }
    try sweeps.save(sweep)
    var loop = SweepLoop(sweeps, sweep, overrides, output)
    let exit = try await loop.run()
    withExtendedLifetime(right) {}
    let report = SweepReport(loop.sweep, place, reason: loop.ending)
    var applied: [String]?
    if apply, exit != .interrupted, let best = loop.sweep.best {
      applied = try SweepApplication(loop.sweep, best).write(place)
    }
    if exit != .interrupted { try await loop.putBack() }
    try report.show(output, applied: applied, exit: exit)
    if exit != .ok { throw Finished(code: exit) }
  }

  /// The sweep that is asked for: a new one, or one that has begun.
  private func begin(_ sweeps: Sweeps) throws -> Sweep {
    if let resume { return try sweeps.begin(number(resume, sweeps)) }
    let (request, space, runner) = try request(sweeps.workspace)
    let basis = try Sweep.basis(
      runner.project, target: request.target, without: space.keys)
    if let earlier = try sweeps.latest(request, basis: basis) {
      return try sweeps.begin(earlier.id)
    }
    let values = try values(space, request)
    try Self.check(values, of: space, request, sweeps.workspace)
    return try sweeps.make(request, keys: space.keys, values: values, basis: basis)
  }

  private func number(_ name: String, _ sweeps: Sweeps) throws -> Int {
    let ids = sweeps.ids()
    guard let latest = ids.last else {
      throw PipelineError(
        "no sweep is recorded in \(sweeps.workspace.root.path); `work sweep -S …` begins one")
    }
    if name == "latest" { return latest }
    guard let id = Int(name) else {
      throw PipelineError(
        "--resume \(name): a sweep has a number; there are: \(ids.map(String.init).joined(separator: ", "))"
      )
    }
    return id
  }

  private func request(_ place: Workspace) throws -> (Sweep.Request, SweepSpace, Runner) {
    let runner = try overrides.runner(place, overrides: overrides.named)
    let space = try SweepSpace(overrides.overrides, in: runner.parameters)
    var request = Sweep.Request(assignments: overrides.overrides, metric: metric)
    (request.fixed, request.random, request.seed) = (overrides.named, random, seed)
    (request.isLessBetter, request.halving) = (minimize, halving)
    if halving != nil, !runner.graph.stages.contains(Sweep.trainingStage) {
      throw PipelineError(
        "--halving stops the stage \(Sweep.trainingStage) after some epochs, and there is no such stage; leave it out"
      )
    }
    request.target = to ?? (runner.graph.stages.contains("evaluate") ? "evaluate" : nil)
    // A stage that there isn't is found out before anything runs.
    if let target = request.target { _ = try runner.plan(RunOptions(targets: [target])) }
    return (request, space, runner)
  }

  /// The settings in the order in which they run.
  private func values(_ space: SweepSpace, _ request: Sweep.Request) throws -> [[String]] {
    if let random = request.random { return try space.random(random, seed: request.seed) }
    let grid = try space.grid()
    // What a budget allows should not be one corner of the grid.
    return budget == nil && hours == nil ? grid : SweepSpace.shuffled(grid, seed: request.seed)
  }

  /// Looks whether each value fits its parameter, before hours have gone by.
  private static func check(
    _ values: [[String]], of space: SweepSpace, _ request: Sweep.Request, _ place: Workspace
  ) throws {
    for (index, key) in space.keys.enumerated() {
      var seen: Set<String> = []
      for setting in values where seen.insert(setting[index]).inserted {
        _ = try Runner(
          workspace: place, overrides: request.fixed + ["\(key)=\(setting[index])"])
      }
    }
  }

  // MARK: --dry-run

  private func show(_ sweeps: Sweeps) throws {
    var sweep: Sweep?
    var (keys, values): ([String], [[String]])
    if let resume {
      let begun = try sweeps.sweep(number(resume, sweeps))
      (sweep, keys, values) = (begun, begun.keys, begun.settings.map(\.values))
    } else {
      let (request, space, runner) = try request(sweeps.workspace)
      sweep = try sweeps.latest(
        request, basis: Sweep.basis(runner.project, target: request.target, without: space.keys))
      (keys, values) = (
        space.keys, try sweep?.settings.map(\.values) ?? self.values(space, request)
      )
      try Self.check(values, of: space, request, sweeps.workspace)
    }
    let states = sweep?.settings.map(\.state) ?? values.map { _ in .waiting }
    if output.json {
      try Console.json(
        zip(values, states).enumerated().map {
          SweepTrial(
            number: $0 + 1, values: Dictionary(uniqueKeysWithValues: zip(keys, $1.0)), state: $1.1)
        })
    } else {
      TextTable(
        columns: [.init(title: "#", isNumber: true, importance: 9)]
          + keys.map { .init(title: $0, isElastic: true, importance: 5) }
          + [.init(title: "state", importance: 7)],
        rows: zip(values, states).enumerated().map { ["\($0 + 1)"] + $1.0 + [$1.1.rawValue] },
        elsewhere: "--json has all"
      ).print()
    }
    let waiting = states.count { $0 != .done && $0 != .removed }
    if !output.quiet, !output.json {
      Console.write(
        "\(waiting) of \(states.count) settings would run"
          + (budget.map { ", \($0) at most" } ?? "") + "\n")
    }
    if waiting > 0 { throw Finished(code: .stale) }
  }
}

/// A setting as `--dry-run --json` has it.
private struct SweepTrial: Encodable {
  var number: Int
  var values: [String: String]
  var state: Sweep.State
}
