// The training of one fold: epochs of shuffled, augmented batches, with a checkpoint after each and
// now and then within, from which an interrupted training resumes to the same bytes.

import Basics
public import Foundation
import Imaging
public import Neural
package import Notebook

/// A training: everything that its result is a function of, and where to keep its state.
public struct Fit: Sendable {
  /// The network; takes features if `features` is above 0.
  public var network: Network
  /// The network while it is trained, with logits beside the head's, which the model goes without; nil: `network`.
  public var supervised: TrainingNetwork?
  /// Values that come with each image, taken from the set; 0 when the network takes none.
  public var features: Int
  /// Images with what is known of them.
  public var set: ImageSet
  /// What of an image the network sees.
  public var frame: Frame
  /// What its logits stand for.
  public var head: TargetHead
  /// Indices of the images to train on.
  public var training: [Int]
  /// Indices of the images to validate on between epochs; may be empty.
  public var validation: [Int]
  /// Epochs, batch, learning rate and so on.
  public var settings: FitSettings
  /// The score of the validation images.
  public var metric: Metric
  /// Of everything random, together with `fold`.
  public var seed: UInt64
  /// Which fold is left out.
  public var fold: Int
  /// What the encoder starts from; nil for random numbers. Images are then scaled for it.
  public var encoder: PretrainedEncoder?
  /// Threads and backend.
  public var engine: EngineSettings
  /// A folder for checkpoints; made if needed. Training resumes from the checkpoint there.
  public var scratch: URL
  /// How many of the engine's threads to use; asked before every step. It changes no byte.
  public var threads: @Sendable () -> Int
  /// How long within an epoch until the next checkpoint, beside the one at its end.
  public var checkpointEvery = Duration.seconds(60)
  /// What is asked of it while it trains; looked at between steps, and after each epoch.
  package var requests: @Sendable () -> Requests = { Requests() }

  /// A training of a network on images of a set.
  public init(
    network: Network, features: Int = 0, set: ImageSet, training: [Int], validation: [Int],
    settings: FitSettings, metric: Metric, seed: UInt64, fold: Int, frame: Frame = .whole,
    head: TargetHead = .mask, engine: EngineSettings, scratch: URL,
    threads: (@Sendable () -> Int)? = nil
  ) {
    self.network = network
    self.features = features
    self.set = set
    self.training = training
    self.validation = validation
    self.settings = settings
    self.metric = metric
    self.seed = seed
    self.fold = fold
    self.frame = frame
    self.head = head
    self.engine = engine
    self.scratch = scratch
    self.threads = threads ?? { engine.threads }
  }

  /// Trains, or resumes from the checkpoint in `scratch`. The result does not depend on
  /// interruptions or threads: batches are a function of seed, fold and epoch, and each image's
  /// augmentation of its id too. Where it is asked to stop after an epoch, or to go on for more, it is
  /// also a function of the course that this takes, which the result names.
  ///
  /// - Parameters:
  ///   - history: where to write the metrics, a JSON object a line, anew after every epoch.
  ///   - onStep: called after every step; stops the training by throwing.
  ///   - onEpoch: called after every epoch; first with those that a checkpoint already holds.
  ///   - onSamples: called with what is predicted of a few images, after validations.
  ///   - warn: called with a sentence when a checkpoint cannot be used.
  /// - Throws: `SettingError`, `FitError`, the engine's errors, and what the callbacks throw.
  public func run(
    history: URL? = nil, onStep: (FitProgress) throws -> Void = { _ in },
    onEpoch: (EpochMetrics) throws -> Void = { _ in },
    onSamples: ((PictureGrid) throws -> Void)? = nil, warn: (String) -> Void = { _ in }
  ) throws -> FitResult {
    try check()
    let batches = batchMaker()
    let steps = itemsPerEpoch / settings.batch
    let losses = settings.engineLosses(for: head)
    let trainer = try trainer()

    let files = try FitFiles(folder: scratch, identity: try identity())
    var state = FitState()
    if let stored = try restore(trainer, from: files, warn: warn) {
      state = stored
      try write(state.history, to: history)
      for metrics in state.history { try onEpoch(metrics) }
    }
    let resumed = (epochs: state.epoch, steps: state.unfinished?.steps ?? 0)
    var timings: [EpochTiming] = []
    var needed = self.needed(state)

    // What stopped it counts as long as that is asked for; without it, training goes on.
    if !requests().stopsAfterStep { state.stoppedAfter = nil }
    while state.epoch < course(state).total, !state.isStopped, state.stoppedAfter == nil {
      let epoch = state.epoch + 1
      var (metrics, timing) = try train(trainer, batches, &state, steps: steps, onStep, files)
      let began = ContinuousClock.now
      if settings.keep == .swa, isAveraged(epoch) { trainer.addToSWA() }
      heed(requests(), in: epoch, &state)
      let isLast = epoch == course(state).total
      var validated: Validated?
      if isLast || isValidated(epoch) {
        let loss = losses[settings.lossNumber(epoch: epoch)]
        validated = try validate(epoch, &metrics, &state, trainer, batches, loss, files)
      }
      timing.validation = (ContinuousClock.now - began) / .seconds(1)
      timings.append(timing)
      state.epoch = epoch
      state.unfinished = nil
      state.history.append(metrics)
      if !isLast { state.watch(metrics, settings) }
      try keepSnapshot(epoch, course(state), of: trainer, files)
      // While the loss is far too high, the checkpoint stays that of better times.
      if !state.spike.isRising || state.isStopped || isLast || state.stoppedAfter != nil {
        try files.save(state, of: trainer)
        let before = needed
        needed = self.needed(state)
        for kept in before where !needed.contains(kept) { files.drop(kept) }
      }
      try write(state.history, to: history)
      try onEpoch(metrics)
      if let onSamples, let validated, showsSamples(after: epoch, of: course(state).total) {
        try onSamples(samples(validated, batches, epoch: epoch))
      }
    }
    try validateStopped(&state, trainer, batches, losses, files, history, onEpoch)

    return try result(trainer, batches, state, resumed: resumed, timings, files, steps: steps)
  }

