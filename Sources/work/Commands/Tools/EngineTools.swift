// What `work` can't do by itself, since it links no network engine: the program in Sources/work-tools,
// built where it is stale and started as stages are.

import ArgumentParser
import Foundation
import Pipeline

extension Tool {
  private static let program = "work-tools"
  static let bench = Tool(program: program, name: "bench", source: "Bench.swift")
  static let doctor = Tool(program: program, name: "doctor", source: "Doctor.swift")
  static let rangeTest = Tool(program: program, name: "lr-find", source: "LearningRate.swift")

  /// Runs the tool and shows its progress. On the main thread: the program is killed when the thread that
  /// waits for it ends, and one of Swift's pool may.
  @MainActor
  func start(
    in workspace: Workspace, options: [ParameterValue.Member] = [],
    data: (runner: Runner, instance: String)? = nil, threads: Int? = nil, quiet: Bool
  ) throws -> ToolResult {
    let display = RunDisplay(quiet: quiet)
    defer { display.end() }
    return try run(
      in: workspace, options: options, outputs: [Self.report], data: data,
      runtime: threads.map { [.init("threads", .int($0))] } ?? [],
      host: Host.facts, interruption: .catchingSignals(), observer: display)
  }

  /// The file that each of the tools writes.
  static let report = "report.json"
}

/// Backends as `engine.backend` names them.
enum BackendName: String, ExpressibleByArgument, CaseIterable {
  case automatic, blas, onednn
}

/// Precisions as `engine.precision` names them, and their short names.
enum PrecisionName: String, ExpressibleByArgument, CaseIterable {
  case automatic, float32, bfloat16

  init?(argument: String) {
    switch argument.lowercased() {
    case "automatic": self = .automatic
    case "float32", "f32", "fp32": self = .float32
    case "bfloat16", "bf16": self = .bfloat16
    default: return nil
    }
  }
}
