// A network compiled for one batch size and image size: phases of work with every buffer in place.

/// Work that every slice of the batch goes through on its own, or that is cut into numbered items,
/// then what must wait for all of it (sums over the batch).
final class Phase {
  var works: [(kind: WorkKind, body: (Position) -> Void)] = []
  /// Set for work that is not one item an image.
  var items: (count: Int, kind: WorkKind, body: (Int, UnsafeMutablePointer<Float>) -> Void)?
  var finish: (() -> Void)?
}

/// What changes from step to step.
final class PlanInputs {
  var images: UnsafePointer<Float>?
  var features: UnsafePointer<Float>?
  var targets: UnsafePointer<Float>?
  var pixelWeights: UnsafePointer<Float>?
  /// What the targets of an image weigh, in the mean over the batch; nil for their number.
  var lossMass: Double?
  /// Where inference puts the logits.
  var results: UnsafeMutablePointer<Float>?
  /// Key of this step's randomness.
  var key: UInt64 = 0
  /// Which of the losses counts, from 0.
  var lossNumber = 0
  /// The batch's mean loss.
  var loss = 0.0
}

/// Runs the phases over a pool of workers.
final class Plan {
  let inputs: PlanInputs
  let bytes: Int
  private let phases: [Phase]
  private let forwardPhases: Int
  private let pool: WorkerPool
  private let arena: Arena
  private let scratch: Floats
  private let scratchStride: Int
  private let prepare: [() -> Void]
  private let batch: Int
  /// Set while times are taken.
  private(set) var profile: Profile?

  init(_ builder: PlanBuilder, forwardPhases: Int, pool: WorkerPool) {
    inputs = builder.inputs
    self.forwardPhases = forwardPhases
    self.pool = pool
    phases = builder.phases
    prepare = builder.prepare
    batch = builder.batch
    arena = Arena(builder.buffers, images: batch, workers: pool.workers)
    scratchStride = (builder.scratchCount + 64 + 15) / 16 * 16
    scratch = Floats(scratchStride * pool.workers)
    bytes = arena.bytes + scratch.bytes + builder.ownedBytes
  }

  /// Workers that take part.
  var threads: Int {
    get { pool.active }
    set { pool.active = newValue }
  }

  /// Brings prepared weights up to date; needed whenever weights changed.
  func prepareWeights() {
    pool.run(prepare.count) { item, worker in
      timed(.weightPreparation, worker) { prepare[item]() }
    }
  }

  /// The forward pass, with the loss if training.
  func forward(count: Int? = nil) { run(0..<forwardPhases, images: count ?? batch) }

  /// The backward pass.
  func backward() { run(forwardPhases..<phases.count, images: batch) }

  private func run(_ range: Range<Int>, images: Int) {
    for phase in phases[range] {
      if let items = phase.items {
        pool.run(items.count) { item, worker in
          timed(items.kind, worker) {
            items.body(item, scratch.pointer + worker * scratchStride)
          }
        }
      } else if !phase.works.isEmpty {
        pool.run(images) { image, worker in
          let position = Position(
            image: image, worker: worker, scratch: scratch.pointer + worker * scratchStride)
          for work in phase.works { timed(work.kind, worker) { work.body(position) } }
        }
      }
      if let finish = phase.finish { timed(.barrier, 0, finish) }
    }
  }

  @inline(__always)
  private func timed(_ kind: WorkKind, _ worker: Int, _ body: () -> Void) {
    guard let profile else {
      body()
      return
    }
    profile.time(kind, worker, body)
  }

  /// Begins to take times, from zero.
  func startProfile() { profile = Profile(workers: pool.workers) }

  /// Splits `count` elements into fixed chunks and runs them on the workers.
  func chunks(_ count: Int, of size: Int, _ body: (Int, Range<Int>) -> Void) {
    pool.run((count + size - 1) / size) { chunk, worker in
      timed(.optimizer, worker) { body(chunk, (chunk * size)..<min((chunk + 1) * size, count)) }
    }
  }
}