  /// The weights beside the checkpoint that training goes on with.
  private func needed(_ state: FitState) -> [FitFiles.Kept] {
    var needed: [FitFiles.Kept] = []
    if settings.keep == .best, let best = state.best { needed.append(.best(best.epoch)) }
    return needed + snapshots(upTo: state.epoch, course(state)).map { .snapshot($0) }
  }

  /// Puts the trainer back to the checkpoint, if there is one; its state beside the trainer's own.
  private func restore(_ trainer: Trainer, from files: FitFiles, warn: (String) -> Void) throws
    -> FitState?
  {
    guard
      let (checkpoint, stored) = try files.load(needed: needed, warn: warn)
    else { return nil }
    do { try trainer.restore(checkpoint) } catch TrainingError.otherEngine(let made, let here) {
      throw FitError.otherEngine(checkpoint: files.checkpoint, made: made, here: here)
    }
    return stored
  }

  /// Validates the weights after an epoch; the best so far are written where they are to be kept.
  @discardableResult
  func validate(
    _ epoch: Int, _ metrics: inout EpochMetrics, _ state: inout FitState, _ trainer: Trainer,
    _ batches: BatchMaker, _ loss: Loss, _ files: FitFiles
  ) throws -> Validated? {
    guard let found = try validate(weightsToJudge(trainer, batches), batches, loss) else {
      return nil
    }
    guard found.loss.isFinite else {
      throw diverged(epoch, "the validation loss is not finite", files)
    }
    metrics.validationLoss = found.loss
    metrics.score = found.score
    let isBest = state.note(score: found.score, epoch: epoch, patience: settings.patience)
    if isBest, settings.keep == .best {
      try files.keep(unsupervised(trainer.weights()), .best(epoch))
    }
    return found
  }

  /// What the training came to, with the weights to keep.
  private func result(
    _ trainer: Trainer, _ batches: BatchMaker, _ state: FitState,
    resumed: (epochs: Int, steps: Int), _ timings: [EpochTiming], _ files: FitFiles, steps: Int
  ) throws -> FitResult {
    let keptEpoch = settings.keep == .best ? state.best?.epoch ?? state.epoch : state.epoch
    let weights =
      try settings.keep == .best && state.best != nil
      ? files.weights(.best(keptEpoch)) : weightsToJudge(trainer, batches)
    // The last step may have broken them, and without a fold left out nothing has looked since.
    guard weights.areFinite else {
      throw diverged(state.epoch, "the weights are not finite", files)
    }
    return FitResult(
      model: Model(
        network: network, weights: weights,
        earlier: try snapshots(upTo: state.epoch - 1, course(state)).map {
          try files.weights(.snapshot($0))
        },
        image: try frame.input(for: set), features: features,
        normalization: batches.normalization, frame: frame, head: head,
        metadata: [
          "fit.settings": try JSON.line(settings), "fit.seed": "\(seed)", "fit.fold": "\(fold)",
          "fit.epoch": "\(keptEpoch)", "fit.engine": trainer.engine.description,
          "fit.course": course(state).isAsPlanned ? nil : course(state).description,
        ].compactMapValues { $0 }),
      metric: metric.name, epochs: course(state).total, imagesPerEpoch: steps * settings.batch,
      history: state.history, keptEpoch: keptEpoch, resumedAfter: resumed.epochs,
      resumedSteps: resumed.steps, timings: timings,
      leftOut: itemsPerEpoch - steps * settings.batch, plannedBytes: trainer.plannedBytes,
      bias: bias(state), course: course(state))
  }

