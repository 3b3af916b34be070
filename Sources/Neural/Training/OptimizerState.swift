// The optimizer at work: one pass over the flat parameters, with its moments beside them.

import CKernels
import Foundation

final class OptimizerState {
  private let settings: Optimizer
  private let store: ParameterStore
  private let kernels: Kernels
  private let first: Floats
  private let second: Floats?
  /// The exponential moving average of the weights.
  let average: Floats?
  /// The plain mean of the weights, of `swaCount` times.
  let swa: Floats?
  private(set) var swaCount = 0
  private let partial: Doubles
  /// Factors on the learning rate: values from `first` on, up to the next one's. The first begins at 0.
  private var rates: [(first: Int, factor: Float)] = [(0, 1)]
  private var factors: [String: Float] = [:]

  /// Values a chunk of the pass; fixed, so that sums do not depend on threads.
  private static let chunk = 1 << 16

  init(_ settings: Optimizer, _ store: ParameterStore, _ kernels: Kernels) {
    self.settings = settings
    self.store = store
    self.kernels = kernels
    let count = store.values.count
    first = Floats(count)
    second = if case .sgd = settings.method { nil } else { Floats(count) }
    average = settings.averageDecay.map { _ in Floats(count) }
    swa = settings.keepsSWA ? Floats(count) : nil
    partial = Doubles((count + Self.chunk - 1) / Self.chunk)
    reset()
  }

  var bytes: Int {
    [first, second, average, swa].reduce(partial.bytes) { $0 + ($1?.bytes ?? 0) }
  }

  /// Forgets all; the moving average starts from the weights as they are.
  func reset() {
    first.pointer.update(repeating: 0, count: first.count)
    second?.pointer.update(repeating: 0, count: first.count)
    average?.pointer.update(from: store.values.pointer, count: first.count)
    swaCount = 0
  }

