// A training that is asked to stop, or to go on for more epochs, while it goes on: what comes of it depends on the
// epoch alone, and what goes on later comes to the bytes of a training that was never stopped.

import Datasets
import DatasetsSupport
import Foundation
import Imaging
import Neural
import Notebook
import Segmentation
import Synchronization
import TestSupport
import Testing

@Suite struct CourseTests {
  private func fit(_ folder: TemporaryFolder, _ state: String, epochs: Int = 4) throws -> Fit {
    let set = blobs(14)
    let unet = try UNet(
      UNetSettings(filters: 2, levels: 2, dropout: 0.2),
      image: Shape(height: set.height, width: set.width, channels: set.channels),
      features: set.featureCount)
    var settings = FitSettings(
      epochs: epochs, batch: 5, learningRate: 0.01,
      augmentation: Augmentation([.init(HorizontalFlip(), p: 0.5)]))
    // So that the epoch after which it is stopped isn't one that is validated anyway.
    settings.validateEvery = 2
    return Fit(
      network: unet.network(), features: set.featureCount, set: set, training: Array(0..<10),
      validation: Array(10..<14), settings: settings, metric: Metric.meanPrecision, seed: 5,
      fold: 0,
      engine: EngineSettings(threads: 1), scratch: folder.url.appendingPathComponent(state))
  }

  private func bytes(_ result: FitResult, _ folder: TemporaryFolder) throws -> Data {
    let url = folder.url.appendingPathComponent("model.safetensors")
    try result.model.write(to: url)
    return try Data(contentsOf: url)
  }

  /// Requests as they come about at a count of looks.
  private func asking(_ fill: @escaping @Sendable (inout Requests) -> Void)
    -> @Sendable () -> Requests
  {
    {
      var requests = Requests()
      fill(&requests)
      return requests
    }
  }

  @Test func stoppedAfterAnEpochItGoesOnLaterToTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let full = try bytes(fit(folder, "full").run(), folder)

    var fit = try fit(folder, "stopped")
    let epoch = Mutex(0)
    func stopping(_ fit: Fit) -> Fit {
      var fit = fit
      fit.requests = asking { $0.stopsAfterStep = epoch.withLock { $0 } >= 2 }
      return fit
    }
    // Asked within the third epoch, it ends after it.
    let stopped = try stopping(fit).run(onStep: { step in epoch.withLock { $0 = step.epoch - 1 } })
    #expect(stopped.course.stoppedAfter == 3 && stopped.history.map(\.epoch) == [1, 2, 3])
    #expect(stopped.history.last?.score != nil, "the last epoch is validated")
    #expect(stopped.course.description == "stopped after epoch 3 of 4")
    let kept = try bytes(stopped, folder)
    #expect(kept != full)
    // Asked again after a crash, it is as it was; nothing is trained.
    let again = try stopping(fit).run()
    #expect(again.resumedAfter == 3 && again.timings.isEmpty && again.history == stopped.history)
    #expect(try bytes(again, folder) == kept)
    // Not asked any more, it goes on.
    fit.requests = { Requests() }
    let whole = try fit.run()
    #expect(whole.course.isAsPlanned && whole.history.map(\.epoch) == [1, 2, 3, 4])
    #expect(whole.history[2].score == nil, "the third epoch is none that is validated")
    #expect(try bytes(whole, folder) == full)
  }

  @Test func extendedItComesToTheEndOfItsSchedule() throws {
    let folder = try TemporaryFolder()
    let plain = try fit(folder, "plain").run()
    var fit = try fit(folder, "extended")
    fit.requests = asking { $0.extensions = [.init(name: "extend-1", steps: 2)] }
    let extended = try fit.run()
    #expect(extended.course.extended == [.init(after: 1, by: 2)] && extended.epochs == 6)
    #expect(extended.history.map(\.epoch) == Array(1...6))
    // The first epoch is the plan's; the last step has the plan's last rate.
    #expect(extended.history[0] == plain.history[0])
    #expect(abs(extended.history[5].learningRate - plain.history[3].learningRate) < 1e-9)
    // In between it goes down more slowly.
    #expect(extended.history[2].learningRate > plain.history[2].learningRate)
    let bytes = try bytes(extended, folder)

    // Interrupted, it goes on to the same bytes, although nobody asks any more: the checkpoint knows.
    struct Interruption: Error {}
    fit.scratch = folder.url.appendingPathComponent("again")
    #expect(throws: Interruption.self) {
      try fit.run(onEpoch: { if $0.epoch == 3 { throw Interruption() } })
    }
    fit.requests = { Requests() }
    let resumed = try fit.run()
    #expect(resumed.course == extended.course)
    #expect(try self.bytes(resumed, folder) == bytes)
  }

  @Test func stoppedNowItKeepsACheckpoint() throws {
    let folder = try TemporaryFolder()
    let full = try bytes(fit(folder, "full").run(), folder)
    var fit = try fit(folder, "stopped")
    fit.requests = asking { $0.stopsNow = true }
    #expect { try fit.run() } throws: { "\($0)".contains("stopped in epoch 1") }
    fit.requests = { Requests() }
    let resumed = try fit.run()
    #expect(resumed.resumedSteps == 1)
    #expect(try bytes(resumed, folder) == full)
  }
}