  /// The batches of steps, counted from the training's first on, made beside the steps.
  func prefetched(_ batches: BatchMaker, steps: Range<Int>) -> Prefetcher<Batch> {
    let (fit, size) = (self, settings.batch)
    let each = itemsPerEpoch / size
    let first = steps.lowerBound / each
    let orders = (first...(steps.upperBound - 1) / each).map { order(epoch: $0 + 1) }
    return Prefetcher(count: steps.count) { index, used in
      let (epoch, step) = (steps.lowerBound + index).quotientAndRemainder(dividingBy: each)
      return batches.augmented(
        orders[epoch - first][(step * size)..<((step + 1) * size)], by: fit.settings.augmentation,
        seed: fit.seed, fold: fit.fold, epoch: epoch + 1, in: used)
    }
  }

  /// The steps of the epoch after those done, from where a checkpoint within it was made.
  private func train(
    _ trainer: Trainer, _ batches: BatchMaker, _ state: inout FitState, steps: Int,
    _ onStep: (FitProgress) throws -> Void, _ files: FitFiles
  ) throws -> (EpochMetrics, EpochTiming) {
    let epoch = state.epoch + 1
    let course = course(state)
    trainer.lossNumber = settings.lossNumber(epoch: epoch)
    let first = state.unfinished?.steps ?? 0
    if first == 0, epoch > 1, trainer.lossNumber != settings.lossNumber(epoch: epoch - 1) {
      // Another loss has another size.
      state.spike = SpikeWatch()
    }
    let prefetcher = prefetched(
      batches, steps: ((epoch - 1) * steps + first)..<(epoch * steps))
    let clock = ContinuousClock()
    let began = clock.now
    var saved = began
    var looked = began - Self.lookEvery
    var metrics =
      state.unfinished?.sums
      ?? EpochMetrics(epoch: epoch, trainLoss: 0, learningRate: 0, gradientNorm: 0)
    var used: Batch?
    for step in first..<steps {
      let batch = try prefetcher.next(givingBack: used.take())
      defer { used = batch }
      trainer.threads = threads()
      trainer.setRate(settings.encoderRate(epoch: epoch), below: PretrainedEncoder.prefix)
      let scheduled = settings.learningRate(
        position: course.position(ofStep: (epoch - 1) * steps + step, perEpoch: steps),
        of: settings.epochs * steps)
      let rate = Float(Double(scheduled) * state.plateau.share)
      let result: StepResult
      do {
        result = try trainer.step(
          images: batch.images, features: batch.features, targets: batch.targets,
          learningRate: rate)
      } catch let error as TrainingError {
        guard case .notFinite(_, let what) = error else { throw error }
        throw diverged(epoch, "step \(step + 1): the \(what) is not finite", files)
      }
      if let spike = state.spike.note(Double(result.loss), factor: settings.spike) {
        throw diverged(epoch, "step \(step + 1): \(spike)", files)
      }
      metrics.trainLoss += Double(result.loss)
      metrics.gradientNorm += Double(result.gradientNorm)
      metrics.learningRate = Double(rate)
      let seconds = (clock.now - began) / .seconds(1)
      try onStep(
        FitProgress(
          epoch: epoch, epochs: course.total, images: (step + 1) * settings.batch,
          imagesTotal: steps * settings.batch, loss: metrics.trainLoss / Double(step + 1),
          rate: seconds > 0 ? Double((step + 1 - first) * settings.batch) / seconds : 0))
      guard step + 1 < steps else { continue }
      let stopsNow = clock.now - looked >= Self.lookEvery && requests().stopsNow
      if clock.now - looked >= Self.lookEvery { looked = clock.now }
      if !state.spike.isRising, stopsNow || clock.now - saved >= checkpointEvery {
        state.unfinished = .init(steps: step + 1, sums: metrics)
        try files.save(state, of: trainer)
        saved = clock.now
      }
      if stopsNow { throw FitError.stopped(epoch: epoch) }
    }
    metrics.trainLoss /= Double(steps)
    metrics.gradientNorm /= Double(steps)
    return (
      metrics,
      EpochTiming(
        epoch: epoch, images: (steps - first) * settings.batch,
        seconds: (clock.now - began) / .seconds(1), waited: prefetcher.waited / .seconds(1),
        validation: 0)
    )
  }

