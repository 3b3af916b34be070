// How fast a training goes on this machine, and how many epochs a time comes to.

import Neural

/// What an epoch takes.
public struct FitPace: Sendable, Equatable {
  /// Seconds of an epoch's steps.
  public var epoch: Double
  /// Seconds of a validation, with what has to be done for it.
  public var validation: Double
  /// Epochs between two validations; 0 validates after the last epoch only.
  public var validateEvery: Int

  package init(epoch: Double, validation: Double, validateEvery: Int) {
    self.epoch = epoch
    self.validation = validation
    self.validateEvery = validateEvery
  }

  /// The most epochs that fit into a time, with their validations; 1 at least.
  public func epochs(within seconds: Double) -> Int {
    func validations(_ epochs: Int) -> Int {
      validateEvery > 0 ? (epochs + validateEvery - 1) / validateEvery : 1
    }
    // Times so short that there is no end of epochs come from a clock that stands still.
    var epochs = max(1, Int(min(1e6, seconds / max(epoch, 1e-9))))
    while epochs > 1, Double(epochs) * epoch + Double(validations(epochs)) * validation > seconds {
      epochs -= 1
    }
    return epochs
  }
}

extension Fit {
  /// Times some steps, as the training does them, and a validation. Nothing of it is
  /// kept: the schedule, and so the first step, depends on the number of epochs.
  ///
  /// - Parameter clock: what tells the time.
  /// - Throws: as `run` does.
  public func pace(clock: some Clock<Duration> = ContinuousClock()) throws -> FitPace {
    try check()
    let batches = batchMaker()
    let trainer = try trainer()
    // Of several losses the last: the Lovász losses, which sort, take longest.
    trainer.lossNumber = settings.phases?.count ?? 0
    let steps = itemsPerEpoch / settings.batch
    let (unmeasured, fewest, most) = (3, 10, 100)
    let prefetcher = prefetched(batches, steps: 0..<(unmeasured + most))
    var began = clock.now
    var timed = 0
    var used: Batch?
    for done in 0..<(unmeasured + most) {
      if done == unmeasured { began = clock.now }
      let batch = try prefetcher.next(givingBack: used.take())
      defer { used = batch }
      trainer.threads = threads()
      // Without a rate, so that weights that nobody keeps can't diverge.
      try trainer.step(
        images: batch.images, features: batch.features, targets: batch.targets, learningRate: 0)
      timed = done + 1 - unmeasured
      if timed >= fewest, began.duration(to: clock.now) >= .seconds(5) { break }
    }
    let step = began.duration(to: clock.now) / .seconds(1) / Double(timed)

    var sample = self
    sample.validation = Array(validation.prefix(8 * settings.batch))
    began = clock.now
    _ = try sample.validate(trainer.weights(), batches, settings.engineLoss(for: head))
    let look = began.duration(to: clock.now) / .seconds(1)
    // Weights whose batch-norm statistics are measured anew see the training images, too.
    let isMeasured =
      settings.keep == .swa || (settings.keep == .ema && settings.emaStatistics == .measured)
    let images = validation.count + (isMeasured ? training.count : 0)
    return FitPace(
      epoch: step * Double(steps),
      validation: validation.isEmpty
        ? 0 : look * Double(images) / Double(sample.validation.count),
      validateEvery: settings.validateEvery)
  }
}
