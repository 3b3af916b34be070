// `work bench`: how fast a network trains and infers on this machine, and what it needs.

import ArgumentParser
import Basics
import Choices
import Foundation
import Pipeline
import ToolReports

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Time training steps and inference of a network.",
    discussion: """
      Uses random images; reads neither data nor params.yaml. Benchmarks/ compares the figures with \
      PyTorch's.
      """)

  @Option(help: "The network: unet (5 levels), or one with a published encoder.")
  var model: ModelKind = .unet

  @Option(help: ArgumentHelp("Filters of the U-Net's first level.", valueName: "n"))
  var filters: Int = 16

  @Option(help: "The decoder of a published encoder: unet, unet++ or fpn.")
  var decoder: DecoderKind = .unet

  @Option(help: "What the decoder's blocks weigh: none, scse or gate.")
  var attention: Attention = .none

  @Flag(help: "The head reads the results of all blocks of the decoder.")
  var hypercolumn = false

  @Option(help: "What lies between encoder and decoder: none, dilated or pyramid.")
  var centre: Centre = .none

  @Flag(help: "Pixels are marked only in images that hold anything, which has a head of its own.")
  var emptyHead = false

  @Flag(help: "Training steps are those with deep supervision.")
  var deepSupervision = false

  @Option(help: ArgumentHelp("Rows and columns of an image.", valueName: "pixels"))
  var size: Int = 128

  @Option(
    help: ArgumentHelp(
      "Channels of an image; by default 1 for unet, 3 for the others.", valueName: "n"))
  var channels: Int?

  @Option(
    help: ArgumentHelp(
      "Classes: logits per pixel, of a softmax where there are several.", valueName: "n"))
  var classes: Int = 1

  @Flag(help: "Classes may overlap: a sigmoid each, instead of a softmax.")
  var overlapping = false

  @Option(help: ArgumentHelp("Images per step.", valueName: "n"))
  var batch: Int = 32

  @Option(help: "bf16 or f32 (bfloat16, float32), or automatic: the fastest that there is.")
  var precision: PrecisionChoice = .automatic

  @Option(help: "What computes: automatic, native or onednn.")
  var backend: BackendChoice = .automatic

  @Option(help: ArgumentHelp("Threads; by default one per core.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Timed steps; by default as many as take 4 seconds, and 7 at least.", valueName: "n"))
  var runs: Int?

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    let limits = [
      ("filters", filters, 1...1024), ("size", size, 1...4096), ("batch", batch, 1...4096),
      ("channels", channels ?? 1, 1...64), ("classes", classes, 1...255),
      ("threads", threads ?? 1, 1...1024), ("runs", runs ?? 1, 1...100_000),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw ValidationError(
        "--\(name) \(value): should be from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  @MainActor
  func run() async throws {
    let section: [JSONValue.Member] = [
      .init("kind", .string(model.rawValue)), .init("filters", .int(filters)),
      .init("levels", .int(5)), .init("dropout", .double(0)), .init("batch_norm", .bool(true)),
      .init("depth_input", .bool(false)), .init("decoder", .string(decoder.rawValue)),
      .init("attention", .string(attention.rawValue)), .init("hypercolumn", .bool(hypercolumn)),
      .init("centre", .string(centre.rawValue)), .init("empty_head", .bool(emptyHead)),
    ]
    let options: [JSONValue.Member] = [
      .init("model", .object(section)), .init("supervised", .bool(deepSupervision)),
      .init("size", .int(size)), .init("channels", channels.map { .int($0) } ?? .null),
      .init("classes", .int(classes)), .init("overlapping", .bool(overlapping)),
      .init("batch", .int(batch)),
      .init("precision", .string(precision.rawValue)),
      .init("backend", .string(backend.rawValue)), .init("runs", runs.map { .int($0) } ?? .null),
    ]
    let result = try Tool.bench.start(
      in: workspace.find(), options: options, threads: threads, quiet: output.quiet || output.json)
    let report = try BenchReport(json: result.output(BenchReport.fileName))
    if output.json { try Console.json(report) } else { print(report.text) }
  }
}
