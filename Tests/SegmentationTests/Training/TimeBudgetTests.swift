// A time budget and the number of epochs that it comes to.

import Foundation
import Imaging
import Neural
import Datasets
import DatasetsSupport
import Segmentation
import Synchronization
import TestSupport
import Testing

@Suite struct TimeBudgetTests {
  @Test(arguments: [("90s", 90.0), ("45m", 2700), ("2h", 7200), ("0.5m", 30)])
  func timesAreReadAsWritten(_ text: String, _ seconds: Double) throws {
    let budget = try #require(TimeBudget(text))
    #expect(budget.seconds == seconds)
    let json = try JSONEncoder().encode([budget])
    #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
    #expect(try JSONDecoder().decode([TimeBudget].self, from: json) == [budget])
  }

  @Test(arguments: ["\"45\"", "\"m\"", "\"-1m\"", "\"0s\"", "\"infm\"", "\"\"", "45", "\"1 day\""])
  func otherWordsAreRefused(_ json: String) {
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([TimeBudget].self, from: Data("[\(json)]".utf8))
    }
    guard case .dataCorrupted(let context)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.debugDescription.contains("should be a time such as 90s, 45m or 2h"))
  }

  @Test func asManyEpochsAsFit() {
    func epochs(_ seconds: Double, every: Int, epoch: Double = 10, validation: Double = 4) -> Int {
      FitPace(epoch: epoch, validation: validation, validateEvery: every).epochs(within: seconds)
    }
    // 7 epochs and 7 validations are 98 s; 8 epochs and 4 validations 96 s; 9 and the last one 94 s.
    #expect(epochs(100, every: 1) == 7)
    #expect(epochs(100, every: 2) == 8)
    #expect(epochs(100, every: 0) == 9)
    #expect(epochs(98, every: 1) == 7 && epochs(97.9, every: 1) == 6)
    // One at least, and an end to them.
    #expect(epochs(1, every: 1) == 1)
    #expect(epochs(100, every: 1, epoch: 0, validation: 0) == 1_000_000)
  }

  /// Time that passes only where it is told to.
  private final class HandClock: Clock {
    struct Instant: InstantProtocol {
      var time: Duration
      func advanced(by duration: Duration) -> Instant { Instant(time: time + duration) }
      func duration(to other: Instant) -> Duration { other.time - time }
      static func < (a: Instant, b: Instant) -> Bool { a.time < b.time }
    }
    private let time = Mutex(Duration.zero)
    var now: Instant { Instant(time: time.withLock { $0 }) }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
    func advance(by duration: Duration) { time.withLock { $0 += duration } }
  }

  /// 16 images, 5 a step, so 3 steps an epoch; 4 images to look at.
  private func fit(_ folder: TemporaryFolder, _ settings: FitSettings) throws -> Fit {
    let set = blobs(20)
    let unet = try UNet(
      UNetSettings(filters: 2, levels: 2),
      image: Shape(height: set.height, width: set.width, channels: set.channels),
      features: set.featureCount)
    return Fit(
      network: unet.network(), set: set, training: Array(0..<16), validation: Array(16..<20),
      settings: settings, metric: Metric.meanPrecision, seed: 5, fold: 0,
      engine: EngineSettings(threads: 1), scratch: folder.url)
  }

  @Test func stepsAndLooksAreTimed() throws {
    let folder = try TemporaryFolder()
    var settings = FitSettings(epochs: 1, batch: 5, learningRate: 1e30, validateEvery: 3)
    settings.budget = TimeBudget("90s")
    var fit = try fit(folder, settings)
    let clock = HandClock()
    let asked = Mutex(0)
    // Asked before every step and every look: the first three steps are slower, and not counted.
    fit.threads = {
      clock.advance(
        by: asked.withLock {
          $0 += 1
          return $0 <= 3 ? .seconds(100) : .milliseconds(250)
        })
      return 1
    }
    let pace = try fit.pace(clock: clock)
    #expect(pace == FitPace(epoch: 0.75, validation: 0.25, validateEvery: 3))
    // Until five seconds are over: 3 steps, 20 steps, 1 look.
    #expect(asked.withLock { $0 } == 24)
    #expect(pace.epochs(within: 90) == 108)
    // Nothing is kept of it.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
  }

  @Test func theNumberStandsForTheBudget() throws {
    var settings = FitSettings(epochs: 40, batch: 5, learningRate: 0.01)
    settings.budget = TimeBudget("45m")
    #expect(settings.with(epochs: 2) == FitSettings(epochs: 2, batch: 5, learningRate: 0.01))
  }
}
