// The training loop: it learns, it goes on after an interruption to the same bytes, threads and the
// order of images do not matter, and what cannot be trained is said.

import Foundation
import Imaging
import Neural
import Notebook
import Datasets
import DatasetsSupport
import Segmentation
import Synchronization
import TestSupport
import Testing

@Suite struct FitTests {
  private struct Interruption: Error {}

  private func fit(
    _ folder: TemporaryFolder, set: ImageSet = blobs(20), settings: FitSettings,
    network: UNetSettings = UNetSettings(filters: 2, levels: 2, dropout: 0.2), threads: Int = 1,
    seed: UInt64 = 5, fold: Int = 0, state: String = "state"
  ) throws -> Fit {
    let unet = try UNet(
      network, image: Shape(height: set.height, width: set.width, channels: set.channels),
      features: set.featureCount)
    return Fit(
      network: unet.network(), features: set.featureCount, set: set,
      training: Array(0..<(set.count - 4)), validation: Array((set.count - 4)..<set.count),
      settings: settings, metric: Metric.meanPrecision, seed: seed, fold: fold,
      engine: EngineSettings(threads: threads), scratch: folder.url.appendingPathComponent(state))
  }

  private func settings(epochs: Int = 2, _ change: (inout FitSettings) -> Void = { _ in })
    -> FitSettings
  {
    let augmentation = Augmentation([
      .init(HorizontalFlip(), p: 0.5), .init(RandomSizedCrop(), p: 0.5),
      .init(BrightnessContrast()),
    ])
    var settings = FitSettings(
      epochs: epochs, batch: 5, learningRate: 0.01, augmentation: augmentation)
    change(&settings)
    return settings
  }

  private func bytes(_ result: FitResult, _ folder: TemporaryFolder) throws -> Data {
    let url = folder.url.appendingPathComponent("model.safetensors")
    try result.model.write(to: url)
    return try Data(contentsOf: url)
  }

  @Test func learnsBrightDiscs() throws {
    let folder = try TemporaryFolder()
    let set = blobs(64)
    let fit = try fit(
      folder, set: set,
      settings: FitSettings(epochs: 12, batch: 10, learningRate: 0.03),
      network: UNetSettings(filters: 4, levels: 2), threads: 2)
    let result = try fit.run()
    let scores = result.history.compactMap(\.score)
    #expect(scores.last! > 0.9)
    #expect(result.history.last!.trainLoss < 0.5 * result.history[0].trainLoss)
    #expect(result.history.map(\.epoch) == Array(1...12))
    #expect(result.keptEpoch == 12)
    #expect(result.bias == nil)
    // 60 images make six whole batches.
    #expect(result.leftOut == 0)
    // The model gives what validation saw.
    let maps = try result.model.probabilities(of: set, at: fit.validation, engine: fit.engine)
    let mean = Metric.meanPrecision.mean(
      zip(fit.validation, maps).map { Overlap(predicted: Mask($1), truth: set.mask($0)) })
    #expect(mean == scores.last)
  }

  /// Six images that their ids choose, and the two that score worst; as many times as are validated.
  /// Large images are shown smaller.
  @Test(arguments: [16, 100]) func predictionsAreShownAsTheyGrow(side: Int) throws {
    let folder = try TemporaryFolder()
    let set = blobs(24, width: side, height: side - 4)
    let settings = settings(epochs: 5) { $0.validateEvery = 2 }
    var fit = try fit(folder, set: set, settings: settings)
    fit.training = Array(0..<12)
    fit.validation = Array(12..<24)
    var grids: [PictureGrid] = []
    let result = try fit.run(onSamples: { grids.append($0) })
    #expect(grids.map(\.step) == ["epoch 2", "epoch 4", "epoch 5"])
    #expect(Set(grids.map(\.title)).count == 1)
    for grid in grids {
      #expect(grid.columns == ["image", "truth", "probability", "differences"])
      #expect(grid.rows.count == 8 && grid.rows.allSatisfy { $0.count == 4 })
      #expect(grid.rows.joined().allSatisfy { $0.width == min(side, 76) && $0.height < $0.width })
      // Beside the id stands the score.
      let labels = grid.rows.map { $0[0].label.components(separatedBy: " · ") }
      #expect(Set(labels.map { $0[0] }).count == 8)
      let scores = labels.compactMap { Double($0[1]) }
      #expect(scores.count == 8 && scores[6] <= scores[7])
    }
    let fixed = grids.map { $0.rows.prefix(6).map { $0[0].png } }
    #expect(fixed[0] == fixed[1] && fixed[1] == fixed[2])
    // Nothing of it goes into the model.
    let without = try self.fit(folder, set: set, settings: settings, state: "without")
    var same = without
    (same.training, same.validation) = (fit.training, fit.validation)
    #expect(try bytes(same.run(), folder) == bytes(result, folder))
  }

