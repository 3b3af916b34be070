// `work plan`: a few ways to spend the hours that there are, with what each takes and should score.

import ArgumentParser
import Basics
import Foundation
import Pipeline
import Survey
import ToolReports

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Offer settings of network, folds and epochs that fit into the hours you have.",
    discussion: """
      Times a few steps of each network on this machine, once, and counts the competition's images. The presets \
      that fit are among the settings. What a setting should score goes by the runs that are recorded, and for the \
      default competition by a few figures that come along. All else stays as params.yaml has it.
      """)

  @Option(help: ArgumentHelp("Hours of the whole run, such as 0.5 or 8.", valueName: "h"))
  var hours: Double

  @Option(
    help: ArgumentHelp("Write the values of this setting into params.yaml.", valueName: "n"))
  var apply: Int?

  @Option(
    help: ArgumentHelp(
      "Count the files in this folder, as Kaggle serves them, instead of data/raw.",
      valueName: "dir"),
    completion: .directory)
  var data: String?

  @Flag(help: "Time the networks again, as when the machine was busy the first time.")
  var again = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard hours.isFinite, (0.05...1000).contains(hours) else {
      throw ValidationError("--hours \(hours): should be from 0.05 to 1000")
    }
    if let apply, apply < 1 { throw ValidationError("--apply \(apply): should be 1 or more") }
  }

  @MainActor
  func run() async throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    let setup = try PlanSetup(runner)
    let findings = try look(workspace, setup)
    let quiet = output.quiet || output.json
    if again { try MachineSpeed.forget(in: workspace) }
    var wish = PlanWish(minutes: hours * 60)
    wish.cost = try MachineSpeed.cost(
      of: setup.networks.filter { $0 != "unet" }, at: setup.timed(findings), in: workspace,
      quiet: quiet)
    let memory = MachineMemory(
      meminfo: (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? "")
    wish.bytes = memory.available.map(Double.init) ?? .infinity
    wish.views = setup.views
    let options = PlanOption.options(
      for: findings,
      OptionsWish(
        wish, tta: setup.tta, networks: setup.networks, presets: try setup.presets(workspace),
        known: setup.known(RunHistory(workspace))), in: setup.frame)
    guard !options.isEmpty else {
      throw InputError(
        "work plan: no setting fits into \(Self.text(hours)) hours on this machine; give it more, or fewer pixels "
          + "(model.resize)")
    }
    if let apply { return try write(options, apply, setup, workspace) }
    if output.json {
      return try Console.json(options.enumerated().map { Answer($0 + 1, $1, setup) })
    }
    show(options)
  }

  /// Counts the images.
  private func look(_ workspace: Workspace, _ setup: PlanSetup) throws -> Findings {
    let folder =
      data.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? workspace.url(of: "data/raw")
    if data == nil, !FileManager.default.fileExists(atPath: folder.path) {
      throw InputError(
        "\(folder.path): no files of the competition are here yet, so their number isn't known; `work run download` "
          + "brings them, or name the folder that has them: work plan --hours \(Self.text(hours)) --data DIR"
      )
    }
    let status = StatusText(isShown: !output.quiet && !output.json && Console.isTerminal)
    defer { status.clear() }
    let findings = try Survey.look(at: folder) { status.show("looking at \($0) …") }
    return setup.completed(findings)
  }

  private func show(_ options: [PlanOption]) {
    TextTable(
      columns: [
        .init(title: "#", isNumber: true, importance: 9), .init(title: "network", importance: 8),
        .init(title: "folds", isNumber: true, importance: 7),
        .init(title: "epochs", isNumber: true, importance: 7), .init(title: "tta", importance: 3),
        .init(title: "minutes", isNumber: true, importance: 8),
        .init(title: "memory", isNumber: true, importance: 4),
        .init(title: "should score", importance: 7), .init(title: "preset", importance: 2),
        .init(title: "going by", isElastic: true, importance: 1),
      ],
      rows: options.enumerated().map { index, option in
        [
          "\(index + 1)", option.network, "\(option.plan.folds)", "\(option.plan.epochs)",
          option.tta, "\(Int(option.plan.minutes.rounded(.up)))",
          Readable.bytes(Int(option.plan.bytes)),
          option.expected.map { "\($0.bound.rawValue) \(String(format: "%.3f", $0.score))" }
            ?? "not known", option.preset ?? "",
          option.expected?.sources.joined(separator: ", ") ?? "",
        ]
      }, elsewhere: "--json has all"
    ).print()
    if !output.quiet {
      Console.write("--apply N writes the values of setting N into params.yaml\n")
    }
  }

  private func write(
    _ options: [PlanOption], _ number: Int, _ setup: PlanSetup, _ workspace: Workspace
  ) throws {
    guard number <= options.count else {
      throw InputError(
        "--apply \(number): there are \(options.count) settings; `work plan --hours \(Self.text(hours))` lists them"
      )
    }
    let values = options[number - 1].values(from: setup.network)
    let file = ParameterFile(workspace.parametersFile)
    var text = ParameterText(try file.read())
    for (key, value) in values {
      let parts = key.split(separator: ".").map(String.init)
      try text.set(parts[0], parts[1], to: value, reason: nil)
    }
    if text.has("train", "budget") { try text.set("train", "budget", to: "null", reason: nil) }
    if setup.hasPreset { text.set("preset", to: "null") }
    try WholeFile.write(
      try file.checked(text.text, writing: ["folds", "model", "train", "inference", "preset"]),
      to: workspace.parametersFile)
    if output.json { return try Console.json(Answer(number, options[number - 1], setup)) }
    if output.quiet { return }
    for (key, value) in values { print("\(key): \(value)") }
    print("wrote       \(workspace.parametersFile.path)")
  }

  private static func text(_ hours: Double) -> String {
    hours == hours.rounded() ? "\(Int(hours))" : "\(hours)"
  }

  /// A setting as `--json` has it.
  private struct Answer: Encodable {
    var number: Int
    var preset: String?
    var network: String
    var folds: Int
    var epochs: Int
    var tta: String
    var minutes: Double
    var trainMinutes: Double
    var predictMinutes: Double
    var memoryBytes: Int
    var expected: ExpectedScore?
    var values: [String: String]

    init(_ number: Int, _ option: PlanOption, _ setup: PlanSetup) {
      self.number = number
      preset = option.preset
      network = option.network
      (folds, epochs, tta) = (option.plan.folds, option.plan.epochs, option.tta)
      (minutes, trainMinutes) = (option.plan.minutes, option.plan.trainMinutes)
      predictMinutes = option.plan.predictMinutes
      memoryBytes = Int(option.plan.bytes)
      expected = option.expected
      values = Dictionary(
        uniqueKeysWithValues: option.values(from: setup.network).map { ($0.key, $0.value) })
    }
  }
}
