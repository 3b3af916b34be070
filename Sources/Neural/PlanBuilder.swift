// Compiles a network into a plan: decides what is fused and where every value lives. What each
// layer does forward and backward is in the extensions.

final class PlanBuilder {
  let network: Network
  let shapes: [Shape]
  let batch: Int
  let training: Bool
  let backend: any Backend
  let kernels: Kernels
  let store: ParameterStore
  let inputs = PlanInputs()

  private(set) var phases: [Phase] = [Phase()]
  private(set) var buffers: [Buffer] = []
  private(set) var ownedBytes = 0
  private(set) var scratchCount = 0
  var prepare: [() -> Void] = []
  private var works = 0

  /// How many live steps read each step, the network's output counted once.
  let readers: [Int]
  /// Whether a step's result is needed for the output.
  let isLive: [Bool]
  /// Whether a gradient flows into a step's result.
  let isTrained: [Bool]
  /// Where each step's result is.
  var values: [View?]
  /// The gradient of each step's result, once something was written there.
  var gradients: [View?]
  var convolutions: [Int: ConvolutionStep] = [:]
  var norms: [Int: NormStep] = [:]
  /// Work that adds up gradients over the batch, run at the end.
  var reductions: [(Int, UnsafeMutablePointer<Float>) -> Void] = []
  var reductionViews: [View] = []

  init(
    network: Network, shapes: [Shape], batch: Int, training: Bool, backend: any Backend,
    kernels: Kernels, store: ParameterStore
  ) {
    self.network = network
    self.shapes = shapes
    self.batch = batch
    self.training = training
    self.backend = backend
    self.kernels = kernels
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
    values = Array(repeating: nil, count: steps.count)
    gradients = Array(repeating: nil, count: steps.count)
  }

  // MARK: Building blocks

  func view(_ shape: Shape) -> View {
    let view = View(shape)
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
    phases[phases.count - 1].works.append(body)
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
    phases[phases.count - 1].items = (count, body)
    barrier()
  }

  private func touch(_ views: [View]) {
    for view in views { view.buffer.touch(phase: phases.count - 1, work: works) }
    works += 1
  }

  // MARK: Results and gradients

  func value(_ index: Int) -> View {
    guard let view = values[index] else {
      preconditionFailure("layer \(index) is read before it is computed")
    }
    return view
  }

  /// Room for a step's result: its place in a joined image, if it goes there, else its own.
  func result(_ index: Int) -> View {
    if let view = values[index] { return view }
    let view: View
    if let (join, offset) = joins[index] {
      view = result(join).channels(offset, shapes[index].channels)
    } else {
      view = self.view(shapes[index])
    }
    values[index] = view
    return view
  }

  /// For a step whose result is written straight into a concatenation: which, and at what channel.
  private(set) lazy var joins: [Int: (join: Int, offset: Int)] = {
    var joins: [Int: (join: Int, offset: Int)] = [:]
    for (index, step) in network.steps.enumerated() where isLive[index] {
      guard case .concatenate = step.layer else { continue }
      var offset = 0
      for input in step.inputs {
        if joins[input] == nil, step.inputs.filter({ $0 == input }).count == 1 {
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
    let view = self.view(shapes[index])
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

  /// Whether the step is a batch norm whose ReLU is computed together with it.
  func isFusedIntoReLU(_ index: Int) -> Bool {
    guard case .batchNorm = network.steps[index].layer else { return false }
    return soleReader(of: index, where: { $0 == .activation(.relu) }) != nil
  }
}

extension Layer {
  var isBroadcast: Bool { self == .broadcast }
}

/// A convolution in the plan, shared by its forward and backward work.
struct ConvolutionStep {
  var operation: any ConvolutionOperation
  var weights: Int
  var bias: Int?
  var forward: Floats
  var backward: Floats?
}

/// A batch norm in the plan: this batch's statistics and the coefficients made from them.
final class NormStep {
  let mean: Floats
  let scale: Floats
  let shift: Floats
  let inverse: Floats
  /// Of the backward pass: dx = a g + b x + d.
  let a: Floats
  let b: Floats
  let d: Floats
  /// This batch's unbiased variance, for the running one.
  let variance: Floats

  init(_ builder: PlanBuilder, channels: Int) {
    mean = builder.floats(channels)
    scale = builder.floats(channels)
    shift = builder.floats(channels)
    inverse = builder.floats(channels)
    a = builder.floats(channels)
    b = builder.floats(channels)
    d = builder.floats(channels)
    variance = builder.floats(channels)
  }
}
