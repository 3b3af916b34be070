// `work demo`: the whole pipeline on a built-in synthetic competition, through the real download
// code and a small Kaggle-compatible server on this machine.

import ArgumentParser
import Basics
import Demo
import Foundation
import Pipeline

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run everything on a built-in synthetic competition.",
    discussion: "Needs no account and no network. Writes only below .work/demo/.")

  @Option(
    help: """
      Which competition: salt, cells (colour, other sizes, columns, run lengths, metric), nuclei \
      (instances in images of several sizes), or streets (several classes).
      """)
  var competition: DemoChoice = .salt

  @Option(
    help: ArgumentHelp(
      "Training images. (default: 400; nuclei 72, streets 128)", valueName: "n"))
  var train: Int?

  @Option(
    help: ArgumentHelp("Test images. (default: 100; nuclei 24, streets 40)", valueName: "n"))
  var test: Int?

  private var size: DemoWorkspace.Size {
    let usual = competition.name.usualSize
    return DemoWorkspace.Size(train: train ?? usual.train, test: test ?? usual.test)
  }

  @Option(help: ArgumentHelp("Work in this folder instead of .work/demo.", valueName: "dir"))
  var folder: String?

  @OptionGroup var overrides: OverrideOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard size.train >= 40, size.test >= 4 else {
      throw ValidationError("--train should be at least 40, --test at least 4")
    }
  }

  func run() async throws {
    let code = try Workspace.find(
      from: URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    ).codeRoot
    let place =
      folder.map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? code.appendingPathComponent(".work/demo", isDirectory: true)
    let demo = DemoWorkspace(competition.name, in: place)
    if !output.quiet, !output.json { Console.write("making the competition \(demo.slug) …\n") }
    let isEdited = try demo.prepare(
      size: size, seed: 2018,
      template: String(contentsOf: code.appendingPathComponent("params.yaml"), encoding: .utf8))
    if isEdited, !output.quiet, !output.json {
      Console.write(
        "\(demo.root.path)/params.yaml was edited, and is used as it is; remove it for the demo's own\n"
      )
    }

    let (environment, key) = (ProcessInfo.processInfo.environment, "KGAT_demo")
    let server = KaggleServer(
      files: demo.served, slug: demo.slug, username: "demo", key: key)
    let endpoint = try await server.start()
    // The demo's own credentials, for this process and its stages; nobody's real ones are looked
    // at.
    for name in environment.keys where name.hasPrefix("KAGGLE_") { unsetenv(name) }
    setenv("KAGGLE_API_ENDPOINT", endpoint.absoluteString, 1)
    setenv("KAGGLE_CONFIG_DIR", demo.root.path, 1)
    // This comes before all other places, such as ~/.kaggle/access_token.
    setenv("KAGGLE_API_TOKEN", key, 1)

    let workspace = Workspace(codeRoot: code, root: demo.root)
    let outcome = try await RunOutcome.running(
      overrides.runner(workspace), RunOptions(targets: ["all"]), output)
    await server.stop()
    try outcome.check()
    if !output.quiet, !output.json { outcome.showResults() }
  }
}

/// The demos by name.
enum DemoChoice: String, ExpressibleByArgument, CaseIterable {
  case salt, cells, nuclei, streets

  var name: DemoWorkspace.Name {
    switch self {
    case .salt: .salt
    case .cells: .cells
    case .nuclei: .nuclei
    case .streets: .streets
    }
  }
}
