// The learning-rate range test: the curve's arithmetic, and a run on a small training.

import Foundation
import Neural
import Datasets
import DatasetsSupport
import Segmentation
import TestSupport
import Testing

@Suite struct LearningRateRangeTests {
  private func test(_ folder: TemporaryFolder, threads: Int = 1, steps: Int = 80) throws
    -> LearningRateRangeTest
  {
    let set = blobs(24)
    let unet = try UNet(
      UNetSettings(filters: 4, levels: 2),
      image: Shape(height: set.height, width: set.width, channels: set.channels))
    let fit = Fit(
      network: unet.network(), set: set, training: Array(0..<20), validation: Array(20..<24),
      settings: FitSettings(epochs: 1, batch: 8, learningRate: 0.01), metric: Metric.meanPrecision,
      seed: 5, fold: 0, engine: EngineSettings(threads: threads),
      scratch: folder.url.appendingPathComponent("state"))
    return LearningRateRangeTest(fit, steps: steps, from: 1e-5, to: 1)
  }

  @Test func findsARateAtWhichBlobsAreLearnt() throws {
    let folder = try TemporaryFolder()
    var seen: [LearningRateCurve.Point] = []
    let curve = try test(folder).run(onStep: { seen.append($0) })
    #expect(seen == curve.points)
    #expect(abs(curve.points[0].rate / 1e-5 - 1) < 1e-5)
    for (a, b) in zip(curve.points, curve.points.dropFirst()) {
      #expect(abs(Double(b.rate / a.rate) - pow(1e5, 1 / 79.0)) < 1e-4)
    }
    let suggestion = try #require(curve.suggestion)
    #expect((1e-3...1e-1).contains(suggestion), "\(suggestion)")
    #expect(try #require(curve.steepest) < #require(curve.minimum))
    // Nothing is left behind, and threads decide nothing.
    #expect(
      !FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("state").path))
    #expect(try test(folder, threads: 2).run() == curve)
  }

  @Test func aCurveOfKnownShape() {
    var curve = LearningRateCurve()
    for step in 0..<200 {
      let at = Double(step) / 20  // powers of ten from 1e-6, as if
      let loss = 1.5 - 1 / (1 + exp(-4 * (at - 4))) + (at > 6 ? pow(at - 6, 3) : 0)
      _ = curve.add(rate: Float(1e-6 * pow(10, at)), loss: loss)
      if curve.hasExploded { break }
    }
    #expect(curve.hasExploded)
    // The loss falls fastest at 1e-2, which the running mean sees a little later, and is least
    // at 1.
    #expect((1e-2...5e-2).contains(curve.steepest!))
    #expect((1...3).contains(curve.minimum!))
    #expect(curve.suggestion! == curve.minimum! / 10)
  }

  @Test func nothingIsSuggestedWhereNothingIsLearnt() {
    var curve = LearningRateCurve()
    #expect(curve.suggestion == nil && curve.minimum == nil && curve.steepest == nil)
    for step in 0..<50 { _ = curve.add(rate: Float(step + 1), loss: 1 + Double(step % 3) / 50) }
    #expect(curve.suggestion == nil)
    #expect(!curve.hasExploded)
  }

  @Test func ranges() throws {
    let folder = try TemporaryFolder()
    var wrong = try test(folder)
    wrong.from = 2
    #expect(throws: SettingError.self) { try wrong.run() }
    #expect(throws: SettingError.self) { try test(folder, steps: 3).run() }
  }
}
