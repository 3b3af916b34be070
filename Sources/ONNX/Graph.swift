// A graph in the Open Neural Network Exchange format, as a value that is built node by node, and its bytes.
// Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3, operators of version 17.

import Protobuf

/// A value of a graph, by its name.
struct Value: Sendable, Equatable {
  let name: String
}

/// What a node's operator is told beside its inputs.
enum Attribute: Sendable {
  case int(Int)
  case ints([Int])
  case float(Float)
  case string(String)
}

/// A side of an input or output.
enum Dimension: Sendable {
  case exactly(Int)
  /// Any, by a name: those of one name are equal.
  case any(String)
}

/// A graph of operators.
struct Graph: Sendable {
  private var nodes: [Message] = []
  private var initializers: [Message] = []
  private var inputs: [Message] = []
  private var outputs: [Message] = []
  /// Constants by what they hold, so that each stands once.
  private var constants: [String: Value] = [:]
  private var made = 0
  /// Bytes of all tensors.
  private(set) var tensorBytes = 0

  private enum ElementType: Int {
    case float = 1
    case int64 = 7
  }

  init() {}

  // MARK: Inputs, tensors, nodes

  /// An input of floats.
  mutating func input(_ name: String, _ dimensions: [Dimension]) -> Value {
    inputs.append(Self.info(name, dimensions))
    return Value(name: name)
  }

  /// Names a value as one of the graph's results.
  mutating func output(_ value: Value, as name: String, _ dimensions: [Dimension]) {
    var node = Message()
    node.add(1, value.name)
    node.add(2, name)
    node.add(4, "Identity")
    nodes.append(node)
    outputs.append(Self.info(name, dimensions))
  }

  /// A tensor of floats under a name of its own.
  mutating func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> Value {
    var tensor = Message()
    for side in shape { tensor.add(1, side) }
    tensor.add(2, ElementType.float.rawValue)
    tensor.add(8, name)
    tensor.add(9, raw: values)
    initializers.append(tensor)
    tensorBytes += 4 * values.count
    return Value(name: name)
  }

  /// Floats, [count], or a scalar where there is one.
  mutating func constant(_ values: [Float], shape: [Int]? = nil) -> Value {
    let shape = shape ?? (values.count == 1 ? [] : [values.count])
    let key = "\(shape)\(values.map(\.bitPattern))"
    if let known = constants[key] { return known }
    let value = tensor("constant_\(constants.count)", shape, values)
    constants[key] = value
    return value
  }

  /// Whole numbers, [count].
  mutating func constant(_ values: [Int]) -> Value { whole(values, shape: [values.count]) }

  /// A whole number without a shape.
  mutating func scalar(_ value: Int) -> Value { whole([value], shape: []) }

  private mutating func whole(_ values: [Int], shape: [Int]) -> Value {
    let key = "int\(shape)\(values)"
    if let known = constants[key] { return known }
    var tensor = Message()
    for side in shape { tensor.add(1, side) }
    tensor.add(2, ElementType.int64.rawValue)
    let name = "constant_\(constants.count)"
    tensor.add(8, name)
    tensor.add(
      9, values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } })
    initializers.append(tensor)
    constants[key] = Value(name: name)
    return Value(name: name)
  }

  /// The result of an operator.
  ///
  /// - Parameter inputs: nil for an optional one that is left out.
  mutating func apply(
    _ operation: String, _ inputs: [Value?], _ attributes: [(String, Attribute)] = []
  ) -> Value {
    made += 1
    let result = Value(name: "\(operation.lowercased())_\(made)")
    var node = Message()
    for input in inputs { node.add(1, input?.name ?? "") }
    node.add(2, result.name)
    node.add(3, result.name)
    node.add(4, operation)
    for (name, attribute) in attributes { node.add(5, Self.message(name, attribute)) }
    nodes.append(node)
    return result
  }

  private static func message(_ name: String, _ attribute: Attribute) -> Message {
    var message = Message()
    message.add(1, name)
    switch attribute {
    case .float(let value):
      message.add(2, value)
      message.add(20, 1)
    case .int(let value):
      message.add(3, value)
      message.add(20, 2)
    case .string(let value):
      message.add(4, value)
      message.add(20, 3)
    case .ints(let values):
      for value in values { message.add(8, value) }
      message.add(20, 7)
    }
    return message
  }

  /// The name and shape of an input or output.
  private static func info(_ name: String, _ dimensions: [Dimension]) -> Message {
    var shape = Message()
    for dimension in dimensions {
      var side = Message()
      switch dimension {
      case .exactly(let count): side.add(1, count)
      case .any(let name): side.add(2, name)
      }
      shape.add(1, side)
    }
    var tensor = Message()
    tensor.add(1, ElementType.float.rawValue)
    tensor.add(2, shape)
    var type = Message()
    type.add(1, tensor)
    var info = Message()
    info.add(1, name)
    info.add(2, type)
    return info
  }

  // MARK: Bytes

  /// The file: the graph as a model.
  ///
  /// - Parameters:
  ///   - text: what is to be known about it.
  ///   - metadata: more of that, by key.
  func file(named name: String, text: String, metadata: [String: String]) -> [UInt8] {
    var graph = Message()
    for node in nodes { graph.add(1, node) }
    graph.add(2, name)
    for initializer in initializers { graph.add(5, initializer) }
    for input in inputs { graph.add(11, input) }
    for output in outputs { graph.add(12, output) }
    var operators = Message()
    operators.add(1, "")
    operators.add(2, 17)
    var model = Message()
    model.add(1, 8)
    model.add(2, "work")
    model.add(6, text)
    model.add(7, graph)
    model.add(8, operators)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      var entry = Message()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    return model.bytes
  }
}
