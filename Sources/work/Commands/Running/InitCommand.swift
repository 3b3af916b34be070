// `work init`: looks at a competition's files and writes its section of params.yaml.

import ArgumentParser
import Basics
import Foundation
import Pipeline
import Survey
import ToolReports

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Look at a competition's files and write its section of params.yaml.",
    discussion: """
      Finds images, masks, tables, sizes, classes and run lengths, and plans network and training, with a reason \
      for each value. Unpacks nothing. The section of another competition is kept as params.SLUG.yaml.
      """)

  @Argument(
    help: "The competition's name in Kaggle's URL; by default the name of the folder of --data.")
  var slug: String?

  @Option(
    help: ArgumentHelp(
      "Look at the files in this folder, as Kaggle serves them, instead of data/raw.",
      valueName: "dir"),
    completion: .directory)
  var data: String?

  @Flag(help: "Ask nothing: take what is proposed.")
  var yes = false

  @Option(
    help: ArgumentHelp(
      "The competition's metric: \(Knowledge.metrics.map(\.name).joined(separator: ", ")), or a section such as "
        + "'{unit: image, measure: f-beta, beta: 2}'.", valueName: "name"))
  var metric: String?

  @Option(help: ArgumentHelp("Plan for a whole run of so many minutes.", valueName: "n"))
  var minutes: Double = 40

  @Flag(help: "Print the new params.yaml and write nothing.")
  var print = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard minutes.isFinite, (1...100_000).contains(minutes) else {
      throw ValidationError("--minutes \(minutes): should be from 1 to 100000")
    }
    if let metric, Knowledge.metric(named: metric) == nil {
      throw ValidationError(
        "--metric \(metric): should be \(Knowledge.metrics.map(\.name).joined(separator: ", ")), or a section in "
          + "braces with measure or command")
    }
    if let slug, !Self.isSlug(slug) {
      throw ValidationError(
        "“\(slug)” is no competition's name: it should be as in Kaggle's URL, of letters, digits, - and _"
      )
    }
  }

  private static func isSlug(_ text: String) -> Bool {
    !text.isEmpty
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  @MainActor
  func run() async throws {
    let workspace = try workspace.find()
    let file = ParameterFile(workspace.parametersFile)
    let old = try file.read()
    let slug = try competition()
    if !print, file.slug == slug {
      throw InputError(
        "\(workspace.parametersFile.path): is for \(slug) already, and work init writes over no section of the same "
          + "competition. `work init \(slug) --print` shows what it would write; to begin anew, rename params.yaml "
          + "and take one of another competition, or set another slug there first")
    }
    let folder =
      data.map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? workspace.url(of: "data/raw")
    let status = StatusText(isShown: !output.quiet && !output.json && Console.isTerminal)
    let findings = try Survey.look(at: folder) { status.show("looking at \($0) …") }
    status.clear()
    var knowledge = Knowledge(of: slug, findings)
    try chooseMetric(&knowledge)
    if let problem = knowledge.problem(with: findings) { throw InputError("--metric: \(problem)") }
    let plan = TrainingPlan(for: findings, try wish(file, in: workspace))
    let proposal = Proposal(slug: slug, findings: findings, knowledge: knowledge, plan: plan)
    let new = try file.checked(try proposal.parameters(in: old))
    let report = InitReport(proposal, wish: minutes, folder: folder.path)
    if print {
      if output.json {
        try Console.json(report.answer(wrote: nil, kept: nil))
      } else {
        Console.line(new.droppingLastNewline)
        report.printNotes()
      }
      return
    }
    let kept = try file.keep()
    try WholeFile.write(new, to: workspace.parametersFile)
    if output.json {
      try Console.json(report.answer(wrote: workspace.parametersFile.path, kept: kept?.path))
    } else {
      if !output.quiet { report.print() }
      report.printNotes()
      if !output.quiet { report.printEnd(workspace, kept: kept, data: data) }
    }
  }

  /// The competition's name.
  private func competition() throws -> String {
    if let slug { return slug }
    guard let data else {
      throw InputError(
        "work init: which competition? Name it as in Kaggle's URL: work init SLUG, or give the folder with its files: "
          + "--data DIR")
    }
    let name = URL(fileURLWithPath: data, isDirectory: true).standardizedFileURL.lastPathComponent
    guard Self.isSlug(name) else {
      throw InputError(
        "--data \(data): its name can't be a competition's; name the competition as in Kaggle's URL: work init SLUG "
          + "--data \(data)")
    }
    return name
  }

  /// The metric that was named or, on a terminal, is asked for.
  private func chooseMetric(_ knowledge: inout Knowledge) throws {
    if let metric, let value = Knowledge.metric(named: metric) {
      (knowledge.metric, knowledge.metricReason, knowledge.isKnown) = (value, "as asked for", true)
      return
    }
    guard !knowledge.isKnown, !yes, !print, !output.json, isatty(STDIN_FILENO) == 1,
      Console.isTerminal
    else { return }
    let proposal = Knowledge.name(of: knowledge.metric)
    Console.write(
      "No file shows how submissions are scored; the competition's page “Evaluation” does.\n"
        + "metrics: \(Knowledge.metrics.map(\.name).joined(separator: ", "))\n")
    while true {
      Console.write("metric [\(proposal)]: ")
      guard let line = readLine() else { return Console.write("\n") }
      let answer = line.trimmingCharacters(in: .whitespaces)
      if answer.isEmpty { return }
      if let value = Knowledge.metric(named: answer) {
        (knowledge.metric, knowledge.metricReason, knowledge.isKnown) = (
          value, "as asked for", true
        )
        return
      }
      Console.write("“\(answer)” is none of them\n")
    }
  }

  /// What this machine can do, and the test-time augmentation that params.yaml asks for.
  @MainActor
  private func wish(_ file: ParameterFile, in workspace: Workspace) throws -> PlanWish {
    var wish = PlanWish(minutes: minutes)
    wish.cost = try MachineSpeed.cost(in: workspace, quiet: output.quiet || output.json)
    let memory = MachineMemory(
      meminfo: (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? "")
    if let available = memory.available { wish.bytes = Double(available) }
    wish.views = ["none": 1, "d4": 8][file.testTimeAugmentation ?? ""] ?? 2
    return wish
  }
}

extension String {
  /// Without the line end that `print` adds again.
  fileprivate var droppingLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
