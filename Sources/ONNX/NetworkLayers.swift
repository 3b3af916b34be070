// A network's layers as operators of ONNX, on images in NCHW order.

import Neural

/// A network that can be put into a graph, once or several times, and what it needs around it.
struct NetworkExport {
  private let network: Network
  private let output: Int
  private let channels: [Int]
  private let weights: Weights
  /// Before the names of its tensors.
  private let prefix: String
  /// Sides of images have to be multiples of this; nil where only the size that the network was made for will do.
  let multiple: Int?
  /// What the network pads the images to that it was made for.
  let padded: Shape

  /// - Parameters:
  ///   - image: the size that the network was made for.
  ///   - prefix: of the names of its tensors in the graph.
  /// - Throws: `ExportError` naming a layer that has no form here, and `NetworkError`.
  init(_ network: Network, _ weights: Weights, image: Shape, prefix: String) throws {
    self.weights = weights
    self.prefix = prefix
    let shapes = try network.shapes(height: image.height, width: image.width)
    let padding = network.steps.firstIndex {
      if case .reflectPad = $0.layer { true } else { false }
    }
    let padded = padding.map { shapes[$0] } ?? image
    multiple = Self.multiple(of: network).flatMap {
      padded.height % $0 == 0 && padded.width % $0 == 0 ? $0 : nil
    }
    self.padded = padded
    // Padding and crops belong to the size that the network was made for.
    self.network = multiple == nil ? network : network.withoutBorders
    let inside = multiple == nil ? image : padded
    channels = try self.network.shapes(height: inside.height, width: inside.width).map(\.channels)
    guard let output = self.network.outputIndex else {
      throw ExportError(problem: "the network has no output")
    }
    self.output = output
  }

  /// Of what sides are to be multiples so that a network without its own padding and crops maps them to
  /// themselves; nil where it doesn't.
  private static func multiple(of network: Network) -> Int? {
    let bare = network.withoutBorders
    return (0...8).map { 1 << $0 }.first { multiple in
      // An odd multiple: another halving would show.
      let side = 3 * multiple
      guard let shape = try? bare.outputShape(height: side, width: side) else { return false }
      return shape.height == side && shape.width == side
    }
  }

  /// Adds the tensors to a graph.
  func tensors(in graph: inout Graph) throws {
    for (name, tensor) in weights.tensors.sorted(by: { $0.key < $1.key }) {
      _ = graph.tensor(prefix + name, tensor.shape, tensor.values)
    }
  }

  /// Adds the layers.
  /// - Parameters:
  ///   - image: [n, channels, height, width].
  ///   - features: [n, count]; nil where the network takes none.
  /// - Returns: logits [n, outputs, height, width].
  func layers(_ image: Value, features: Value?, in graph: inout Graph) throws -> Value {
    var results: [Value] = []
    for step in network.steps {
      results.append(
        try layer(step, step.inputs.map { results[$0] }, image, features, in: &graph))
    }
    return results[output]
  }

  private func layer(
    _ step: Network.Step, _ inputs: [Value], _ image: Value, _ features: Value?,
    in graph: inout Graph
  ) throws -> Value {
    func tensor(_ suffix: String) -> Value? { Value(name: "\(prefix)\(step.name).\(suffix)") }
    switch step.layer {
    case .image: return image
    case .features:
      guard let features else { throw ExportError(problem: "the network's features are missing") }
      return features
    case .reflectPad(let top, let bottom, let left, let right):
      return graph.apply(
        "Pad", [inputs[0], graph.constant([0, 0, top, left, 0, 0, bottom, right])],
        [("mode", .string("reflect"))])
    case .crop(let top, let left, let height, let width):
      return graph.apply(
        "Slice",
        [
          inputs[0], graph.constant([top, left]), graph.constant([top + height, left + width]),
          graph.constant([2, 3]),
        ])
    case .convolution(let c):
      return graph.apply(
        "Conv", [inputs[0], tensor("weight")] + (c.bias ? [tensor("bias")] : []),
        [
          ("kernel_shape", .ints([c.kernel, c.kernel])), ("strides", .ints([c.stride, c.stride])),
          ("dilations", .ints([c.dilation, c.dilation])), ("group", .int(c.groups)),
          ("pads", .ints(Array(repeating: c.padding, count: 4))),
        ])
    case .transposedConvolution(_, let kernel, let stride, let bias):
      return graph.apply(
        "ConvTranspose", [inputs[0], tensor("weight")] + (bias ? [tensor("bias")] : []),
        [("kernel_shape", .ints([kernel, kernel])), ("strides", .ints([stride, stride]))])
    case .batchNorm(_, let epsilon):
      return graph.apply(
        "BatchNormalization",
        [
          inputs[0], tensor("weight"), tensor("bias"), tensor("running_mean"),
          tensor("running_var"),
        ], [("epsilon", .float(epsilon))])
    case .activation(let activation): return apply(activation, inputs[0], in: &graph)
    case .pool(let pooling, let size):
      return pool(pooling, size, stride: size, padding: 0, inputs[0], in: &graph)
    case .slidingPool(let pooling, let window):
      return pool(
        pooling, window.size, stride: window.stride, padding: window.padding, inputs[0], in: &graph)
    case .globalAveragePool: return graph.apply("GlobalAveragePool", inputs)
    case .upsample(let factor, let interpolation):
      let isNearest = interpolation == .nearest
      return graph.apply(
        "Resize", [inputs[0], nil, graph.constant([1, 1, Float(factor), Float(factor)])],
        [
          ("mode", .string(isNearest ? "nearest" : "linear")),
          ("coordinate_transformation_mode", .string(isNearest ? "asymmetric" : "half_pixel")),
          ("nearest_mode", .string("floor")),
        ])
    case .concatenate: return graph.apply("Concat", inputs, [("axis", .int(1))])
    case .add: return graph.apply("Add", inputs)
    case .multiply: return graph.apply("Mul", inputs)
    case .broadcast:
      let target = size(of: inputs[1], channels: channels[step.inputs[0]], in: &graph).whole
      // Features are [n, count], and the results of layers images already.
      var pixel = inputs[0]
      if case .features = network.steps[step.inputs[0]].layer {
        pixel = graph.apply("Unsqueeze", [pixel, graph.constant([2, 3])])
      }
      return graph.apply("Expand", [pixel, target])
    case .coordinates: return coordinates(like: inputs[0], in: &graph)
    case .conjunction: return conjunction(inputs[0], inputs[1], in: &graph)
    case .dropout: return inputs[0]
    case .groupNorm, .dense, .adaptiveAveragePool:
      throw ExportError(problem: "a layer “\(step.layer.label)” can't be exported")
    }
  }

