// How fast this machine trains, for the plans of `work init` and `work plan`: measured once as `work bench` does, and
// kept in .work/speed.json for as long as the machine is the same.

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
  /// Of networks with encoders, as `work plan` has measured them.
  var networks: [NetworkSpeed]?

  /// What a network takes at one size.
  struct NetworkSpeed: Codable, Equatable {
    /// As `model.kind` has it.
    var network: String
    /// Rows and columns of the images that were timed.
    var side: Int
    var channels: Int
    var classes: Int
    var batch: Int
    /// `Timed.decoder` and `Timed.supervised`, as text.
    var decoder: String?
    var trainMillisecondsPerImage: Double
    var inferMillisecondsPerImage: Double
    /// Of the process while it trains.
    var bytes: Int

    func isOf(_ size: Timed) -> Bool {
      side == size.side && channels == size.channels && classes == size.classes
        && batch == size.batch && decoder == size.decoderText
    }

    var cost: EncoderCost {
      let pixels = Double(side * side)
      // The process without a network has little beside it; all that counts grows with the batch.
      let perPixel = Double(bytes) / (pixels * Double(batch))
      return EncoderCost(
        trainPerMegapixel: trainMillisecondsPerImage / pixels * 1e6,
        inferPerMegapixel: inferMillisecondsPerImage / pixels * 1e6, bytesPerPixel: perPixel,
        bytes: 0)
    }
  }

  /// At which size networks are timed, and with which decoder.
  struct Timed {
    var side: Int
    var channels: Int
    var classes: Int
    var batch: Int
    /// What the section `model` says of decoders, by its keys.
    var decoder: [JSONValue.Member]
    /// Whether steps are those with `train.deep_supervision`.
    var supervised: Bool

    var decoderText: String {
      JSONValue.object(decoder).canonical + (supervised ? " supervised" : "")
    }
  }

  /// The cost of things on this machine. Where it can't be measured, that of the machine on which the
  /// constants of the model were, with a warning.
  ///
  /// - Throws: where the user interrupts it.
  @MainActor
  static func cost(in workspace: Workspace, quiet: Bool) throws -> CostModel {
    do { return try speed(in: workspace, quiet: quiet).cost ?? CostModel() } catch let error
      as any Failing where error.exit == .interrupted
    {
      throw error
    } catch {
      let first = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      Console.warning(
        "this machine's speed can't be measured (\(first)); the plan goes by that of two cores with AVX512_BF16"
      )
      return CostModel()
    }
  }

  /// The cost of things on this machine, with networks timed at the size at which they would be trained.
  ///
  /// - Parameters:
  ///   - networks: those with encoders to time, as `model.kind` has them.
  ///   - size: at which.
  /// - Throws: `PipelineError` where one can't be timed.
  @MainActor
  static func cost(
    of networks: [String], at size: Timed, in workspace: Workspace, quiet: Bool
  ) throws -> CostModel {
    var speed = try speed(in: workspace, quiet: quiet)
    var known = speed.networks ?? []
    for network in networks where !known.contains(where: { $0.network == network && $0.isOf(size) })
    {
      let report = try bench(
        [
          .init("model", section(network, size.decoder)),
          .init("supervised", .bool(size.supervised)), .init("size", .int(size.side)),
          .init("channels", .int(size.channels)),
          .init("classes", .int(size.classes)), .init("overlapping", .bool(true)),
          .init("batch", .int(size.batch)), .init("runs", .int(8)),
        ], in: workspace, quiet: quiet)
      known.removeAll { $0.network == network }
      known.append(
        NetworkSpeed(
          network: network, side: size.side, channels: size.channels, classes: size.classes,
          batch: size.batch, decoder: size.decoderText,
          trainMillisecondsPerImage: report.best.train,
          inferMillisecondsPerImage: report.best.infer, bytes: report.trainPeakMemory))
      speed.networks = known
      try WholeFile.write(json: speed, to: file(workspace))
    }
    var cost = speed.cost ?? CostModel()
    for network in known where networks.contains(network.network) && network.isOf(size) {
      cost.encoders[network.network] = network.cost
    }
    return cost
  }

  /// Has everything timed again.
  ///
  /// - Throws: `FileError` where what is known can't be removed.
  static func forget(in workspace: Workspace) throws { try WholeFile.remove(file(workspace)) }

  private static func file(_ workspace: Workspace) -> URL {
    workspace.work.appendingPathComponent("speed.json")
  }

  /// What is known of this machine; measured where nothing is.
  @MainActor
  private static func speed(in workspace: Workspace, quiet: Bool) throws -> MachineSpeed {
    let processor = HostFacts.now["processor"] ?? "unknown"
    let cores = ProcessInfo.processInfo.activeProcessorCount
    if let data = try? Data(contentsOf: file(workspace)),
      let known = try? JSONDecoder().decode(MachineSpeed.self, from: data),
      known.processor == processor, known.cores == cores, known.cost != nil
    {
      return known
    }
    let report = try bench(
      [
        .init("model", section("unet")), .init("supervised", .bool(false)),
        .init("size", .int(128)),
        .init("channels", .int(1)), .init("classes", .int(1)), .init("overlapping", .bool(false)),
        .init("batch", .int(16)), .init("runs", .int(20)),
      ], in: workspace, quiet: quiet)
    let speed = MachineSpeed(
      processor: processor, cores: cores, trainMillisecondsPerImage: report.best.train)
    try WholeFile.write(json: speed, to: file(workspace))
    return speed
  }

  /// The section `model` of a network to be timed; 16 filters are those of a U-Net without an encoder.
  private static func section(_ network: String, _ decoder: [JSONValue.Member] = []) -> JSONValue {
    .object(
      [
        .init("kind", .string(network)), .init("filters", .int(16)), .init("levels", .int(5)),
        .init("dropout", .double(0)), .init("batch_norm", .bool(true)),
        .init("depth_input", .bool(false)),
      ] + decoder)
  }

  private var cost: CostModel? {
    let slowness = trainMillisecondsPerImage / CostModel.referenceTrainMilliseconds
    return slowness.isFinite && slowness > 0 ? CostModel(slowness: slowness) : nil
  }

  @MainActor
  private static func bench(
    _ options: [JSONValue.Member], in workspace: Workspace, quiet: Bool
  ) throws -> BenchReport {
    let usual: [JSONValue.Member] = [
      .init("precision", .string("automatic")), .init("backend", .string("automatic")),
    ]
    let result = try Tool.bench.start(in: workspace, options: options + usual, quiet: quiet)
    return try BenchReport(json: result.output(BenchReport.fileName))
  }
}