  /// What makes logits for training alone isn't in the model; and the training goes on to the same bytes.
  @Test(arguments: [Keep.last, .best], [false, true])
  func blocksLearnByLogitsOfTheirOwn(keep: Keep, emptyHead: Bool) throws {
    let folder = try TemporaryFolder()
    let set = blobs(20)
    let settings = settings(epochs: 3) {
      $0.deepSupervision = 0.5
      $0.keep = keep
    }
    func supervised(_ state: String) throws -> Fit {
      let network = UNetSettings(filters: 2, levels: 3, emptyHead: emptyHead)
      var fit = try fit(folder, set: set, settings: settings, network: network, state: state)
      fit.supervised = try ModelSettings(network).trainingNetwork(
        image: Shape(height: set.height, width: set.width, channels: set.channels),
        features: set.featureCount, deepSupervision: true)
      return fit
    }
    let whole = try supervised("whole").run()
    #expect(whole.model.weights.tensors.keys.allSatisfy { !$0.hasPrefix("supervision.") })
    #expect(whole.model.weights.tensors.keys.contains("empty.1.weight") == emptyHead)
    let maps = try whole.model.probabilities(
      of: set, at: try supervised("whole").validation, engine: EngineSettings(threads: 1))
    #expect(maps.count == 4)
    #expect(throws: Interruption.self) {
      try supervised("broken").run(onEpoch: { if $0.epoch == 2 { throw Interruption() } })
    }
    let resumed = try supervised("broken").run()
    #expect(try bytes(resumed, folder) == bytes(whole, folder))
    // Without it, the same network learns otherwise.
    let alone = try fit(
      folder, set: set, settings: settings, network: UNetSettings(filters: 2, levels: 3),
      state: "alone"
    ).run()
    #expect(alone.history.last?.trainLoss != whole.history.last?.trainLoss)
  }

  /// Stopped in the middle of the second epoch, and after it: the rest gives the same bytes.
  @Test(arguments: [Keep.last, .ema, .swa, .best])
  func goesOnToTheSameBytes(keep: Keep) throws {
    let settings = settings(epochs: 3) {
      $0.keep = keep
      $0.ema = 0.9
      $0.emaStatistics = .measured
      // The second and third epochs are averaged; the rate is halved after the second.
      $0.swa.from = 0.5
      $0.schedule = .plateau
      $0.plateau = PlateauSettings(watch: .trainingLoss, patience: 0, threshold: 0.9)
      $0.warmupEpochs = 0.5
    }
    let unbroken = try TemporaryFolder()
    let history = unbroken.url.appendingPathComponent("metrics.jsonl")
    let expected = try fit(unbroken, settings: settings).run(history: history)

    let broken = try TemporaryFolder()
    let again = broken.url.appendingPathComponent("metrics.jsonl")
    var steps = 0
    #expect(throws: Interruption.self) {
      try fit(broken, settings: settings).run(
        history: again,
        onStep: { _ in
          steps += 1
          if steps == 5 { throw Interruption() }
        })
    }
    #expect(throws: Interruption.self) {
      try fit(broken, settings: settings).run(
        history: again, onEpoch: { if $0.epoch == 2 { throw Interruption() } })
    }
    var epochs: [Int] = []
    let result = try fit(broken, settings: settings, threads: 2).run(
      history: again, onEpoch: { epochs.append($0.epoch) })
    #expect(result.history.map { Float($0.learningRate) } == [0.01, 0.01, 0.005])
    #expect(result.resumedAfter == 2)
    #expect(epochs == [1, 2, 3])
    #expect(result.history == expected.history)
    #expect(try bytes(result, broken) == bytes(expected, unbroken))
    #expect(try Data(contentsOf: again) == Data(contentsOf: history))
    // Three steps of five images an epoch, one of the 16 images left out.
    #expect(expected.leftOut == 1)

    // A run after the end trains nothing and gives the same.
    let finished = try fit(broken, settings: settings).run(onStep: { _ in throw Interruption() })
    #expect(finished.resumedAfter == 3)
    #expect(try bytes(finished, broken) == bytes(expected, unbroken))
  }

  /// Cycles of an epoch and then of two, behind a warm-up of one: they end after the second and the fourth epoch, and the
  /// schedule has no other end than its last step. Trainings that end there have the same weights.
  @Test func snapshotsAreTheWeightsAtTheEndsOfCycles() throws {
    func settings(_ epochs: Int, _ keep: Keep, _ snapshots: Int? = nil) -> FitSettings {
      self.settings(epochs: epochs) {
        $0.keep = keep
        $0.snapshots = snapshots
        $0.schedule = .cosineRestarts
        $0.restarts = RestartSettings(epochs: 1, multiplier: 2)
        $0.warmupEpochs = 1
        $0.validateEvery = 0
      }
    }
    let folder = try TemporaryFolder()
    let result = try fit(folder, settings: settings(6, .snapshots), state: "whole").run()
    let ends = try [2, 4, 6].map {
      try fit(folder, settings: settings($0, .last), state: "\($0)").run().model.weights
    }
    #expect(result.model.earlier == Array(ends[..<2]))
    #expect(result.model.weights == ends[2])
    let url = folder.url.appendingPathComponent("model.safetensors")
    try result.model.write(to: url)
    let read = try Model(contentsOf: url)
    #expect(read == result.model)
    #expect(read.members.map(\.weights) == ends)

    // Two of them: the first is not kept. Broken off after each epoch, it comes to the same.
    let two = try fit(folder, settings: settings(6, .snapshots, 2), state: "two").run()
    #expect(two.model.earlier == [ends[1]])
    for epoch in 1...5 {
      #expect(throws: Interruption.self) {
        try fit(folder, settings: settings(6, .snapshots, 2), state: "broken").run(
          onEpoch: { if $0.epoch == epoch { throw Interruption() } })
      }
    }
    let again = try fit(folder, settings: settings(6, .snapshots, 2), state: "broken").run()
    #expect(try bytes(again, folder) == bytes(two, folder))
    let kept = try FileManager.default.contentsOfDirectory(
      atPath: folder.url.appendingPathComponent("broken").path
    ).sorted()
    #expect(kept == ["checkpoint.safetensors", "snapshot-4.safetensors"])
  }

  /// With a checkpoint after every step: no step is trained twice, whatever is kept beside the weights.
  @Test(arguments: [Keep.last, .ema, .best])
  func goesOnInTheMidstOfAnEpoch(keep: Keep) throws {
    let settings = settings(epochs: 3) {
      $0.keep = keep
      $0.ema = 0.9
    }
    let unbroken = try TemporaryFolder()
    let expected = try fit(unbroken, settings: settings).run()
    #expect(expected.resumedSteps == 0)

    // Three steps an epoch. Broken off within every one of the nine; each time, the step in which that
    // happens is lost.
    let broken = try TemporaryFolder()
    var fit = try fit(broken, settings: settings)
    fit.checkpointEvery = .zero
    var trained: [Int] = []
    for _ in 0..<4 {
      var steps = 0
      #expect(throws: Interruption.self) {
        try fit.run(
          onStep: {
            trained.append(($0.epoch - 1) * 3 + $0.images / 5)
            steps += 1
            if steps == 3 { throw Interruption() }
          })
      }
    }
    #expect(trained == [1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9])
    let result = try fit.run(onStep: { trained.append(($0.epoch - 1) * 3 + $0.images / 5) })
    #expect(trained.dropFirst(12) == [9])
    #expect(result.resumedAfter == 2 && result.resumedSteps == 2)
    #expect(result.timings.map(\.images) == [5])
    #expect(result.history == expected.history)
    #expect(try bytes(result, broken) == bytes(expected, unbroken))
  }

  @Test func threadsMayChangeFromStepToStep() throws {
    let folder = try TemporaryFolder()
    let expected = try bytes(fit(folder, settings: settings(), state: "a").run(), folder)
    var changing = try fit(folder, settings: settings(), threads: 3, state: "b")
    let asked = Mutex(0)
    changing.threads = {
      asked.withLock {
        $0 += 1
        return $0 % 5
      }
    }
    #expect(try bytes(changing.run(), folder) == expected)
    // Six steps, two validations.
    #expect(asked.withLock { $0 } == 8)
  }

  @Test func timesAreTold() throws {
    let folder = try TemporaryFolder()
    let result = try fit(folder, settings: settings { $0.validateEvery = 2 }).run()
    #expect(result.timings.map(\.epoch) == [1, 2])
    #expect(result.timings.map(\.images) == [15, 15])
    for timing in result.timings {
      #expect(timing.seconds > 0 && timing.waited >= 0 && timing.waited <= timing.seconds)
      #expect(timing.millisecondsPerImage == timing.seconds * 1000 / 15)
    }
    #expect(result.timings[0].validation < result.timings[1].validation)
  }

  @Test func seedFoldAndImagesDecide() throws {
    let folder = try TemporaryFolder()
    let one = settings(epochs: 1)
    let base = try bytes(fit(folder, settings: one, state: "a").run(), folder)
    let seed = try bytes(fit(folder, settings: one, seed: 6, state: "b").run(), folder)
    let fold = try bytes(fit(folder, settings: one, fold: 1, state: "c").run(), folder)
    #expect(Set([base, seed, fold]).count == 3)
    // The order in which training images are listed does not.
    var shuffled = try fit(folder, settings: one, state: "d")
    shuffled.training.reverse()
    #expect(try bytes(shuffled.run(), folder) == base)
  }

  @Test func depthsAndColoursAreInputs() throws {
    let folder = try TemporaryFolder()
    let set = blobs(12, width: 12, height: 10, channels: 3, depths: true)
    let fit = try fit(folder, set: set, settings: settings(epochs: 1))
    let model = try fit.run().model
    #expect(model.features == 1)
    #expect(model.normalization.channels.count == 3)
    let url = folder.url.appendingPathComponent("m.safetensors")
    try model.write(to: url)
    #expect(try Model(contentsOf: url) == model)
    // Another depth, another probability.
    let deeper = ImageSet(
      ids: set.ids, images: set.ids.indices.map(set.image),
      features: set.features.map { [$0[0] + 50] })
    let maps = try model.probabilities(of: set, at: [0], engine: fit.engine)
    #expect(try model.probabilities(of: deeper, at: [0], engine: fit.engine) != maps)
    #expect(throws: ModelError.self) {
      try model.probabilities(of: blobs(2), at: [0], engine: fit.engine)
    }
  }

  @Test func stoppingEarlyAndChoosingTheBestAreCalledBiased() throws {
    let folder = try TemporaryFolder()
    let still = settings(epochs: 9) {
      $0.learningRate = 1e-9
      $0.schedule = .constant
      $0.patience = 2
    }
    let stopped = try fit(folder, settings: still, state: "a").run()
    #expect(stopped.history.count < 9)
    #expect(stopped.bias?.contains("stopped early") == true)
    let best = try fit(folder, settings: settings { $0.keep = .best }, state: "b").run()
    #expect(best.bias?.contains("flattered") == true)
    let scores = best.history.compactMap(\.score)
    #expect(scores[best.keptEpoch - 1] == scores.max())

    func lowered(_ watch: PlateauSettings.Watched, state: String) throws -> FitResult {
      let plateau = settings(epochs: 3) {
        $0.schedule = .plateau
        $0.plateau = PlateauSettings(watch: watch, patience: 0, threshold: 0.9, floor: 0.8)
      }
      return try fit(folder, settings: plateau, state: state).run()
    }
    #expect(try lowered(.loss, state: "c").bias?.contains("rate was lowered") == true)
    let honest = try lowered(.trainingLoss, state: "d")
    #expect(honest.history.map { ($0.learningRate * 1e4).rounded() } == [100, 100, 80])
    #expect(honest.bias == nil)
  }

  /// What is validated is what is kept: each average with the statistics asked for.
  @Test func averagesAreJudgedAndKept() throws {
    let folder = try TemporaryFolder()
    var seen: [String: FitResult] = [:]
    for (name, keep, statistics) in [
      ("last", Keep.last, AverageStatistics.running), ("swa", .swa, .running),
      ("ema", .ema, .running), ("measured", .ema, .measured),
    ] {
      let settings = settings(epochs: 4) {
        $0.keep = keep
        $0.ema = 0.5
        $0.emaStatistics = statistics
        $0.swa.from = 0.5
      }
      let fit = try fit(folder, settings: settings, state: name)
      let result = try fit.run()
      seen[name] = result
      let maps = try result.model.probabilities(
        of: fit.set, at: fit.validation, engine: fit.engine)
      let score = Metric.meanPrecision.mean(
        zip(fit.validation, maps).map { Overlap(predicted: Mask($1), truth: fit.set.mask($0)) })
      #expect(score == result.history.last?.score)
    }
    func head(_ name: String) -> Tensor? { seen[name]?.model.weights.tensors["head.weight"] }
    func mean(_ name: String) -> Tensor? {
      seen[name]?.model.weights.tensors["bottom.norm0.running_mean"]
    }
    #expect(Set([head("last"), head("swa"), head("ema")].map { $0?.values }).count == 3)
    #expect(head("ema") == head("measured"))
    #expect(mean("ema") == mean("last"))
    #expect(mean("ema") != mean("measured"))
    // Before averaging begins, there is nothing but the last weights.
    #expect(seen["swa"]?.history.prefix(2) == seen["last"]?.history.prefix(2))
  }

  @Test func spikes() {
    /// The step at which a training with these losses stops.
    func stop(_ factor: Double, _ loss: (Int) -> Double) -> Int? {
      var watch = SpikeWatch()
      return (0..<400).first { watch.note(loss($0), factor: factor) != nil }
    }
    let falling = { (step: Int) in 1.6 * exp(-Double(step) / 60) + (step % 7 == 0 ? 0.3 : 0) }
    #expect(stop(10, falling) == nil)
    #expect(stop(10) { falling($0) * ($0 % 20 < 9 ? 100 : 1) } == nil)
    #expect(stop(10) { $0 < 200 ? falling($0) : 2 } == 209)
    #expect(stop(0) { $0 < 200 ? falling($0) : 2 } == nil)
    // Nothing is known of the first steps, and a loss near zero may be many times itself.
    #expect(stop(10) { $0 < 30 ? 100 : 1 } == nil)
    #expect(stop(10) { $0 < 200 ? 1 : $0 < 300 ? 0.001 : 0.4 } == nil)
  }

  /// The rate rises until weights fly off: training stops, and the checkpoint is from before. With such a
  /// rate the last bits decide how it goes on; batches of four keep every way it can go far above.
  @Test func aSpikeStopsAndKeepsTheCheckpoint() throws {
    let folder = try TemporaryFolder()
    let settings = settings(epochs: 48) {
      $0.batch = 4
      $0.optimizer = .sgd
      $0.learningRate = 400
      $0.warmupEpochs = 20
      $0.validateEvery = 0
      $0.spike = 3
      // Far off, but not to infinity.
      $0.clipNorm = 1
    }
    func spike() throws -> Data {
      let error = #expect(throws: FitError.self) { try fit(folder, settings: settings).run() }
      #expect(error?.description.contains("times its running median of") == true)
      #expect(error?.description.contains("The last good state is in") == true)
      return try Data(
        contentsOf: folder.url.appendingPathComponent("state/checkpoint.safetensors"))
    }
    // Going on from that checkpoint ends the same.
    #expect(try spike() == spike())
  }

  /// One step an epoch: the first leaves weights that overflow in the second.
  @Test func notANumberStopsAndKeepsTheCheckpoint() throws {
    let folder = try TemporaryFolder()
    let settings = settings(epochs: 8) {
      $0.batch = 16
      $0.learningRate = 1e30
      $0.optimizer = .sgd
      $0.schedule = .constant
      $0.validateEvery = 0
    }
    let checkpoint = folder.url.appendingPathComponent("state/checkpoint.safetensors")
    func diverge() throws -> Data {
      let error = #expect(throws: FitError.self) { try fit(folder, settings: settings).run() }
      #expect(error?.description.hasPrefix("epoch 2: step 1: the ") == true)
      #expect(error?.description.contains("not finite") == true)
      #expect(error?.description.contains(checkpoint.path) == true)
      return try Data(contentsOf: checkpoint)
    }
    #expect(try diverge() == diverge())
    #expect(try Checkpoint(contentsOf: checkpoint).step == 1)
  }

  @Test func checkpointsOfOthersAreRefusedAndBrokenOnesLeftAside() throws {
    let folder = try TemporaryFolder()
    let expected = try bytes(fit(folder, settings: settings()).run(), folder)
    #expect(throws: FitError.self) { try fit(folder, settings: settings(), seed: 6).run() }
    let checkpoint = folder.url.appendingPathComponent("state/checkpoint.safetensors")
    let whole = try Data(contentsOf: checkpoint)
    try whole.prefix(whole.count / 2).write(to: checkpoint)
    var warnings: [String] = []
    let result = try fit(folder, settings: settings()).run(warn: { warnings.append($0) })
    #expect(warnings.count == 1)
    #expect(result.resumedAfter == 0)
    #expect(try bytes(result, folder) == expected)
  }

  @Test func checkpointsOfAnotherEngineAreRefused() throws {
    let folder = try TemporaryFolder()
    _ = try fit(folder, settings: settings()).run()
    let file = folder.url.appendingPathComponent("state/checkpoint.safetensors")
    var checkpoint = try Checkpoint(contentsOf: file)
    checkpoint.engine.library = "OpenBLAS 0.0.1"
    try checkpoint.write(to: file)
    let error = #expect(throws: FitError.self) { try fit(folder, settings: settings()).run() }
    #expect(error?.description.hasPrefix("\(file.path) was made by ") == true)
    #expect(error?.description.contains("OpenBLAS 0.0.1") == true)
    #expect(error?.description.contains("remove that file") == true)
    try FileManager.default.removeItem(at: file)
    #expect(try fit(folder, settings: settings()).run().resumedAfter == 0)
  }

  /// Windows of label maps: the same bytes whatever interrupts it, and by however many threads.
  @Test func windowsGoOnToTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let masks = blobs(10, width: 24, height: 20)
    let set = ImageSet(
      ids: masks.ids, images: masks.ids.indices.map { masks.image($0) },
      truth: masks.ids.indices.map {
        .labels(ClassMap(width: 24, height: 20, labels: masks.mask($0).pixels.map { $0 * 2 }))
      }, classes: 3)
    let head = TargetHead(for: set)
    let network = try UNet(
      UNetSettings(filters: 2, levels: 2), image: Shape(height: 8, width: 8, channels: 1),
      outputs: head.outputs
    ).network()
    func fit(_ state: String, threads: Int) -> Fit {
      Fit(
        network: network, set: set, training: Array(0..<8), validation: [8, 9],
        settings: settings(epochs: 3) {
          $0.crops = 3
          $0.batch = 4
        }, metric: Metric(unit: .pixels, measure: .iou, empty: .zero), seed: 5, fold: 0,
        frame: .patch(8), head: head, engine: EngineSettings(threads: threads),
        scratch: folder.url.appendingPathComponent(state))
    }
    let unbroken = try fit("unbroken", threads: 1).run()
    #expect(unbroken.imagesPerEpoch == 24 && unbroken.history.allSatisfy { $0.score != nil })
    #expect(throws: Interruption.self) {
      try fit("broken", threads: 2).run(onEpoch: { if $0.epoch == 2 { throw Interruption() } })
    }
    let resumed = try fit("broken", threads: 2).run()
    #expect(resumed.resumedAfter > 0)
    #expect(try bytes(resumed, folder) == bytes(unbroken, folder))
    // What the file says comes back with the model.
    let model = try Model(contentsOf: folder.url.appendingPathComponent("model.safetensors"))
    #expect(model.frame == .patch(8) && model.head == .softmax(classes: 3))
    #expect(model == unbroken.model)
  }

  /// The loss changes behind half of the epochs: up to there all is as without, the last epochs are those of
  /// another loss, and an interruption in the midst of them changes no byte.
  @Test func anotherLossTakesOver() throws {
    let lovasz = LossWeights(bce: 0, dice: 0, lovasz: 1)
    let plain = settings(epochs: 4)
    let phased = settings(epochs: 4) { $0.phases = [LossPhase(from: 0.5, loss: lovasz)] }
    let folder = try TemporaryFolder()
    let one = try fit(folder, settings: plain, state: "plain").run()
    let expected = try fit(folder, settings: phased, state: "phased").run()
    #expect(expected.history[..<2] == one.history[..<2])
    // The third epoch begins with the same weights: its loss alone is another.
    #expect(expected.history[2].trainLoss != one.history[2].trainLoss)
    #expect(
      expected.model.weights.tensors["head.weight"] != one.model.weights.tensors["head.weight"])

    let broken = try fit(folder, settings: phased, state: "broken")
    var steps = 0
    #expect(throws: Interruption.self) {
      try broken.run(onStep: { _ in
        steps += 1
        if steps == 8 { throw Interruption() }
      })
    }
    #expect(try bytes(broken.run(), folder) == bytes(expected, folder))
  }

  /// A published encoder is where training begins: without a rate it stays as it is, and images are scaled
  /// for it.
  @Test func aTrainedEncoderIsTheBeginning() throws {
    let folder = try TemporaryFolder()
    let set = blobs(20)
    let image = Shape(height: set.height, width: set.width, channels: 1)
    let network = try ModelSettings(kind: .efficientNetLite0UNet).network(image: image)
    let begun = try Trainer(
      network: network, batch: 1, height: set.height, width: set.width, loss: .bce(),
      optimizer: Optimizer(.sgd()), seed: 9, engine: EngineSettings(threads: 1)
    ).weights().tensors
    let encoder = try PretrainedEncoder(.efficientNetLite0UNet, for: network, image: image) {
      $0 == "_conv_stem.weight"
        ? Tensor(shape: [32, 3, 3, 3], values: (0..<864).map { Float($0 % 7) / 50 - 0.06 })
        : begun["encoder.\($0)"]
    }
    func weights(_ rate: Float?, state: String) throws -> Model {
      var fit = Fit(
        network: network, set: set, training: Array(0..<16), validation: [],
        settings: settings(epochs: 1) { $0.encoderRate = rate }, metric: .meanPrecision, seed: 5,
        fold: 0, engine: EngineSettings(threads: 1),
        scratch: folder.url.appendingPathComponent(state))
      fit.encoder = encoder
      return try fit.run().model
    }
    let still = try weights(0, state: "still")
    #expect(still.normalization.channels == encoder.scales)
    let deep = "encoder._blocks.3._depthwise_conv.weight"
    #expect(still.weights.tensors[deep] == begun[deep] && begun[deep] != nil)
    let moving = try weights(nil, state: "moving")
    #expect(moving.weights.tensors[deep] != begun[deep])
  }

  @Test func settingsAreChecked() throws {
    let folder = try TemporaryFolder()
    func refused(_ key: String, _ change: (inout FitSettings) -> Void) {
      let error = #expect(throws: SettingError.self) {
        try fit(folder, settings: settings(epochs: 1, change)).run()
      }
      #expect(error?.setting == key)
    }
    refused("train.epochs") { $0.epochs = 0 }
    refused("train.batch") { $0.batch = 17 }
    refused("train.crops") { $0.crops = 2 }
    refused("train.crops") { $0.crops = 0 }
    refused("train.centred") { $0.centred = 1.5 }
    refused("train.learning_rate") { $0.learningRate = .nan }
    refused("train.keep") { $0.keep = .ema }
    refused("train.loss") { $0.loss = LossWeights(bce: 0, dice: 0) }
    refused("train.phases[0].from") { $0.phases = [LossPhase(from: 1, loss: LossWeights())] }
    refused("train.phases[1].from") {
      $0.phases = [0.5, 0.5].map { LossPhase(from: $0, loss: LossWeights()) }
    }
    refused("train.phases[0].loss") {
      $0.phases = [LossPhase(from: 0.5, loss: LossWeights(bce: 0, dice: 0))]
    }
    refused("train.warmup_epochs") { $0.warmupEpochs = 1 }
    refused("train.restarts.epochs") { $0.restarts.epochs = 0 }
    refused("train.restarts.multiplier") { $0.restarts.multiplier = 0 }
    refused("train.plateau.patience") { $0.plateau.patience = -1 }
    refused("train.plateau.factor") { $0.plateau.factor = 1 }
    refused("train.plateau.threshold") { $0.plateau.threshold = .nan }
    refused("train.plateau.cooldown") { $0.plateau.cooldown = -1 }
    refused("train.plateau.floor") { $0.plateau.floor = 2 }
    refused("train.swa.from") { $0.swa.from = 1 }
    refused("train.spike") { $0.spike = 0.5 }
    refused("train.focal.gamma") { $0.focal.gamma = -1 }
    refused("train.focal.alpha") { $0.focal.alpha = 2 }
    refused("train.validate_every") {
      $0.validateEvery = 0
      $0.schedule = .plateau
    }
    refused("train.validate_every") {
      $0.validateEvery = 0
      $0.keep = .best
    }
    refused("train.batch") {
      $0.batch = 1
      $0.augmentation = Augmentation([.init(CutMix(), p: 0.1)])
    }
    let turning = settings(epochs: 1) {
      $0.augmentation = Augmentation([.init(HorizontalFlip()), .init(QuarterTurns())])
    }
    let error = #expect(throws: SettingError.self) {
      try fit(folder, set: blobs(20, width: 16, height: 8), settings: turning).run()
    }
    #expect(error?.setting == "train.augmentation[1].rotate90")
    #expect(error?.problem.contains("16 x 8") == true)
    var overlapping = try fit(folder, settings: settings(epochs: 1))
    overlapping.validation.append(0)
    #expect(throws: FitError.self) { try overlapping.run() }
  }

  @Test func settingsAreReadAsParametersNameThem() throws {
    let text = """
      {"epochs": 24, "batch": 16, "learning_rate": 0.004, "schedule": "one-cycle", "warmup": 0.3,
       "warmup_epochs": 0, "restarts": {"epochs": 10, "multiplier": 2},
       "plateau": {"watch": "training-loss", "patience": 5, "factor": 0.5, "threshold": 0.0001,
                   "cooldown": 0, "floor": 0},
       "lovasz": {"errors": "elu", "symmetric": true}, "focal": {"gamma": 2, "alpha": null},
       "ema_statistics": "measured", "swa": {"from": 0.75}, "spike": 10,
       "optimizer": "adamw", "weight_decay": 0.0001, "clip_norm": 0,
       "loss": {"bce": 1.0, "dice": 1.0, "lovasz": 0.0, "focal": 0.0}, "ema": 0.0, "keep": "last",
       "patience": 0, "validate_every": 2, "augmentation": [{"hflip": {"p": 0.5}}]}
      """
    let settings = try JSONDecoder().decode(FitSettings.self, from: Data(text.utf8))
    #expect(settings.schedule == .oneCycle)
    #expect(settings.lovasz == LovaszSettings(errors: .elu, symmetric: true))
    #expect(settings.plateau.watch == .trainingLoss)
    #expect(settings.augmentation == Augmentation([.init(HorizontalFlip(), p: 0.5)]))
    let wrong = text.replacingOccurrences(of: "one-cycle", with: "one cycle")
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(FitSettings.self, from: Data(wrong.utf8))
    }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      context.debugDescription
        == "\"one cycle\" is not one of the choices: one-cycle, cosine, cosine-restarts, plateau, "
        + "constant")
  }

  @Test func schedulesCountInEpochs() {
    var settings = FitSettings(
      epochs: 6, batch: 1, learningRate: 1, schedule: .cosineRestarts, warmupEpochs: 1)
    settings.restarts = RestartSettings(epochs: 1, multiplier: 2)
    // Ten steps an epoch: a rise, a cycle of ten steps, one of twenty and the start of another.
    let rates = (0..<60).map { settings.learningRate(step: $0, of: 60) }
    #expect(rates[0] == 0.01)
    #expect([10, 20, 40].allSatisfy { rates[$0] == 1 })
    #expect(
      rates.indices.filter { $0 > 0 && rates[$0] > rates[$0 - 1] } == Array(1...10) + [20, 40])
    settings.schedule = .plateau
    #expect(settings.learningRate(step: 59, of: 60) == 1)
  }
}
