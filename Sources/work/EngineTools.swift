// What `work` can't do by itself, since it links no network engine: the program in Sources/work-tools,
// built where it is stale and started as stages are.

public import ArgumentParser
import Basics
public import Choices
import Foundation
import Pipeline

extension Tool {
  private static let program = "work-tools"
  static let bench = Tool(program: program, name: "bench", source: "BenchTool.swift")
  static let doctor = Tool(program: program, name: "doctor", source: "DoctorTool.swift")
  static let rangeTest = Tool(program: program, name: "lr-find", source: "LearningRateTool.swift")

  /// Runs the tool and shows its progress. On the main thread: the program is killed when the thread that
  /// waits for it ends, and one of Swift's pool may.
  @MainActor
  func start(
    in workspace: Workspace, options: [JSONValue.Member] = [],
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

extension BackendChoice: ExpressibleByArgument {}

extension ModelKind: ExpressibleByArgument {}

extension TTA: ExpressibleByArgument {}

extension PrecisionChoice: ExpressibleByArgument {
  /// By name, or by one of the short names that are common.
  public init?(argument: String) {
    switch argument.lowercased() {
    case "automatic": self = .automatic
    case "float32", "f32", "fp32": self = .float32
    case "bfloat16", "bf16": self = .bfloat16
    default: return nil
    }
  }
}
