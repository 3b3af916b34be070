// The tools that commands start because `work` links no engine: the program in Sources/work-tools, built if
// it is stale, and started like a stage.

public import ArgumentParser
import Basics
public import Choices
import Foundation
import Pipeline
import ToolReports

extension Tool {
  private static let program = "work-tools"
  static let bench = Tool(program: program, name: "bench", source: "Bench.swift")
  static let doctor = Tool(
    program: program, name: "doctor", source: "Doctor.swift", secrets: ["KAGGLE_*"])
  static let blend = Tool(program: program, name: "blend", source: "Blend.swift")
  static let onnx = Tool(program: program, name: "onnx", source: "ExportONNX.swift")
  static let rangeTest = Tool(program: program, name: "lr-find", source: "LearningRate.swift")

  /// Runs the tool and shows its progress. On the main thread: the program is killed when the thread that
  /// waits for it ends, and one of Swift's pool may.
  ///
  /// - Parameter outputs: names of files that it is to write beside its report.
  @MainActor
  func start(
    in workspace: Workspace, options: [JSONValue.Member] = [], outputs: [String] = [],
    data: (runner: Runner, instance: String)? = nil, threads: Int? = nil, quiet: Bool
  ) throws -> ToolResult {
    let display = RunDisplay(quiet: quiet)
    defer { display.end() }
    return try run(
      in: workspace, options: options, outputs: [BenchReport.fileName] + outputs, data: data,
      runtime: threads.map { [.init("threads", .int($0))] } ?? [],
      host: HostFacts.now, interruption: .catchingSignals(), observer: display)
  }
}

/// What `--json` prints of a tool: its report, and where the file lies that it was written to.
struct ToolAnswer<Report: ToolReport>: Encodable {
  var found: Report
  /// What the file is, such as "page".
  var key: String
  var path: String

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    try found.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(path, forKey: Key(stringValue: key))
  }
}

extension BackendChoice: ExpressibleByArgument {}

extension ModelKind: ExpressibleByArgument {}

extension DecoderKind: ExpressibleByArgument {}

extension Attention: ExpressibleByArgument {}

extension Centre: ExpressibleByArgument {}

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