  /// Sets the factor on the learning rate of the parameters whose names begin with `prefix`.
  func setRate(_ factor: Float, below prefix: String) {
    guard factors[prefix] ?? 1 != factor else { return }
    factors[prefix] = factor
    let parts = factors.flatMap { prefix, factor in
      store.ranges(below: prefix).map { (range: $0, factor: factor) }
    }
    rates = [(0, 1)]
    for (range, factor) in parts.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      if rates.last?.first == range.lowerBound { rates.removeLast() }
      if rates.last?.factor != factor { rates.append((range.lowerBound, factor)) }
      rates.append((range.upperBound, 1))
    }
  }

  /// Takes the weights as they are into the plain mean.
  func addToSWA(_ plan: Plan) {
    guard let swa else { return }
    swaCount += 1
    let (values, mean, share, kernels) = (
      store.values.pointer, swa.pointer, 1 / Float(swaCount), kernels
    )
    // The first replaces whatever is there.
    if swaCount == 1 { mean.update(from: values, count: swa.count) }
    plan.chunks(swa.count, of: Self.chunk) { _, range in
      let at = range.lowerBound
      kernels.call.average(range.count, values + at, mean + at, share)
    }
  }

  func gradientNorm(_ plan: Plan) -> Float {
    let (gradients, partial, kernels) = (store.gradients.pointer, partial, kernels)
    plan.chunks(store.gradients.count, of: Self.chunk) { chunk, range in
      partial.pointer[chunk] = kernels.call.sum_squares(range.count, gradients + range.lowerBound)
    }
    return Float(treeSum(partial.pointer, partial.count).squareRoot())
  }

  /// The update after the gradients of step number `step` (from 1).
  func apply(learningRate: Float, gradientNorm: Float, step: Int, plan: Plan) {
    var scale: Float = 1
    if let clip = settings.gradientClip, gradientNorm > clip { scale = clip / gradientNorm }
    // Weight decay stops at `decaying`.
    let decaying = store.decaying
    plan.chunks(store.values.count, of: Self.chunk) { [self] _, range in
      let middle = min(max(decaying, range.lowerBound), range.upperBound)
      for (index, rate) in rates.enumerated() {
        let end = index + 1 < rates.count ? rates[index + 1].first : store.values.count
        func part(_ range: Range<Int>) -> Range<Int> { range.clamped(to: rate.first..<end) }
        let own = learningRate * rate.factor
        update(part(range.lowerBound..<middle), own, scale, step, decays: true)
        update(part(middle..<range.upperBound), own, scale, step, decays: false)
      }
      if let average, let decay = settings.averageDecay {
        let at = range.lowerBound
        kernels.call.average(
          range.count, store.values.pointer + at, average.pointer + at, 1 - decay)
      }
    }
  }

  private func update(
    _ range: Range<Int>, _ rate: Float, _ scale: Float, _ step: Int, decays: Bool
  ) {
    guard !range.isEmpty else { return }
    let at = range.lowerBound
    let (w, g) = (store.values.pointer + at, store.gradients.pointer + at)
    let m = first.pointer + at
    func adam(
      _ beta1: Float, _ beta2: Float, _ epsilon: Float, l2: Float, decay: Float
    ) {
      guard let second else { return }
      let bias1 = 1 - pow(Double(beta1), Double(step))
      let bias2 = 1 - pow(Double(beta2), Double(step))
      kernels.call.adam(
        range.count, w, g, m, second.pointer + at, scale, beta1, beta2,
        Float(Double(rate) / bias1), Float(1 / bias2.squareRoot()), epsilon, l2, decay)
    }
    switch settings.method {
    case .adam(let beta1, let beta2, let epsilon, let weightDecay):
      adam(beta1, beta2, epsilon, l2: decays ? weightDecay : 0, decay: 0)
    case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
      adam(beta1, beta2, epsilon, l2: 0, decay: decays ? rate * weightDecay : 0)
    case .sgd(let momentum, let nesterov, let weightDecay):
      kernels.call.momentum(
        range.count, w, g, m, scale, momentum, rate, decays ? weightDecay : 0, nesterov ? 1 : 0)
    }
  }

  // MARK: Checkpoints

  private var parts: [(prefix: String, memory: Floats)] {
    [("first/", first)] + (second.map { [("second/", $0)] } ?? [])
  }

  func tensors() -> [String: Tensor] {
    var all: [String: Tensor] = [:]
    for (prefix, memory) in parts {
      for (name, tensor) in store.tensors(from: memory, statistics: false) {
        all[prefix + name] = tensor
      }
    }
    return all
  }

  private func tensors(_ state: [String: Tensor], _ prefix: String) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, tensor) in state where name.hasPrefix(prefix) {
      tensors[String(name.dropFirst(prefix.count))] = tensor
    }
    return tensors
  }

  /// Why this state is not this optimizer's, or nil.
  func problem(
    with state: [String: Tensor], average: [String: Tensor]?, swa: Checkpoint.SWA?
  ) -> String? {
    for (prefix, _) in parts {
      let problem = store.parameters.problem(
        with: tensors(state, prefix), statistics: false, what: "optimizer state \(prefix)")
      if let problem { return problem }
    }
    let known = parts.map(\.prefix)
    if let extra = state.keys.filter({ name in !known.contains { name.hasPrefix($0) } }).sorted()
      .first
    {
      return "optimizer state \"\(extra)\" is another optimizer's"
    }
    // A plain mean comes only once weights were taken into it.
    if swa != nil, self.swa == nil {
      return "the checkpoint has weights of SWA, this training keeps none"
    }
    switch (self.average, average) {
    case (nil, _?): return "the checkpoint has averaged weights, this training keeps none"
    case (_?, nil): return "the checkpoint lacks the averaged weights that this training keeps"
    default: break
    }
    return average.flatMap {
      store.parameters.problem(with: $0, statistics: false, what: "average of")
    }
      ?? swa.flatMap {
        store.parameters.problem(with: $0.weights.tensors, statistics: false, what: "SWA of")
      }
  }

  func load(_ state: [String: Tensor], average: [String: Tensor]?, swa: Checkpoint.SWA?) {
    for (prefix, memory) in parts { store.load(tensors(state, prefix), into: memory) }
    if let memory = self.average, let average { store.load(average, into: memory) }
    if let memory = self.swa, let swa { store.load(swa.weights.tensors, into: memory) }
    swaCount = swa?.count ?? 0
  }
}
