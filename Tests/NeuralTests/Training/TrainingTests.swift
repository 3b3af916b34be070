// Training as a whole: the same bytes whatever the threads, going on from a checkpoint, errors.

import Foundation
import Neural
import TestSupport
import Testing

@Suite struct TrainingTests {
  let folder: TemporaryFolder
  // Filters large enough that some weights' gradients are worked out in parts.
  let model = SmallUNet(size: 14, pad: (1, 1), levels: 3, filters: 24, features: 2, dropout: 0.2)
  let optimizer = Optimizer(.adamW(), gradientClip: 1, averageDecay: 0.9)

  init() throws { folder = try TemporaryFolder() }

  func bytes(_ trainer: Trainer, _ name: String) throws -> Data {
    let url = folder.url.appendingPathComponent(name)
    try trainer.checkpoint(metadata: ["epoch": "3"]).write(to: url)
    return try Data(contentsOf: url)
  }

  func run(_ trainer: Trainer, _ steps: Range<Int>) throws {
    for step in steps {
      _ = try trainer.step(Batch(model, count: 5, seed: UInt64(step)))
      if step > 1 { trainer.addToSWA() }
    }
  }

  @Test func threadsDoNotChangeAByte() throws {
    let files = try [1, 2, 3, 7].map { threads in
      let trainer = try model.trainer(batch: 5, optimizer: optimizer, threads: threads)
      try run(trainer, 0..<4)
      return try bytes(trainer, "\(threads)")
    }
    #expect(Set(files).count == 1)
  }

  /// The matrix path, which works out each gradient in one piece, against the direct kernels.
  @Test(arguments: [1, 2]) func instructionSetsAgree(kernelLimit: Int) throws {
    let batch = Batch(model, count: 5, seed: 1)
    let gradients = try [0, kernelLimit].map { limit in
      let trainer = try model.trainer(batch: 5, threads: 2, kernelLimit: limit)
      _ = try trainer.gradients(
        images: batch.images, features: batch.features, targets: batch.targets, pixelWeights: [])
      return trainer.gradientTensors()
    }
    for (name, tensor) in gradients[0] {
      #expect(relativeError(gradients[1][name]!.values, tensor.values) < 1e-4, "\(name)")
    }
  }

  @Test func seedsDiffer() throws {
    let files = try [1, 2].map { seed in
      try bytes(try model.trainer(batch: 5, seed: UInt64(seed)), "\(seed)")
    }
    #expect(files[0] != files[1])
  }

  @Test(arguments: [
    Optimizer(.adamW(), gradientClip: 1, averageDecay: 0.9), Optimizer(.sgd()),
    Optimizer(.sgd(), keepsSWA: true), Optimizer(.adam(weightDecay: 0.1)),
  ])
  func goesOnFromACheckpoint(_ optimizer: Optimizer) throws {
    let unbroken = try model.trainer(batch: 5, optimizer: optimizer, threads: 2)
    try run(unbroken, 0..<3)
    let middle = folder.url.appendingPathComponent("middle")
    try unbroken.checkpoint().write(to: middle)
    try run(unbroken, 3..<6)

    let resumed = try model.trainer(batch: 5, optimizer: optimizer, threads: 1)
    try resumed.restore(try Checkpoint(contentsOf: middle))
    #expect(resumed.step == 3)
    try run(resumed, 3..<6)
    let (first, second) = (try bytes(unbroken, "a"), try bytes(resumed, "b"))
    #expect(first == second)
  }

