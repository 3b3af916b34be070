// How fast this machine trains, for the plan of `work init`: measured once as `work bench` does, and kept in
// .work/speed.json for as long as the machine is the same.

import Basics
import Foundation
import Pipeline
import Survey
import ToolReports

/// What was measured, and on which machine.
struct MachineSpeed: Codable, Equatable {
  var processor: String
  var cores: Int
  /// Of the fastest training step of the network that the cost model names: what else the machine is busy with
  /// now, it isn't later.
  var trainMillisecondsPerImage: Double

  /// The cost of things on this machine. Where it can't be measured, that of the machine on which the
  /// constants of the model were, with a warning.
  ///
  /// - Throws: where the user interrupts it.
  @MainActor
  static func cost(in workspace: Workspace, quiet: Bool) throws -> CostModel {
    let file = workspace.work.appendingPathComponent("speed.json")
    let processor = HostFacts.now["processor"] ?? "unknown"
    let cores = ProcessInfo.processInfo.activeProcessorCount
    if let data = try? Data(contentsOf: file),
      let known = try? JSONDecoder().decode(MachineSpeed.self, from: data),
      known.processor == processor, known.cores == cores, let cost = known.cost
    {
      return cost
    }
    do {
      let speed = MachineSpeed(
        processor: processor, cores: cores,
        trainMillisecondsPerImage: try measure(in: workspace, quiet: quiet))
      try WholeFile.write(json: speed, to: file)
      return speed.cost ?? CostModel()
    } catch let error as any Failing where error.exit == .interrupted {
      throw error
    } catch {
      let first = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      Console.warning(
        "this machine's speed can't be measured (\(first)); the plan goes by that of two cores with AVX512_BF16"
      )
      return CostModel()
    }
  }

  private var cost: CostModel? {
    let slowness = trainMillisecondsPerImage / CostModel.referenceTrainMilliseconds
    return slowness.isFinite && slowness > 0 ? CostModel(slowness: slowness) : nil
  }

  @MainActor
  private static func measure(in workspace: Workspace, quiet: Bool) throws -> Double {
    let options: [JSONValue.Member] = [
      .init("model", .string("unet")), .init("filters", .int(16)), .init("size", .int(128)),
      .init("channels", .int(1)), .init("classes", .int(1)), .init("overlapping", .bool(false)),
      .init("batch", .int(16)), .init("precision", .string("automatic")),
      .init("backend", .string("automatic")), .init("runs", .int(20)),
    ]
    let result = try Tool.bench.start(in: workspace, options: options, quiet: quiet)
    return try BenchReport(json: result.output(BenchReport.fileName)).best.train
  }
}
