// The trainable tensors of a network and batch norm's running statistics: names, shapes, how each
// is initialized, and how PyTorch's order of values maps to the engine's.

package struct Parameter: Sendable, Equatable {
  package enum Initial: Sendable, Equatable {
    case constant(Float)
    /// Normal with this standard deviation and mean 0.
    case normal(Double)
  }

  /// How the engine orders the values. Files and the public API use PyTorch's order.
  package enum Layout: Sendable, Equatable {
    case plain
    /// [out, in / groups, kh, kw] in files; [group][kh][kw][in / groups][out / groups] here.
    case convolution(groups: Int)
    /// [in, out, kh, kw] in files; [kh][kw][in][out] here.
    case transposedConvolution
    /// [out, in] in files; [in][out] here.
    case dense
  }

  package var name: String
  package var shape: [Int]
  package var layout: Layout
  package var initial: Initial
  /// Whether weight decay applies (not to biases and batch norm).
  package var decays: Bool
  /// False for running statistics, which are kept but not trained.
  package var isTrained: Bool
  /// The network's step that it belongs to.
  package var step: Int
  /// Values; `Int.max` where they are too many to count.
  package var count: Int {
    shape.reduce(1) { count, side in
      let (product, overflows) = count.multipliedReportingOverflow(by: side)
      return overflows ? .max : product
    }
  }
}

extension Network {
  /// Of the weights of a larger network, those that this one has, too: what is left of a training whose network had
  /// logits for training alone.
  /// - Parameters:
  ///   - height: rows of an image.
  ///   - width: columns of an image.
  /// - Throws: `NetworkError` where the network can't be for images of this size.
  public func own(of weights: Weights, height: Int, width: Int) throws -> Weights {
    let names = Set(try parameters(shapes: shapes(height: height, width: width)).map(\.name))
    return Weights(
      tensors: weights.tensors.filter { names.contains($0.key) }, metadata: weights.metadata)
  }
}

extension Network {
  /// All tensors in the order of the layers.
  /// He initialization (He et al., 2015) with fan-in, gain sqrt(2), for weights that feed ReLUs.
  package func parameters(shapes: [Shape]) -> [Parameter] {
    var list: [Parameter] = []
    for (index, step) in steps.enumerated() {
      func add(
        _ suffix: String, _ shape: [Int], _ initial: Parameter.Initial,
        layout: Parameter.Layout = .plain, decays: Bool = false, isTrained: Bool = true
      ) {
        list.append(
          Parameter(
            name: "\(step.name).\(suffix)", shape: shape, layout: layout, initial: initial,
            decays: decays, isTrained: isTrained, step: index))
      }
      func he(fanIn: Int) -> Parameter.Initial { .normal((2 / Double(fanIn)).squareRoot()) }
      let x = step.inputs.first.map { shapes[$0] } ?? shapes[index]
      switch step.layer {
      case .convolution(let c):
        let channels = x.channels / c.groups
        add(
          "weight", [c.filters, channels, c.kernel, c.kernel],
          he(fanIn: channels * c.kernel * c.kernel), layout: .convolution(groups: c.groups),
          decays: true)
        if c.bias { add("bias", [c.filters], .constant(0)) }
      case .transposedConvolution(let filters, let kernel, _, let bias):
        // Windows do not overlap, so each result has one kernel position: fan-in is the channels.
        add(
          "weight", [x.channels, filters, kernel, kernel], he(fanIn: x.channels),
          layout: .transposedConvolution, decays: true)
        if bias { add("bias", [filters], .constant(0)) }
      case .dense(let units, let bias):
        add("weight", [units, x.count], he(fanIn: x.count), layout: .dense, decays: true)
        if bias { add("bias", [units], .constant(0)) }
      case .groupNorm:
        add("weight", [x.channels], .constant(1))
        add("bias", [x.channels], .constant(0))
      case .batchNorm:
        add("weight", [x.channels], .constant(1))
        add("bias", [x.channels], .constant(0))
        add("running_mean", [x.channels], .constant(0), isTrained: false)
        add("running_var", [x.channels], .constant(1), isTrained: false)
      default: break
      }
    }
    return list
  }
}

extension [Parameter] {
  /// Why these tensors do not fit, or nil.
  func problem(with tensors: [String: Tensor], statistics: Bool, what: String) -> String? {
    var names: Set<String> = []
    for parameter in self where parameter.isTrained || statistics {
      names.insert(parameter.name)
      guard let tensor = tensors[parameter.name] else {
        return "\(what) \"\(parameter.name)\" is missing"
      }
      guard tensor.shape == parameter.shape else {
        return "\(what) \"\(parameter.name)\" has shape \(tensor.shape), the network needs "
          + "\(parameter.shape)"
      }
    }
    if let extra = tensors.keys.filter({ !names.contains($0) }).sorted().first {
      return "\(what) \"\(extra)\" is not in the network"
    }
    return nil
  }
}

extension Parameter {
  /// For every value in the engine's order, its index in PyTorch's order.
  package func order() -> [Int] {
    var order: [Int] = []
    order.reserveCapacity(count)
    switch layout {
    case .plain:
      order = Array(0..<count)
    case .convolution(let groups):
      let (filters, channels, kernel) = (shape[0], shape[1], shape[2])
      let each = filters / groups
      for group in 0..<groups {
        for tap in 0..<(kernel * kernel) {
          for channel in 0..<channels {
            for filter in (group * each)..<((group + 1) * each) {
              order.append((filter * channels + channel) * kernel * kernel + tap)
            }
          }
        }
      }
    case .transposedConvolution:
      let (channels, filters, kernel) = (shape[0], shape[1], shape[2])
      for tap in 0..<(kernel * kernel) {
        for channel in 0..<channels {
          for filter in 0..<filters {
            order.append((channel * filters + filter) * kernel * kernel + tap)
          }
        }
      }
    case .dense:
      for input in 0..<shape[1] {
        for unit in 0..<shape[0] { order.append(unit * shape[1] + input) }
      }
    }
    return order
  }
}
