// Activation functions that do more than clamp, forward and backward.

import CKernels

extension PlanBuilder {
  func activate(_ index: Int, _ activation: Activation) {
    guard let kind = activation.kernel else { return }
    let x = stored(input(of: index))
    let (kernels, c) = (kernels, x.shape.channels)
    map(x, result(index)) { count, x, y in
      kernels.activate(kind, count, channels: c, x, to: y)
    }
  }

  func activateBackward(_ index: Int, _ activation: Activation, _ dy: View) {
    guard let kind = activation.kernel else { return }
    let input = input(of: index)
    let (dx, accumulate) = gradient(into: input)
    let (kernels, c) = (kernels, dx.shape.channels)
    combine(stored(input), dy, dx, accumulate: accumulate) { count, x, dy, dx in
      kernels.activateBackward(kind, count, channels: c, dy, at: x, to: dx)
    }
  }
}

extension Activation {
  /// The kernels' name for it; nil for those that only clamp, which is left to whoever reads.
  fileprivate var kernel: ck_activation? {
    switch self {
    case .relu, .relu6: nil
    case .elu: CK_ELU
    case .silu: CK_SILU
    case .sigmoid: CK_SIGMOID
    }
  }
}
