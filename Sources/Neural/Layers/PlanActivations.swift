// Activation functions beside ReLU, forward and backward.

import CKernels

extension PlanBuilder {
  func activate(_ index: Int, _ activation: Activation) {
    guard let kind = activation.kernel else { return clamp(index) }
    let x = stored(network.steps[index].inputs[0])
    let (kernels, c) = (kernels, x.shape.channels)
    map(x, result(index)) { count, x, y in
      kernels.call.activation(kind, count, c, x.pointer, x.pitch, y.pointer, y.pitch)
    }
  }

  func activateBackward(_ index: Int, _ activation: Activation, _ dy: View) {
    guard let kind = activation.kernel else { return }
    let input = network.steps[index].inputs[0]
    let (dx, accumulate) = gradient(into: input)
    let (kernels, c) = (kernels, dx.shape.channels)
    combine(stored(input), dy, dx, accumulate: accumulate) { count, x, dy, dx in
      kernels.call.activation_backward(
        kind, count, c, dy.pointer, dy.pitch, x.pointer, x.pitch, dx.pointer, dx.pitch,
        dx.accumulate ? 1 : 0)
    }
  }
}

extension Activation {
  /// The kernels' name for it; nil for ReLU, which is left to whoever reads.
  fileprivate var kernel: ck_activation? {
    switch self {
    case .relu: nil
    case .elu: CK_ELU
    case .silu: CK_SILU
    case .sigmoid: CK_SIGMOID
    }
  }
}
