// The shape of what `work bench --json` prints, and the table for people.

import Choices
import Foundation
import Testing
import ToolReports

struct ReportTests {
  private static var report: BenchReport {
    var report = BenchReport()
    report.model = "unet"
    report.filters = 16
    report.size = 128
    report.channels = 1
    report.batch = 32
    report.parameters = 1_940_817
    report.multiplyAdds = 748_683_264
    report.precision = "bfloat16"
    report.backend = "native"
    report.library = "OpenBLAS 0.3.21"
    report.instructionSet = "x86-64-v4"
    report.threads = 2
    report.runs = Both(train: 7, infer: 9)
    report.trainPerImage = 12.3456
    report.inferPerImage = 1.5
    report.best = Both(train: 12, infer: 1.25)
    report.gflops = Both(train: 363.9, infer: 998.2)
    report.kinds = Both(
      train: ["convolution_forward": 0.25, "loss": 0.75, "other": 0],
      infer: ["convolution_forward": 1])
    report.planned = Both(train: 100_000_000, infer: 20_000_000)
    report.trainPeakMemory = 200_000_000
    report.peakMemory = 210_000_000
    return report
  }

  @Test func keysOfTheJSON() throws {
    let data = try JSONEncoder().encode(Self.report)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "model", "filters", "size", "channels", "classes", "overlapping", "batch", "parameters",
        "multiply_adds",
        "precision", "backend", "library", "instruction_set", "threads", "runs",
        "train_ms_per_image", "infer_ms_per_image", "best_ms_per_image", "gflops", "kinds",
        "planned_memory_bytes", "train_peak_memory_bytes", "peak_memory_bytes",
      ])
    #expect(object["train_ms_per_image"] as? Double == 12.3456)
    #expect(object["peak_memory_bytes"] as? Int == 210_000_000)
    #expect((object["gflops"] as? [String: Double])?["infer"] == 998.2)
    #expect(try JSONDecoder().decode(BenchReport.self, from: data) == Self.report)
  }

  @Test func reportsSurviveTheWayThroughAFile() throws {
    #expect(try BenchReport(json: Self.report.json()) == Self.report)
    let nonsense = EngineReport(
      protocolVersion: 1, choices: [],
      selfTests: [
        .init(backend: .native, precision: .float32, difference: .infinity, bound: 1e-4)
      ], implementations: [:], libraries: [], kaggle: .init())
    #expect(try EngineReport(json: nonsense.json()) == nonsense)
  }

  @Test func table() {
    let lines = Self.report.text.split(separator: "\n").map(String.init)
    #expect(
      lines == [
        "unet 16, 1 x 128 x 128, batch 32: 1.94 M parameters, 0.75 G multiply-adds an image",
        "bfloat16, native (OpenBLAS 0.3.21), x86-64-v4, 2 threads",
        "               ms/image   best  GFLOP/s  steps",
        "training step     12.35  12.00      364      7",
        "inference          1.50   1.25      998      9",
        "share of time        training step  inference",
        "loss                        75.0 %           ",
        "convolution forward         25.0 %    100.0 %",
        "memory: planned 100 MB (training), 20 MB (inference); peak of the process 210 MB",
      ], "\(Self.report.text)")
  }

  @Test func learningRatesAsTheyAreTyped() {
    #expect(LearningRateReport.text(rate: 0.0038274) == "0.0038")
    #expect(LearningRateReport.text(rate: 3.8274e-6) == "3.8e-06")
    #expect(LearningRateReport.text(rate: 1) == "1")
  }
}
