// Compiles a network into a plan: decides what is fused and where every value lives. What each
// layer does forward and backward is in the extensions.

final class PlanBuilder {
  let network: Network
  let shapes: [Shape]
  let batch: Int
  let training: Bool
  let backend: any Backend
  let kernels: Kernels
  let rows: RowKernels
  let store: ParameterStore
  let inputs = PlanInputs()

  private(set) var phases: [Phase] = [Phase()]
  private(set) var buffers: [Buffer] = []
  private(set) var ownedBytes = 0
  private(set) var scratchCount = 0
  var prepare: [() -> Void] = []
  private var works = 0
  /// The kind of the work that is being added.
  var kind = WorkKind.other
  private var pendings: [Int: Pending] = [:]

  /// How many live steps read each step, the network's output counted once.
  let readers: [Int]
  /// Whether a step's result is needed for the output.
  let isLive: [Bool]
  /// Whether a gradient flows into a step's result.
  let isTrained: [Bool]
  /// How each step's result and its gradient are held in memory.
  let elements: [Element]
  /// Where each step's result is.
  var values: [View?]
  /// Copies of results for layers that want float32 numbers with nothing pending.
  var plainValues: [Int: View] = [:]
  /// Norms and activations whose work another layer does.
  var absorbed: Set<Int> = []
  /// The gradient of each step's result, once something was written there.
  var gradients: [View?]
  /// Gradients of steps' results that are worked out where they are read.
  var normGradients: [Int: NormGradient] = [:]
  var convolutions: [Int: ConvolutionStep] = [:]
  /// What computes each layer with weights, by its name.
  var implementations: [String: String] = [:]
  var norms: [Int: NormStep] = [:]
  var groupNorms: [Int: GroupNormStep] = [:]
  /// What each ReLU of its own reads, and its factors.
  var clamps: [Int: (x: View, pending: Factors)] = [:]
  /// Work that adds up gradients over the batch, run at the end.
  var reductions: [(Int, UnsafeMutablePointer<Float>) -> Void] = []
  var reductionViews: [View] = []

  init(
    network: Network, shapes: [Shape], batch: Int, training: Bool, engine: Engine,
    store: ParameterStore
  ) {
    self.network = network
    self.shapes = shapes
    self.batch = batch
    self.training = training
    backend = engine.backend
    kernels = engine.kernels
    rows = engine.rows
    self.store = store
    let steps = network.steps
    var live = [Bool](repeating: false, count: steps.count)
    var readers = [Int](repeating: 0, count: steps.count)
    if let output = network.outputIndex {
      live[output] = true
      readers[output] = 1
    }
    for index in steps.indices.reversed() where live[index] {
      // `broadcast` reads its second input's size only.
      let inputs = steps[index].inputs
      for input in steps[index].layer.isBroadcast ? Array(inputs.prefix(1)) : inputs {
        live[input] = true
        readers[input] += 1
      }
    }
    var trained = [Bool](repeating: false, count: steps.count)
    let own = Set(store.parameters.filter(\.isTrained).map(\.step))
    for index in steps.indices {
      let inputs = steps[index].inputs
      trained[index] =
        own.contains(index)
        || (steps[index].layer.isBroadcast ? Array(inputs.prefix(1)) : inputs)
          .contains { trained[$0] }
    }
    isLive = live
    self.readers = readers
    isTrained = trained
    elements = network.elements(live: live, narrow: engine.element)
    values = Array(repeating: nil, count: steps.count)
    gradients = Array(repeating: nil, count: steps.count)
  }

  // MARK: Building blocks

  func view(_ shape: Shape, _ element: Element = .float32) -> View {
    let view = View(shape, element)
    buffers.append(view.buffer)
    return view
  }

  /// Adds a view's buffer without pixels, for example of gradients of weights.
  func view(count: Int) -> View { view(Shape(height: 1, width: 1, channels: count)) }

  func floats(_ count: Int) -> Floats {
    let memory = Floats(count)
    ownedBytes += memory.bytes
    return memory
  }

  func doubles(_ count: Int) -> Doubles {
    let memory = Doubles(count)
    ownedBytes += memory.bytes
    return memory
  }

  func needScratch(_ count: Int) { scratchCount = max(scratchCount, count) }

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

  // MARK: Results and gradients

  /// Room for a step's result: its place in a joined image, if it goes there, else its own.
  func result(_ index: Int) -> View {
    if let view = values[index] { return view }
    let view: View
    if let (join, offset) = joins[index] {
      view = result(join).channels(offset, shapes[index].channels)
    } else {
      view = self.view(shapes[index], elements[index])
    }
    values[index] = view
    return view
  }

  /// The factors that are applied to a step's result on reading.
  func pending(_ index: Int) -> Factors {
    if let (join, offset) = joins[index] {
      var factors = pending(join)
      factors.offset += offset
      return factors
    }
    if let known = pendings[index] { return Factors(known, offset: 0) }
    let all = Pending(self, channels: shapes[index].channels)
    pendings[index] = all
    return Factors(all, offset: 0)
  }

