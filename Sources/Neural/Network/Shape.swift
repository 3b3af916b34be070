// Sizes of every layer's result, worked out from the image's size; says what does not fit.

/// The size of one image's values, in NHWC order; a vector is 1 x 1 x channels.
public struct Shape: Sendable, Equatable, Hashable, Codable, CustomStringConvertible {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int
  /// Values a pixel.
  public var channels: Int

  /// Height, width and channels.
  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// height * width.
  public var pixels: Int { height * width }
  /// height * width * channels.
  public var count: Int { pixels * channels }
  /// For example `128 x 128 x 16`.
  public var description: String { "\(height) x \(width) x \(channels)" }

  /// Rows, columns or channels: more than any network has, and few enough to be multiplied.
  static let longestSide = 1 << 20
  /// Values of a layer's result.
  static let mostValues = 1 << 36
  /// Weights of a network: 17 GB.
  static let mostWeights = 1 << 32
}

extension Network {
  /// Checks that every layer fits an image of this size.
  /// - Throws: `NetworkError` naming the first layer that does not fit.
  public func validate(height: Int, width: Int) throws {
    _ = try shapes(height: height, width: width)
  }

  /// The output's shape for an image of this size.
  /// - Throws: `NetworkError`.
  public func outputShape(height: Int, width: Int) throws -> Shape {
    let shapes = try shapes(height: height, width: width)
    guard let outputIndex else { throw NetworkError(layer: "network", problem: Self.noOutput) }
    return shapes[outputIndex]
  }

  private static let noOutput = "has no output; call output(_:) with the last layer"

  /// The shape of every step's result, in order.
  package func shapes(height: Int, width: Int) throws -> [Shape] {
    guard outputIndex != nil else { throw NetworkError(layer: "network", problem: Self.noOutput) }
    guard height > 0, width > 0 else {
      throw NetworkError(layer: "network", problem: "image size \(height) x \(width) is empty")
    }
    guard max(height, width) <= Shape.longestSide else {
      throw NetworkError(
        layer: "network", problem: "an image of \(height) x \(width) pixels is beyond all bounds")
    }
    var shapes: [Shape] = []
    var names: Set<String> = []
    var images = 0
    var features = 0
    for (index, step) in steps.enumerated() {
      let at = step.name.isEmpty ? "layer \(index) (\(step.layer.label))" : "\"\(step.name)\""
      guard step.inputs.allSatisfy({ $0 >= 0 && $0 < index }) else {
        throw NetworkError(layer: at, problem: "reads a layer of another network")
      }
      if !step.name.isEmpty, !names.insert(step.name).inserted {
        throw NetworkError(layer: at, problem: "the name is used twice; names must differ")
      }
      if case .image = step.layer { images += 1 }
      if case .features = step.layer { features += 1 }
      do {
        shapes.append(
          try step.layer.output(
            step.inputs.map { shapes[$0] }, image: (height, width),
            isImage: step.inputs.first.map { steps[$0].layer.isImage } ?? false))
      } catch let mismatch as Mismatch {
        throw NetworkError(layer: at, problem: mismatch.problem)
      }
    }
    guard images == 1 else {
      throw NetworkError(layer: "network", problem: "needs exactly one image input, has \(images)")
    }
    guard features <= 1 else {
      throw NetworkError(layer: "network", problem: "may have one features input, has \(features)")
    }
    if let outputIndex, !steps.indices.contains(outputIndex) {
      throw NetworkError(layer: "network", problem: "its output is a layer of another network")
    }
    try checkWeights(shapes)
    return shapes
  }

  /// Looks whether weights can be told apart by name, and are few enough for a memory.
  private func checkWeights(_ shapes: [Shape]) throws {
    var left = Shape.mostWeights
    var names: Set<String> = []
    for parameter in parameters(shapes: shapes) {
      guard names.insert(parameter.name).inserted else {
        throw NetworkError(
          layer: "layer \(parameter.step)",
          problem: "a second layer with weights and without a name; names must differ")
      }
      guard parameter.count <= left else {
        throw NetworkError(
          layer: "\"\(steps[parameter.step].name)\"",
          problem:
            "the network would have more than \(Shape.mostWeights) weights; fewer filters, or smaller kernels, have less"
        )
      }
      left -= parameter.count
    }
  }
}

extension Layer {
  var isImage: Bool {
    if case .image = self { true } else { false }
  }

