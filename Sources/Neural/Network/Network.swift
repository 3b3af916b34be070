// A network as a value: a list of layers, each reading the results of earlier ones.
// It holds no weights and knows nothing of how layers are computed.

/// A graph of layers over images in NHWC order (batch, height, width, channels).
///
/// Built by calling the methods below, each of which returns the node that later layers read:
/// ```swift
/// var network = Network()
/// let image = network.image(channels: 1)
/// let x = network.relu(network.convolution(image, filters: 8, bias: true, name: "stem"))
/// network.output(network.convolution(x, filters: 1, kernel: 1, bias: true, name: "head"))
/// ```
/// Mistakes (a name used twice, sizes that do not fit) are reported by `Trainer`, `Predictor`
/// and ``validate(height:width:)``, with the layer's name.
public struct Network: Sendable, Equatable, Codable {
  /// The result of one layer.
  public struct Node: Sendable, Hashable, Codable {
    package let index: Int
  }

  package struct Step: Sendable, Equatable, Codable {
    package var layer: Layer
    package var inputs: [Int]
    /// Prefix of the layer's parameters; empty for layers without any.
    package var name: String
  }

  package private(set) var steps: [Step] = []
  package private(set) var outputIndex: Int?

  /// An empty network.
  public init() {}

  private mutating func append(_ layer: Layer, _ inputs: [Node] = [], name: String = "") -> Node {
    steps.append(Step(layer: layer, inputs: inputs.map(\.index), name: name))
    return Node(index: steps.count - 1)
  }

  /// The same without some layers of one input: what read their results reads their inputs.
  package func leavingOut(_ isLeftOut: (Layer) -> Bool) -> Network {
    var (left, places) = (Network(), [Int]())
    for step in steps {
      if isLeftOut(step.layer), step.inputs.count == 1 {
        places.append(places[step.inputs[0]])
      } else {
        var moved = step
        moved.inputs = step.inputs.map { places[$0] }
        left.steps.append(moved)
        places.append(left.steps.count - 1)
      }
    }
    left.outputIndex = outputIndex.map { places[$0] }
    return left
  }

  // MARK: Inputs and output

  /// The one image input, [n, height, width, channels].
  public mutating func image(channels: Int) -> Node {
    append(.image(channels: channels))
  }

  /// The optional second input: one vector an image, [n, count].
  public mutating func features(_ count: Int) -> Node {
    append(.features(count: count))
  }

  /// Declares `x` the network's result (logits).
  public mutating func output(_ x: Node) {
    outputIndex = x.index
  }

  // MARK: Geometry

  /// Adds a border that mirrors the image without repeating its edge; only for the image input.
  public mutating func reflectPad(_ x: Node, top: Int, bottom: Int, left: Int, right: Int) -> Node {
    append(.reflectPad(top: top, bottom: bottom, left: left, right: right), [x])
  }

  /// The rectangle of `height` x `width` pixels whose corner is at (`top`, `left`).
  public mutating func crop(_ x: Node, top: Int, left: Int, height: Int, width: Int) -> Node {
    append(.crop(top: top, left: left, height: height, width: width), [x])
  }

  // MARK: Layers with parameters

  /// A 2-D convolution with "same" padding, `dilation * (kernel - 1) / 2` zeros on each side.
  public mutating func convolution(
    _ x: Node, filters: Int, kernel: Int = 3, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
    bias: Bool = false, name: String
  ) -> Node {
    let layer = Convolution(
      filters: filters, kernel: kernel, stride: stride, dilation: dilation, groups: groups,
      bias: bias)
    return append(.convolution(layer), [x], name: name)
  }

  /// A transposed convolution ("up-convolution") without padding whose kernel equals its stride,
  /// so that windows do not overlap.
  public mutating func transposedConvolution(
    _ x: Node, filters: Int, kernel: Int = 2, stride: Int = 2, bias: Bool = true, name: String
  ) -> Node {
    append(
      .transposedConvolution(filters: filters, kernel: kernel, stride: stride, bias: bias), [x],
      name: name)
  }

  /// Batch normalization (Ioffe and Szegedy, 2015) over batch, height and width. Running
  /// statistics move by `momentum` a step, with the unbiased variance, as in PyTorch.
  public mutating func batchNorm(
    _ x: Node, momentum: Float = 0.1, epsilon: Float = 1e-5, name: String
  ) -> Node {
    append(.batchNorm(momentum: momentum, epsilon: epsilon), [x], name: name)
  }

  /// Group normalization (Wu and He, 2018): of each image, over height, width and the channels of
  /// each of `groups` equal groups. The same in training and inference.
  public mutating func groupNorm(
    _ x: Node, groups: Int, epsilon: Float = 1e-5, name: String
  ) -> Node {
    append(.groupNorm(groups: groups, epsilon: epsilon), [x], name: name)
  }

  /// A fully connected layer; an image is read as one vector in HWC order.
  public mutating func dense(_ x: Node, units: Int, bias: Bool = true, name: String) -> Node {
    append(.dense(units: units, bias: bias), [x], name: name)
  }