  /// Scaling and making of this training's batches.
  func batchMaker() -> BatchMaker {
    var normalization = Normalization(
      of: set, training, percentiles: settings.percentiles.map { $0[0]...$0[1] })
    normalization.features = Array(normalization.features.prefix(features))
    if let encoder { normalization.channels = encoder.scales }
    return batchMaker(normalization: normalization)
  }

  /// The same with another scaling.
  func batchMaker(normalization: Normalization) -> BatchMaker {
    var maker = BatchMaker(set: set, normalization: normalization, frame: frame)
    maker.crops = crops
    maker.centred = settings.centred ?? 0.5
    return maker
  }

  /// The network with the weights that training starts from.
  func trainer() throws -> Trainer {
    let input = try frame.input(for: set)
    let trained = supervised ?? TrainingNetwork(network, extra: [])
    let losses = try settings.engineLosses(for: head).map {
      try trained.loss(
        $0, image: input, outputs: head.outputs, blockWeight: settings.deepSupervision ?? 0,
        imageWeight: settings.emptyWeight ?? FitSettings.usualEmptyWeight)
    }
    let trainer = try Trainer(
      network: trained.network, batch: settings.batch, height: input.height, width: input.width,
      loss: losses[0], laterLosses: Array(losses.dropFirst()), optimizer: settings.engineOptimizer,
      seed: engineSeed, engine: engine)
    if let encoder { try trainer.load(encoder.placed(in: trainer.weights())) }
    return trainer
  }

  /// The training images, or their windows, in the order of an epoch.
  func order(epoch: Int) -> [Int] {
    BatchMaker.order(training, in: set, seed: seed, fold: fold, epoch: epoch, crops: crops)
  }

  /// Windows of an image in an epoch.
  var crops: Int {
    if case .patch = frame { settings.crops ?? 1 } else { 1 }
  }

  /// Images of an epoch, or windows of them, before those that don't fill a batch are left out.
  var itemsPerEpoch: Int { training.count * crops }

  /// - Throws: `SettingError` or `FitError` where settings and images do not go together.
  func check() throws {
    try settings.check()
    guard set.hasMasks else { throw FitError.images("training needs masks, the images have none") }
    guard features == 0 || features == set.featureCount else {
      throw FitError.images(
        "the network takes \(features) features an image, the images have \(set.featureCount)")
    }
    try SettingError.check(
      encoder == nil || settings.percentiles == nil, "train.percentiles",
      "is set, but model.weights: imagenet scales images as its encoder knows them; should be null")
    guard Set(training).isDisjoint(with: validation) else {
      throw FitError.images("an image is among both the training and the validation images")
    }
    try SettingError.check(
      settings.batch <= itemsPerEpoch, "train.batch",
      "is \(settings.batch), but there are only \(itemsPerEpoch) "
        + (crops == 1 ? "images" : "windows") + " to train on")
    if case .patch = frame {
    } else {
      try SettingError.check(
        settings.crops ?? 1 == 1, "train.crops",
        "is \(settings.crops ?? 1), but the network sees all of an image: windows need model.patch")
    }
    let input = try frame.input(for: set)
    if let found = settings.augmentation.problem(
      width: input.width, height: input.height, labels: set.truthKind == .labels)
    {
      throw SettingError(
        setting: "train.augmentation" + found.entry, problem: found.problem)
    }
    try SettingError.check(
      settings.batch > 1 || !settings.augmentation.mixesImages, "train.batch",
      "is 1, but train.augmentation mixes two images of a batch")
    if supervised?.extra.contains(.image) ?? false {
      try SettingError.check(
        head.isOfMasks, "model.empty_head",
        "is true, but competition.kind isn't mask: classes that exclude each other fill every image, and "
          + "distances are no marks; should be false")
    }
    guard head.fits(set) else {
      throw FitError.images("the network's outputs are not those of the images' truth")
    }
    try SettingError.check(
      !validation.isEmpty || !settings.needsValidation, "train",
      "keep: best, patience, and a plateau of the fold left out need validation images, there are "
        + "none")
  }

