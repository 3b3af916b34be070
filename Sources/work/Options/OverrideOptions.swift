// The options that set parameters for one command, in the place of params.yaml.

public import ArgumentParser
import Basics
import Choices
import Foundation
public import Pipeline

/// What may be set for one command.
struct OverrideOptions: ParsableArguments {
  @Option(
    name: [.customShort("S"), .customLong("set")],
    help: ArgumentHelp("Override a parameter for this command.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(
    defaultAsFlag: TTA.hflip,
    help: ArgumentHelp(
      "Average predictions over flips or turns of the image; --tta alone means hflip. Sets inference.tta.",
      valueName: "tta"))
  var tta: TTA?

  @Option(
    help: ArgumentHelp(
      "Take the competition's files from this folder, as Kaggle serves them, instead of downloading.",
      valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(help: "What computes: automatic, native or onednn. Sets engine.backend.")
  var backend: BackendChoice?

  @Option(help: "automatic, bf16 or f32 (bfloat16, float32). Sets engine.precision.")
  var precision: PrecisionChoice?

  @Option(
    help: ArgumentHelp(
      "Threads for all running stages together; 0 for one per core.", valueName: "n"))
  var threads: Int?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Run up to this many independent instances, such as folds, side by side; 0 for as many as threads and memory allow. They share the threads.",
      valueName: "n"))
  var jobs: Int?

  @Option(
    help:
      "Where instances run: local, or slurm, where each is a job of a cluster (docs/clusters.md). Sets runtime.executor."
  )
  var executor: ExecutorChoice?

  /// The parser takes a value that it can't read as not meant for `--tta`. Behind `=` it is meant.
  func validate() throws {
    let prefix = "--tta="
    for argument in CommandLine.arguments where argument.hasPrefix(prefix) {
      let value = argument.dropFirst(prefix.count)
      guard TTA(argument: String(value)) == nil else { continue }
      let choices = TTA.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--tta=\(value): should be one of \(choices)")
    }
  }

  /// What the options beside `-S` override.
  var named: [String] {
    [
      tta.map { "inference.tta=\($0.rawValue)" }, backend.map { "engine.backend=\($0.rawValue)" },
      precision.map { "engine.precision=\($0.rawValue)" },
    ].compactMap { $0 }
  }

  /// A runner with these overrides.
  func runner(_ workspace: Workspace) throws -> Runner {
    try runner(workspace, overrides: overrides + named)
  }

  /// A runner with other overrides, and the runtime options of these.
  func runner(_ workspace: Workspace, overrides: [String]) throws -> Runner {
    var runtime: [JSONValue.Member] = []
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
      guard jobs >= 0 else { throw ValidationError("--jobs \(jobs): should be 0 or more") }
      runtime.append(.init("jobs", .int(jobs)))
    }
    if let executor { runtime.append(.init("executor", .string(executor.rawValue))) }
    return try Runner(workspace: workspace, overrides: overrides, runtime: runtime)
  }
}

extension ExecutorChoice: ExpressibleByArgument {}
