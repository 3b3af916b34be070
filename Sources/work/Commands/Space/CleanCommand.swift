// `work clean`: removes what can be made again.

import ArgumentParser
import Pipeline

struct CleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean",
    abstract: "Remove what can be made again: pages, scratch, leftovers.",
    discussion: """
      Doesn't ask before it removes. Touches no run, no lock, and no declared output unless --outputs names \
      its stage.
      """)

  @Flag(name: .shortAndLong, help: "Print what would be removed; remove nothing.")
  var dryRun = false

  @Flag(help: "Also remove the compiled programs (.build).")
  var build = false

  @Option(
    help: ArgumentHelp(
      "Also remove the declared outputs of this stage or instance.", valueName: "stage"),
    completion: Completions.stages)
  var outputs: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let runner = try Runner(workspace: workspace.find())
    let cleaning = try runner.cleaning(build: build, outputs: outputs)
    if !dryRun { try runner.clean(cleaning) }
    if output.json { return try Console.json(cleaning) }
    if !output.quiet, !cleaning.items.isEmpty {
      TextTable(
        columns: [
          .init(title: "path", importance: 3), .init(title: "size", isNumber: true, importance: 2),
          .init(title: "what it is", isElastic: true),
        ],
        rows: cleaning.items.map {
          [$0.path, Readable.bytes($0.bytes), $0.meaning]
        }
      ).print()
    }
    let size = Readable.bytes(cleaning.bytes)
    print(
      cleaning.items.isEmpty
        ? "nothing to clean" : dryRun ? "would free \(size)" : "freed \(size)")
  }
}