  private func isValidated(_ epoch: Int) -> Bool {
    settings.validateEvery > 0 && epoch % settings.validateEvery == 0
  }

  /// Whether SWA takes in the weights at the end of an epoch.
  private func isAveraged(_ epoch: Int) -> Bool {
    Double(epoch) > settings.swa.from * Double(settings.epochs)
  }

  /// The weights that are validated are those that would be kept.
  private func weightsToJudge(_ trainer: Trainer, _ batches: BatchMaker) throws -> Weights {
    try unsupervised(weightsOfAll(trainer, batches))
  }

  /// Weights without those of logits that are for training alone.
  func unsupervised(_ weights: Weights) throws -> Weights {
    guard supervised != nil else { return weights }
    let input = try frame.input(for: set)
    return try network.own(of: weights, height: input.height, width: input.width)
  }

  private func weightsOfAll(_ trainer: Trainer, _ batches: BatchMaker) throws -> Weights {
    switch settings.keep {
    case .last, .best, .snapshots: return trainer.weights()
    case .ema:
      let average = trainer.averagedWeights() ?? trainer.weights()
      return settings.emaStatistics == .measured
        ? try remeasured(average, trainer, batches) : average
    case .swa:
      // Before the first epoch that is averaged, there is nothing but the last weights.
      guard let average = trainer.swaWeights() else { return trainer.weights() }
      return try remeasured(average, trainer, batches)
    }
  }

  /// Weights with batch-norm statistics of the training images as they are, in an order of seed and
  /// fold.
  private func remeasured(_ weights: Weights, _ trainer: Trainer, _ batches: BatchMaker) throws
    -> Weights
  {
    // Each image once.
    let size = settings.batch
    let order = BatchMaker.order(training, in: set, seed: seed, fold: fold, epoch: 0)
    let steps = order.count / size
    let prefetcher = Prefetcher(count: steps) { step, _ in
      batches.plain(order[(step * size)..<((step + 1) * size)])
    }
    return try trainer.remeasured(weights, batches: steps) { _ in
      let batch = try prefetcher.next()
      return (batch.images, batch.features)
    }
  }

  private func bias(_ state: FitState) -> String? {
    var reasons: [String] = []
    if state.isStopped {
      reasons.append(
        "Training stopped early, after epoch \(state.epoch) of \(course(state).total), by the "
          + "validation score, which is therefore flattered.")
    }
    if settings.keep == .best, let best = state.best {
      reasons.append(
        "The weights are those of epoch \(best.epoch), chosen by the validation score, which is "
          + "therefore flattered.")
    }
    if state.plateau.share < 1, settings.plateau.watch != .trainingLoss {
      reasons.append(
        "The learning rate was lowered where the fold left out got no better, which flatters its "
          + "score a little.")
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: " ")
  }

  private func diverged(_ epoch: Int, _ reason: String, _ files: FitFiles) -> FitError {
    let hasCheckpoint = FileManager.default.fileExists(atPath: files.checkpoint.path)
    return .diverged(
      epoch: epoch, reason: reason, checkpoint: hasCheckpoint ? files.checkpoint : nil)
  }

  func write(_ metrics: [EpochMetrics], to url: URL?) throws {
    if let url { try WholeFile.write(jsonLines(metrics), to: url) }
  }

  /// A function of seed and fold.
  private var engineSeed: UInt64 {
    var generator = SeededGenerator(seed: seed, "engine", "\(fold)")
    return generator.next()
  }

  /// Everything that the result is a function of, as text.
  private func identity() throws -> String {
    struct Identity: Codable {
      var settings: FitSettings
      var network: Network
      /// Missing where that is all.
      var supervised: TrainingNetwork?
      var features: Int
      var metric: String
      var seed: UInt64
      var fold: Int
      var images: UInt64
      var training: [Int]
      var validation: [Int]
      var frame: Frame?
      var head: TargetHead?
      /// Missing for random weights.
      var encoder: String?
    }
    return try JSON.line(
      Identity(
        settings: settings, network: network, supervised: supervised, features: features,
        metric: metric.name, seed: seed,
        fold: fold, images: set.digest, training: training, validation: validation,
        frame: frame == .whole ? nil : frame, head: head == .mask ? nil : head,
        encoder: encoder?.kind.rawValue))
  }
}