  /// For a step whose result is written straight into a concatenation: which, and at what channel.
  private(set) lazy var joins: [Int: (join: Int, offset: Int)] = {
    var joins: [Int: (join: Int, offset: Int)] = [:]
    for (index, step) in network.steps.enumerated() where isLive[index] {
      guard case .concatenate = step.layer else { continue }
      var offset = 0
      for input in step.inputs {
        if joins[input] == nil, step.inputs.filter({ $0 == input }).count == 1,
          elements[input] == elements[index]
        {
          joins[input] = (index, offset)
        }
        offset += shapes[input].channels
      }
    }
    return joins
  }()

  /// Where to write the gradient of a step's result, and whether to add to what is there.
  func gradient(into index: Int) -> (view: View, accumulate: Bool) {
    if let view = gradients[index] { return (view, true) }
    let view = self.view(shapes[index], elements[index])
    gradients[index] = view
    return (view, false)
  }

  /// The only live step that reads this one, if it is of the kind asked for.
  func soleReader(of index: Int, where matches: (Layer) -> Bool) -> Int? {
    guard readers[index] == 1, network.outputIndex != index else { return nil }
    return network.steps.indices.first {
      isLive[$0] && network.steps[$0].inputs.contains(index) && matches(network.steps[$0].layer)
    }
  }

  /// The only live step that reads this one, if it is a ReLU.
  func reluAfter(_ index: Int) -> Int? {
    soleReader(of: index, where: { $0 == .activation(.relu) })
  }

  /// The only live step that reads this one, if it is a batch norm.
  func normAfter(_ index: Int) -> Int? {
    soleReader(of: index, where: { if case .batchNorm = $0 { true } else { false } })
  }
}

extension Layer {
  var isBroadcast: Bool { self == .broadcast }
  var isDense: Bool { if case .dense = self { true } else { false } }

  /// Whether its backward pass leaves the gradient of its result as it is.
  var onlyReadsGradient: Bool {
    switch self {
    case .convolution, .batchNorm: true
    default: false
    }
  }

  /// What computing it counts as.
  var workKind: WorkKind {
    switch self {
    case .convolution, .transposedConvolution, .dense: .convolutionForward
    case .batchNorm, .groupNorm, .activation: .normalization
    case .pool, .slidingPool, .globalAveragePool, .adaptiveAveragePool: .pooling
    default: .other
    }
  }

  /// Whether the layer reads and writes memory of any element, forward and backward.
  fileprivate var takesAnyElement: Bool {
    switch self {
    case .convolution, .transposedConvolution, .batchNorm, .groupNorm, .activation, .concatenate,
      .pool, .slidingPool, .globalAveragePool, .adaptiveAveragePool, .upsample, .add, .multiply:
      true
    default: false
    }
  }

  /// Whether the result may lie in the input's memory.
  fileprivate var sharesMemory: Bool {
    switch self {
    case .batchNorm, .activation(.relu), .concatenate: true
    default: false
    }
  }
}

extension Network {
  /// How to hold each step's result: as `narrow` where all layers that read or write it can.
  fileprivate func elements(live: [Bool], narrow: Element) -> [Element] {
    var isNarrow = steps.indices.map { live[$0] && steps[$0].layer.takesAnyElement }
    if let outputIndex { isNarrow[outputIndex] = false }
    var changed = narrow != .float32
    while changed {
      changed = false
      func widen(_ index: Int) {
        if isNarrow[index] {
          isNarrow[index] = false
          changed = true
        }
      }
      for (index, step) in steps.enumerated() where live[index] {
        for input in step.inputs where isNarrow[input] {
          if !step.layer.takesAnyElement || (step.layer.sharesMemory && !isNarrow[index]) {
            widen(input)
          }
        }
        // What a norm or activation reads is read again by its own readers.
        if step.layer.sharesMemory, step.inputs.contains(where: { !isNarrow[$0] }) {
          if case .concatenate = step.layer { continue }
          widen(index)
        }
      }
    }
    return isNarrow.map { $0 ? narrow : .float32 }
  }
}

/// A convolution in the plan, shared by its forward and backward work.
struct ConvolutionStep {
  var operation: any ConvolutionOperation
  /// Set where a whole batch is worked on at once; weights are not prepared then.
  var whole: WinogradBatch?
  var weights: Int
  var bias: Int?
  var backward: Floats?
}

/// A batch norm in the plan: what it reads, this batch's statistics, and its gradient's factors.
final class NormStep {
  let channels: Int
  let mean: Floats
  let inverse: Floats
  /// This batch's unbiased variance, for the running one.
  let variance: Floats
  let gradient: GradientFactors
  /// One row of channels for each image.
  let shifts: Floats
  let sums: Doubles
  let squares: Doubles
  /// Whether the layer before takes the moments of what it writes.
  var isMeasured = false
  /// What the norm reads, as stored.
  var x: View?
  /// The factors of the forward pass.
  var pending: Factors?

  init(_ builder: PlanBuilder, channels: Int) {
    self.channels = channels
    mean = builder.floats(channels)
    inverse = builder.floats(channels)
    variance = builder.floats(channels)
    gradient = GradientFactors(builder, channels: channels)
    let count = builder.training ? builder.batch * channels : 0
    shifts = builder.floats(count)
    sums = builder.doubles(count)
    squares = builder.doubles(count)
  }

  func moments(_ at: Position) -> Moments {
    let row = at.image * channels
    return Moments(
      shift: shifts.pointer + row, sum: sums.pointer + row, squares: squares.pointer + row)
  }
}