  @Test func refusesAnotherEngineNetworkSeedOrOptimizer() throws {
    let trainer = try model.trainer(batch: 2, optimizer: optimizer)
    var other = trainer.checkpoint()
    other.engine.library = "OpenBLAS 9"
    #expect(throws: TrainingError.otherEngine(checkpoint: other.engine, here: trainer.engine)) {
      try trainer.restore(other)
    }
    let before = trainer.weights()
    let averaging = try model.trainer(
      batch: 2, optimizer: Optimizer(.adamW(), averageDecay: 0.9, keepsSWA: true))
    averaging.addToSWA()
    for checkpoint in [
      try SmallUNet(filters: 8).trainer(batch: 2, optimizer: optimizer).checkpoint(),
      try model.trainer(batch: 2, optimizer: optimizer, seed: 6).checkpoint(),
      try model.trainer(batch: 2, optimizer: Optimizer(.sgd())).checkpoint(),
      try model.trainer(batch: 2, optimizer: Optimizer(.adamW())).checkpoint(),
      averaging.checkpoint(),
    ] {
      #expect(throws: TrainingError.self) { try trainer.restore(checkpoint) }
    }
    #expect(trainer.weights() == before)
  }

  @Test func notFiniteLeavesTheWeights() throws {
    let trainer = try model.trainer(batch: 2)
    let before = trainer.checkpoint()
    var batch = Batch(model, count: 2, seed: 1)
    batch.images[7] = .nan
    #expect(throws: TrainingError.notFinite(step: 0, what: "loss")) { try trainer.step(batch) }
    #expect(trainer.checkpoint() == before)
    #expect(
      TrainingError.notFinite(step: 12, what: "loss").description.contains("step 12"))
  }

  @Test func wrongSizes() throws {
    let trainer = try model.trainer(batch: 2)
    var batch = Batch(model, count: 2, seed: 1)
    batch.features.removeLast()
    #expect(throws: TrainingError.wrongSize(what: "features", expected: 4, got: 3)) {
      try trainer.step(batch)
    }
    let predictor = try Predictor(
      network: model.network(), weights: trainer.weights(), batch: 2, height: 14, width: 14)
    #expect(throws: TrainingError.self) {
      try predictor.logits(images: batch.images, features: batch.features, count: 3)
    }
  }

  @Test func clippingBoundsTheStep() throws {
    let batch = Batch(model, count: 2, seed: 1)
    func change(_ clip: Float?) throws -> (norm: Float, change: Float) {
      let trainer = try model.trainer(
        batch: 2, optimizer: Optimizer(.sgd(momentum: 0), gradientClip: clip))
      let before = trainer.weights().tensors
      let norm = try trainer.step(batch, learningRate: 1).gradientNorm
      let after = trainer.weights().tensors
      let squares = before.filter { !$0.key.contains("running") }.map { name, tensor in
        zip(tensor.values, after[name]!.values).reduce(Float(0)) {
          $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
        }
      }
      return (norm, squares.reduce(0, +).squareRoot())
    }
    let free = try change(nil)
    #expect(abs(free.change / free.norm - 1) < 1e-3)
    let clipped = try change(free.norm / 10)
    #expect(clipped.norm == free.norm)
    #expect(abs(clipped.change * 10 / free.norm - 1) < 1e-3)
  }

  @Test func averageFollowsTheWeights() throws {
    let trainer = try model.trainer(batch: 2, optimizer: Optimizer(.sgd(), averageDecay: 0.75))
    let name = "head.weight"
    let start = trainer.weights().tensors[name]!.values
    _ = try trainer.step(Batch(model, count: 2, seed: 1))
    let now = trainer.weights().tensors[name]!.values
    let average = try #require(trainer.averagedWeights()).tensors[name]!.values
    #expect(now != start)
    #expect(relativeError(average, zip(start, now).map { 0.75 * $0 + 0.25 * $1 }) < 1e-5)
  }

  @Test func statisticsAreMeasuredTheSameByAnyThreadsAndTwice() throws {
    let images = (0..<3).map { Batch(model, count: 5, seed: 20 + $0) }
    let measured = try [1, 2, 3, 3].map { threads in
      let trainer = try model.trainer(batch: 5, optimizer: Optimizer(.sgd()), threads: threads)
      try run(trainer, 0..<1)
      return try trainer.remeasured(trainer.weights(), batches: 3) {
        (images[$0].images, images[$0].features)
      }
    }
    #expect(measured.allSatisfy { $0 == measured[0] })
    let trainer = try model.trainer(batch: 5)
    #expect(throws: TrainingError.wrongSize(what: "images", expected: 980, got: 0)) {
      try trainer.remeasured(trainer.weights(), batches: 1) { _ in ([], []) }
    }
    #expect(throws: TrainingError.self) {
      try trainer.remeasured(Weights(tensors: [:]), batches: 0) { _ in ([], []) }
    }
  }

  @Test func dropoutKeepsTheExpectedShareAndChangesEveryStep() throws {
    // With weights 1 and a zero input, the logits are the dropped-out bias; the loss tells how many.
    var n = Network()
    let x = n.convolution(n.image(channels: 1), filters: 64, kernel: 1, bias: true, name: "one")
    n.output(n.convolution(n.dropout(x, rate: 0.25), filters: 1, kernel: 1, name: "sum"))
    let trainer = try Trainer(
      network: n, batch: 4, height: 32, width: 32, loss: .bce(), optimizer: Optimizer(.sgd()),
      seed: 1, engine: EngineSettings(threads: 2))
    var weights = trainer.weights()
    weights.tensors["one.bias"]!.values = .init(repeating: 1, count: 64)
    weights.tensors["sum.weight"]!.values = .init(repeating: 1, count: 64)
    try trainer.load(weights)
    let zeros = [Float](repeating: 0, count: 4 * 32 * 32)
    let first = try trainer.step(images: zeros, targets: zeros, learningRate: 0).loss
    let second = try trainer.step(images: zeros, targets: zeros, learningRate: 0).loss
    // Each logit is about 64, so BCE against 0 is their mean; its deviation is 0.07.
    #expect(abs(first - 64) < 0.4)
    #expect(first != second)
  }

  /// Of three classes, one channel a class: the target is one number a pixel, not one a logit.
  @Test func learnsClasses() throws {
    var n = Network()
    let x = n.relu(
      n.convolution(n.image(channels: 1), filters: 8, kernel: 1, bias: true, name: "a"))
    n.output(n.convolution(x, filters: 3, kernel: 1, bias: true, name: "b"))
    func trainer(_ loss: Loss, threads: Int = 2) throws -> Trainer {
      try Trainer(
        network: n, batch: 3, height: 8, width: 6, loss: loss, optimizer: Optimizer(.adam()),
        seed: 2, engine: EngineSettings(threads: threads))
    }
    let one = try trainer(.crossEntropy)
    let images: [Float] = (0..<144).map { Float($0 * 7 % 48) / 24 - 1 }
    let classes: [Float] = images.map { $0 < -0.3 ? 0 : $0 < 0.4 ? 1 : 2 }
    let first = try one.step(images: images, targets: classes, learningRate: 0.05).loss
    for _ in 0..<150 { try one.step(images: images, targets: classes, learningRate: 0.05) }
    let last = try one.step(images: images, targets: classes, learningRate: 0.05).loss
    #expect(last < first / 4, "\(first) \(last)")
    // The same bytes by one thread.
    let other = try trainer(.crossEntropy, threads: 1)
    for _ in 0..<152 { try other.step(images: images, targets: classes, learningRate: 0.05) }
    #expect(other.weights() == one.weights())

    #expect(throws: TrainingError.wrongSize(what: "targets", expected: 144, got: 432)) {
      try one.step(images: images, targets: .init(repeating: 0, count: 432), learningRate: 0.1)
    }
    #expect(throws: TrainingError.notFinite(step: 152, what: "loss")) {
      try one.step(images: images, targets: .init(repeating: 3, count: 144), learningRate: 0.1)
    }
    let mixed = #expect(throws: TrainingError.self) {
      try trainer(.sum([.init(1, .crossEntropy), .init(1, .bce())]))
    }
    #expect(mixed?.description.contains("cannot be added") == true)
    #expect(throws: TrainingError.self) { try trainer(.sum([])) }
    let single = #expect(throws: TrainingError.self) {
      try Trainer(
        network: model.network(), batch: 1, height: 14, width: 14, loss: .crossEntropy,
        optimizer: optimizer, seed: 1)
    }
    #expect(single?.description.contains("two classes or more") == true)
  }

  @Test func predictorAcceptsAnySmallerCount() throws {
    let trainer = try model.trainer(batch: 5)
    try run(trainer, 0..<2)
    let batch = Batch(model, count: 5, seed: 1)
    let predictor = try Predictor(
      network: model.network(), weights: trainer.weights(), batch: 5, height: 14, width: 14,
      engine: EngineSettings(threads: 2))
    let all = try predictor.logits(images: batch.images, features: batch.features, count: 5)
    for count in 1...5 {
      let some = try predictor.logits(
        images: Array(batch.images.prefix(count * 14 * 14)),
        features: Array(batch.features.prefix(count * 2)), count: count)
      #expect(some == Array(all.prefix(some.count)))
    }
  }

  @Test func learnsToCopyItsInput() throws {
    let model = SmallUNet(size: 13, filters: 4, features: 0)
    let trainer = try model.trainer(batch: 4, threads: 2)
    var batch = Batch(model, count: 4, seed: 1)
    batch.targets = batch.images.map { $0 > 0 ? 1 : 0 }
    let first = try trainer.step(batch).loss
    for _ in 0..<60 { _ = try trainer.step(batch) }
    let last = try trainer.step(batch).loss
    #expect(last < first / 4)
  }
}