  /// The result's shape from the inputs' shapes.
  func output(_ inputs: [Shape], image: (height: Int, width: Int), isImage: Bool) throws -> Shape {
    func require(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
      if !condition { throw Mismatch(problem: problem()) }
    }
    // A network may come from a file, with whatever numbers in it.
    try require(
      numbers.allSatisfy { (-Shape.longestSide...Shape.longestSide).contains($0) },
      "has a number beyond all bounds")
    switch self {
    case .image(let channels):
      try require(channels > 0, "needs at least one channel")
      return Shape(height: image.height, width: image.width, channels: channels)
    case .features(let count):
      try require(count > 0, "needs at least one feature")
      return Shape(height: 1, width: 1, channels: count)
    default: break
    }
    guard let x = inputs.first else { throw Mismatch(problem: "has no input") }
    try require(inputs.count >= leastInputs, "has one input, but needs \(leastInputs)")
    var y = x
    switch self {
    case .image, .features: break
    case .reflectPad(let top, let bottom, let left, let right):
      try require(isImage, "reflect padding is for the image input only")
      try require(min(top, bottom, left, right) >= 0, "padding is negative")
      try require(
        max(top, bottom) < x.height && max(left, right) < x.width,
        "cannot mirror \(max(top, bottom, left, right)) pixels of an image of \(x)")
      y.height += top + bottom
      y.width += left + right
    case .crop(let top, let left, let height, let width):
      try require(
        top >= 0 && left >= 0 && height > 0 && width > 0 && top + height <= x.height
          && left + width <= x.width,
        "the rectangle \(height) x \(width) at (\(top), \(left)) is not inside \(x)")
      y.height = height
      y.width = width
    case .convolution(let c):
      try require(c.filters > 0 && c.groups > 0, "needs at least one filter and one group")
      try require(c.kernel > 0 && c.kernel % 2 == 1, "kernel \(c.kernel) is not odd")
      try require(c.stride > 0 && c.dilation > 0, "stride and dilation must be positive")
      try require(
        x.channels % c.groups == 0 && c.filters % c.groups == 0,
        "\(x.channels) channels and \(c.filters) filters do not divide into \(c.groups) groups")
      y.height = (x.height - 1) / c.stride + 1
      y.width = (x.width - 1) / c.stride + 1
      y.channels = c.filters
    case .transposedConvolution(let filters, let kernel, let stride, _):
      try require(filters > 0, "needs at least one filter")
      try require(
        kernel == stride && kernel > 0, "kernel \(kernel) must equal stride \(stride)")
      y = Shape(height: x.height * stride, width: x.width * stride, channels: filters)
    case .batchNorm(let momentum, let epsilon):
      try require(
        momentum > 0 && momentum <= 1 && epsilon > 0,
        "momentum \(momentum) must be in 0...1 and epsilon \(epsilon) positive")
    case .groupNorm(let groups, let epsilon):
      try require(
        groups > 0 && x.channels % groups == 0,
        "\(x.channels) channels do not divide into \(groups) groups")
      try require(epsilon > 0, "epsilon \(epsilon) must be positive")
    case .dense(let units, _):
      try require(units > 0, "needs at least one unit")
      y = Shape(height: 1, width: 1, channels: units)
    case .activation: break
    case .pool(_, let size):
      try require(size > 0, "window size must be positive")
      try require(
        x.height % size == 0 && x.width % size == 0,
        "\(x.height) x \(x.width) is not a multiple of \(size); "
          + "pad the image (for example to \(Self.next(x.height, size)) x "
          + "\(Self.next(x.width, size)) here) or use fewer levels")
      y.height /= size
      y.width /= size
    case .slidingPool(_, let window):
      try require(window.size > 0 && window.stride > 0, "window and stride must be positive")
      try require(
        window.padding >= 0 && window.padding <= window.size / 2,
        "padding \(window.padding) is not in 0...\(window.size / 2), half the window")
      try require(
        min(x.height, x.width) + 2 * window.padding >= window.size,
        "\(x.height) x \(x.width) is smaller than the window of \(window.size) x \(window.size)")
      y.height = window.results(x.height)
      y.width = window.results(x.width)
    case .adaptiveAveragePool(let height, let width):
      try require(height > 0 && width > 0, "needs at least one row and column")
      y.height = height
      y.width = width
    case .globalAveragePool:
      y.height = 1
      y.width = 1
    case .upsample(let factor, _):
      try require(factor > 0, "factor must be positive")
      y.height *= factor
      y.width *= factor
    case .concatenate:
      try require(
        inputs.allSatisfy { $0.height == x.height && $0.width == x.width },
        "inputs differ in size: " + inputs.map(\.description).joined(separator: ", "))
      y.channels = inputs.reduce(0) { $0 + $1.channels }
    case .add, .conjunction:
      try require(inputs.allSatisfy { $0 == x }, "\(x) and \(inputs[1]) differ")
    case .multiply:
      let b = inputs[1]
      try require(
        b == x || (b.pixels == 1 && b.channels == x.channels)
          || (b.height == x.height && b.width == x.width && b.channels == 1),
        "\(b) fits neither the shape, the channels nor the pixels of \(x)")
    case .broadcast:
      try require(x.pixels == 1, "\(x) is not a vector")
      y.height = inputs[1].height
      y.width = inputs[1].width
    case .coordinates: y.channels = 2
    case .dropout(let rate, _):
      try require(rate >= 0 && rate < 1, "rate \(rate) is not in 0..<1")
    }
    try require(
      max(y.height, y.width, y.channels) <= Shape.longestSide && y.count <= Shape.mostValues,
      "its result of \(y) is beyond all bounds")
    return y
  }

  private var leastInputs: Int {
    switch self {
    case .image, .features: 0
    case .add, .multiply, .broadcast, .conjunction: 2
    default: 1
    }
  }

  /// The whole numbers among its settings.
  private var numbers: [Int] {
    switch self {
    case .image(let count), .features(let count): [count]
    case .reflectPad(let top, let bottom, let left, let right): [top, bottom, left, right]
    case .crop(let top, let left, let height, let width): [top, left, height, width]
    case .convolution(let c): [c.filters, c.kernel, c.stride, c.dilation, c.groups]
    case .transposedConvolution(let filters, let kernel, let stride, _): [filters, kernel, stride]
    case .groupNorm(let groups, _): [groups]
    case .dense(let units, _): [units]
    case .pool(_, let size): [size]
    case .slidingPool(_, let window): [window.size, window.stride, window.padding]
    case .adaptiveAveragePool(let height, let width): [height, width]
    case .upsample(let factor, _): [factor]
    case .batchNorm, .activation, .globalAveragePool, .concatenate, .add, .multiply, .broadcast,
      .coordinates, .conjunction, .dropout:
      []
    }
  }

  private static func next(_ size: Int, _ multiple: Int) -> Int {
    (size + multiple - 1) / multiple * multiple
  }
}
