// Lays out a network's work: phases in order, the memory that they need, and what layers leave for
// each other. What each layer does, forward and backward, is in the extensions in Layers/.

final class PlanBuilder {
  /// What is known of the network beforehand.
  let analysis: NetworkAnalysis
  let batch: Int
  let training: Bool
  let backend: any Backend
  let kernels: Kernels
  let rows: RowKernels
  let store: ParameterStore
  let inputs = PlanInputs()

  // MARK: Work

  private(set) var phases: [Phase] = [Phase()]
  /// Work to be done whenever weights changed, in any order.
  var prepare: [() -> Void] = []
  /// Work that adds up gradients over the batch, run at the end.
  var reductions: [(Int, UnsafeMutablePointer<Float>) -> Void] = []
  var reductionViews: [View] = []
  /// The kind of the work that is being added.
  var kind = WorkKind.other
  private var works = 0

  // MARK: Memory

  private(set) var buffers: [Buffer] = []
  private(set) var ownedBytes = 0
  private(set) var scratchCount = 0

  // MARK: What layers leave for each other, by step

  /// Where each step's result is.
  var values: [View?]
  /// Copies of results for layers that want float32 numbers with nothing pending.
  var plainValues: [Int: View] = [:]
  /// Norms and activations whose work another layer does.
  var absorbed: Set<Int> = []
  /// The gradient of each step's result, once something was written there.
  var gradients: [View?]
  /// Gradients of steps' results that are worked out where they are read.
  var deferredGradients: [Int: DeferredGradient] = [:]
  var convolutions: [Int: ConvolutionStep] = [:]
  var norms: [Int: BatchNormStep] = [:]
  var groupNorms: [Int: GroupNormStep] = [:]
  /// What each clamp of its own reads, and its factors.
  var clamps: [Int: (x: View, pending: Factors)] = [:]
  private var pendings: [Int: Pending] = [:]
  /// What computes each layer with weights, by its name.
  var implementations: [String: String] = [:]

  init(
    network: Network, shapes: [Shape], batch: Int, training: Bool, engine: Engine,
    store: ParameterStore
  ) {
    analysis = NetworkAnalysis(
      network, shapes: shapes, parameters: store.parameters, narrow: engine.element)
    self.batch = batch
    self.training = training
    backend = engine.backend
    kernels = engine.kernels
    rows = engine.rows
    self.store = store
    values = Array(repeating: nil, count: network.steps.count)
    gradients = Array(repeating: nil, count: network.steps.count)
  }

  var network: Network { analysis.network }
  var shapes: [Shape] { analysis.shapes }

  /// The step that a step reads first.
  func input(of index: Int) -> Int { network.steps[index].inputs[0] }
}

// MARK: - Memory

extension PlanBuilder {
  /// Room for a value of every image.
  func view(_ shape: Shape, _ element: Element = .float32) -> View {
    let view = View(shape, element)
    buffers.append(view.buffer)
    return view
  }

  /// The same without pixels, for example for gradients of weights.
  func view(count: Int) -> View { view(Shape(height: 1, width: 1, channels: count)) }

  /// Room that all images share and that keeps its values.
  func floats(_ count: Int) -> Floats {
    let memory = Floats(count)
    ownedBytes += memory.bytes
    return memory
  }

  /// The same of doubles.
  func doubles(_ count: Int) -> Doubles {
    let memory = Doubles(count)
    ownedBytes += memory.bytes
    return memory
  }

  /// Makes sure that each worker has so many floats of scratch memory.
  func needScratch(_ count: Int) { scratchCount = max(scratchCount, count) }
}

// MARK: - Work

extension PlanBuilder {
  /// Adds work to be done for each image after the earlier work on the same image.
  func slice(_ views: [View], _ body: @escaping (Position) -> Void) {
    touch(views)
    phases[phases.count - 1].works.append((kind, body))
  }

  /// Ends the phase: `finish` runs when all images are done.
  func barrier(_ finish: (() -> Void)? = nil) {
    phases[phases.count - 1].finish = finish
    phases.append(Phase())
  }

  /// Adds a phase of numbered items.
  func items(
    _ count: Int, _ views: [View], _ body: @escaping (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    if !phases[phases.count - 1].works.isEmpty { barrier() }
    touch(views)
    phases[phases.count - 1].items = (count, kind, body)
    barrier()
  }

  private func touch(_ views: [View]) {
    for view in views { view.buffer.touch(phase: phases.count - 1, work: works) }
    works += 1
  }
}

// MARK: - Results and gradients

extension PlanBuilder {
  /// Room for a step's result: its part of a concatenation, if it goes there, else its own.
  func result(_ index: Int) -> View {
    if let view = values[index] { return view }
    let view = joinedView(index) ?? self.view(shapes[index], analysis.elements[index])
    values[index] = view
    return view
  }

  /// Where a step's result belongs if it is part of a concatenation.
  func joinedView(_ index: Int) -> View? {
    guard let join = analysis.joins[index] else { return nil }
    return result(join.step).channels(join.offset, shapes[index].channels)
  }

  /// The factors that are applied to a step's result on reading.
  func pending(_ index: Int) -> Factors {
    if let join = analysis.joins[index] {
      var factors = pending(join.step)
      factors.offset += join.offset
      return factors
    }
    if let known = pendings[index] { return Factors(known, offset: 0) }
    let all = Pending(self, channels: shapes[index].channels)
    pendings[index] = all
    return Factors(all, offset: 0)
  }

  /// Where to write the gradient of a step's result, and whether to add to what is there.
  func gradient(into index: Int) -> (view: View, accumulate: Bool) {
    if let view = gradients[index] { return (view, true) }
    let view = self.view(shapes[index], analysis.elements[index])
    gradients[index] = view
    return (view, false)
  }
}