  private func apply(_ activation: Activation, _ x: Value, in graph: inout Graph) -> Value {
    switch activation {
    case .relu: graph.apply("Relu", [x])
    case .relu6: graph.apply("Clip", [x, graph.constant([Float(0)]), graph.constant([Float(6)])])
    case .elu: graph.apply("Elu", [x])
    case .silu: graph.apply("Mul", [x, graph.apply("Sigmoid", [x])])
    case .sigmoid: graph.apply("Sigmoid", [x])
    }
  }

  /// log(p / (1 - p)) with p = s(a) s(b), and 1 - p = s(-a) + s(a) s(-b).
  private func conjunction(_ a: Value, _ b: Value, in graph: inout Graph) -> Value {
    let (notA, notB) = (graph.apply("Neg", [a]), graph.apply("Neg", [b]))
    let onlyA = graph.apply(
      "Mul", [graph.apply("Sigmoid", [a]), graph.apply("Sigmoid", [notB])])
    let against = graph.apply("Add", [graph.apply("Sigmoid", [notA]), onlyA])
    let odds = graph.apply(
      "Add", [graph.apply("Softplus", [notA]), graph.apply("Softplus", [notB])])
    return graph.apply("Neg", [graph.apply("Add", [odds, graph.apply("Log", [against])])])
  }

  /// An image's shape, and the same with another number of channels.
  private func size(of image: Value, channels: Int, in graph: inout Graph) -> (
    shape: Value, whole: Value
  ) {
    let count = graph.constant([channels])
    let shape = graph.apply("Shape", [image])
    let (images, sides) = (part(of: shape, 0, 1, in: &graph), part(of: shape, 2, 4, in: &graph))
    return (shape, graph.apply("Concat", [images, count, sides], [("axis", .int(0))]))
  }

  private func part(of shape: Value, _ from: Int, _ to: Int, in graph: inout Graph) -> Value {
    graph.apply("Slice", [shape, graph.constant([from]), graph.constant([to])])
  }

  /// Of any size: (2 i - (n - 1)) / (n - 1) along both sides, of n pixels each; 0 where n is 1.
  private func coordinates(like image: Value, in graph: inout Graph) -> Value {
    let (shape, size) = size(of: image, channels: 1, in: &graph)
    func channel(_ axis: Int) -> Value {
      let count = graph.apply("Squeeze", [part(of: shape, axis, axis + 1, in: &graph)])
      let places = graph.apply("Range", [graph.scalar(0), count, graph.scalar(1)])
      let steps = graph.apply("Sub", [count, graph.scalar(1)])
      let twice = graph.apply("Mul", [places, graph.scalar(2)])
      func float(_ value: Value) -> Value { graph.apply("Cast", [value], [("to", .int(1))]) }
      let centred = float(graph.apply("Sub", [twice, steps]))
      let scaled = graph.apply(
        "Div", [centred, float(graph.apply("Max", [steps, graph.scalar(1)]))])
      let line = graph.apply(
        "Reshape", [scaled, graph.constant(axis == 2 ? [1, 1, -1, 1] : [1, 1, 1, -1])])
      return graph.apply("Expand", [line, size])
    }
    return graph.apply("Concat", [channel(2), channel(3)], [("axis", .int(1))])
  }

  private func pool(
    _ pooling: Pooling, _ size: Int, stride: Int, padding: Int, _ x: Value, in graph: inout Graph
  ) -> Value {
    var attributes: [(String, Attribute)] = [
      ("kernel_shape", .ints([size, size])), ("strides", .ints([stride, stride])),
      ("pads", .ints(Array(repeating: padding, count: 4))),
    ]
    if pooling == .average { attributes.append(("count_include_pad", .int(1))) }
    return graph.apply(pooling == .average ? "AveragePool" : "MaxPool", [x], attributes)
  }
}

extension Network {
  /// The same without padding and crops, for images whose sides halve exactly.
  fileprivate var withoutBorders: Network {
    leavingOut {
      switch $0 {
      case .reflectPad, .crop: true
      default: false
      }
    }
  }
}

/// What can't be exported, and why.
public struct ExportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let problem: String
  /// The problem, as it is.
  public var description: String { problem }
}
