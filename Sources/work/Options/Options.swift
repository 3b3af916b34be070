// Options that several commands share.

import ArgumentParser
import Foundation
import Pipeline

/// What a shell completes.
enum Completions {
  /// The names of stages and instances in the workspace around the current folder, and `all`.
  static let stages = CompletionKind.custom { _, _, _ in
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    guard let runner = try? Runner(workspace: Workspace.find(from: here)) else { return ["all"] }
    let names = runner.graph.stages + runner.graph.instances.map(\.name)
    return ["all"] + Set(names).sorted()
  }
}

/// Where to work.
struct WorkspaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A workspace apart from the code, with its own params.yaml.", valueName: "dir"),
    completion: .directory)
  var workspace: String?

  /// Finds the workspace.
  func find() throws -> Workspace {
    try Workspace.find(
      from: URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true),
      root: workspace.map { URL(fileURLWithPath: $0, isDirectory: true) })
  }
}

/// The flips and turns of test-time augmentation.
enum TTAChoice: String, ExpressibleByArgument, CaseIterable {
  case none, hflip, d4
}

/// What may be set for one command.
struct OverrideOptions: ParsableArguments {
  @Option(
    name: [.customShort("S"), .customLong("set")],
    help: ArgumentHelp("Override a parameter for this command.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(
    help: "Test-time augmentation: none, hflip or d4; --tta alone means hflip. Sets inference.tta.")
  var tta: TTAChoice?

  @Option(
    help: ArgumentHelp(
      "Take the competition's files from this folder, as Kaggle serves them, instead of downloading.",
      valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(help: "What computes: automatic, blas or onednn. Sets engine.backend.")
  var backend: BackendName?

  @Option(help: "automatic, bf16 or f32 (bfloat16, float32). Sets engine.precision.")
  var precision: PrecisionName?

  @Option(
    help: ArgumentHelp(
      "Threads of all stages that run, together; 0: as many as there are cores.", valueName: "n"))
  var threads: Int?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Run so many independent instances, such as folds, side by side; they share the threads.",
      valueName: "n"))
  var jobs: Int?

  /// A runner with these overrides.
  func runner(_ workspace: Workspace) throws -> Runner {
    var runtime: [ParameterValue.Member] = []
    if let data {
      let folder = URL(fileURLWithPath: data, isDirectory: true).standardizedFileURL.path
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
        isFolder.boolValue
      else { throw ValidationError("--data \(data): no such folder") }
      runtime.append(.init("data", .string(folder)))
    }
    if let threads {
      guard threads >= 0 else { throw ValidationError("--threads \(threads): should be 0 or more") }
      runtime.append(.init("threads", .int(threads)))
    }
    if let jobs {
      guard jobs >= 1 else { throw ValidationError("--jobs \(jobs): should be 1 or more") }
      runtime.append(.init("jobs", .int(jobs)))
    }
    let named = [
      tta.map { "inference.tta=\($0.rawValue)" }, backend.map { "engine.backend=\($0.rawValue)" },
      precision.map { "engine.precision=\($0.rawValue)" },
    ]
    return try Runner(
      workspace: workspace, overrides: overrides + named.compactMap { $0 }, runtime: runtime)
  }
}

/// How much to say, and in which form.
struct OutputOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing but warnings and errors, and what was asked for.")
  var quiet = false

  @Flag(help: "Print JSON instead of text.")
  var json = false
}