  // MARK: Activations

  /// max(x, 0).
  public mutating func relu(_ x: Node) -> Node { append(.activation(.relu), [x]) }
  /// min(max(x, 0), 6). Its gradient is 0 at both edges, as in PyTorch.
  public mutating func relu6(_ x: Node) -> Node { append(.activation(.relu6), [x]) }
  /// x for x > 0, else exp(x) - 1.
  public mutating func elu(_ x: Node) -> Node { append(.activation(.elu), [x]) }
  /// x * sigmoid(x), also called swish.
  public mutating func silu(_ x: Node) -> Node { append(.activation(.silu), [x]) }
  /// 1 / (1 + exp(-x)).
  public mutating func sigmoid(_ x: Node) -> Node { append(.activation(.sigmoid), [x]) }

  // MARK: Pooling and upsampling

  /// The maximum of each `size` x `size` window; windows do not overlap.
  public mutating func maxPool(_ x: Node, _ size: Int = 2) -> Node {
    append(.pool(.maximum, size: size), [x])
  }

  /// The mean of each `size` x `size` window; windows do not overlap.
  public mutating func averagePool(_ x: Node, _ size: Int = 2) -> Node {
    append(.pool(.average, size: size), [x])
  }

  /// The maximum of `size` x `size` windows, `stride` pixels apart. Windows may reach `padding`
  /// pixels (at most half their size) beyond the image, where nothing counts; what is left over at
  /// the far side when windows do not fit is not read. As in PyTorch.
  public mutating func maxPool(_ x: Node, _ size: Int, stride: Int, padding: Int = 0) -> Node {
    append(.slidingPool(.maximum, Window(size: size, stride: stride, padding: padding)), [x])
  }

  /// The mean of `size` x `size` windows, `stride` pixels apart. Windows may reach `padding` pixels
  /// (at most half their size) beyond the image, where zeros count, as in PyTorch.
  public mutating func averagePool(_ x: Node, _ size: Int, stride: Int, padding: Int = 0) -> Node {
    append(.slidingPool(.average, Window(size: size, stride: stride, padding: padding)), [x])
  }

  /// The means of `height` x `width` windows that cover the image and are as equal as can be,
  /// [n, h, w, c] -> [n, height, width, c]. As in PyTorch.
  public mutating func adaptiveAveragePool(_ x: Node, height: Int, width: Int) -> Node {
    append(.adaptiveAveragePool(height: height, width: width), [x])
  }

  /// The mean over all pixels, [n, h, w, c] -> [n, 1, 1, c].
  public mutating func globalAveragePool(_ x: Node) -> Node {
    append(.globalAveragePool, [x])
  }

  /// How pixels between the known ones are filled in.
  public enum Interpolation: String, Sendable, Equatable, Codable {
    /// The nearest pixel's value.
    case nearest
    /// Bilinear, with pixel centres at half-integers (`align_corners=False`).
    case bilinear
  }

  /// Enlarges height and width `factor` times.
  public mutating func upsample(_ x: Node, _ factor: Int = 2, _ interpolation: Interpolation)
    -> Node
  {
    append(.upsample(factor: factor, interpolation), [x])
  }

  // MARK: Joins

  /// Joins images of the same size along their channels.
  public mutating func concatenate(_ nodes: [Node]) -> Node {
    append(.concatenate, nodes)
  }

  /// The sum of two images of the same shape.
  public mutating func add(_ a: Node, _ b: Node) -> Node { append(.add, [a, b]) }

  /// The product of `a` [h, w, c] and `b`, which may also be [1, 1, c] (one factor a channel) or
  /// [h, w, 1] (one factor a pixel).
  public mutating func multiply(_ a: Node, _ b: Node) -> Node { append(.multiply, [a, b]) }

  /// Repeats a vector [n, count] over the pixels of `like`: [n, h, w, count].
  public mutating func broadcast(_ features: Node, like: Node) -> Node {
    append(.broadcast, [features, like])
  }

  /// Of two images of logits of the same shape, of things that are so independently of each other, the logits that both
  /// are: with p = sigmoid(a) sigmoid(b), log(p / (1 - p)).
  public mutating func both(_ a: Node, _ b: Node) -> Node { append(.conjunction, [a, b]) }

  /// Where each pixel of `like` lies, [n, h, w, 2]: its row and its column, each from -1 at the first to 1 at the last
  /// (Liu and others, 2018).
  public mutating func coordinates(like: Node) -> Node { append(.coordinates, [like]) }

  // MARK: Regularization

  /// Zeroes each value with probability `rate` in training and scales the rest by 1 / (1 - rate).
  public mutating func dropout(_ x: Node, rate: Double) -> Node {
    append(.dropout(rate: rate, spatial: false), [x])
  }

  /// Dropout of whole channels of an image (Tompson et al., 2015).
  public mutating func spatialDropout(_ x: Node, rate: Double) -> Node {
    append(.dropout(rate: rate, spatial: true), [x])
  }
}
