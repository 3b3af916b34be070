// What a pickle of tensors can hold: values, and the few names that it may call.

import Bytes

/// A value of a pickle. What holds others is a number: its place in a table of the machine's, so that neither
/// nesting nor a value that holds itself needs recursion.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  /// A whole number of more than 8 bytes, lowest byte first.
  case long([UInt8])
  case float(Double)
  case text(String)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// What it is, for errors.
  var kind: String {
    switch self {
    case .none: "nothing"
    case .bool: "true or false"
    case .integer, .long: "a whole number"
    case .float: "a number"
    case .text: "a text"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global(let global): "\(global)"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// A name that a pickle of tensors may use. None of them is run: what each stands for is made here.
enum PickleGlobal: Equatable, CustomStringConvertible {
  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  case storage(NumberType)

  /// - Throws: `ReadingProblem` that names what isn't allowed.
  init(module: String, name: String) throws {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", _) where NumberType(storage: name) != nil:
      self = .storage(NumberType(storage: name)!)
    case ("torch", _) where name.hasSuffix("Storage"):
      throw ReadingProblem(
        "it holds numbers of type \(module).\(name.shortened), which are not read (float32, float16, bfloat16 and "
          + "int64 are)")
    default:
      throw ReadingProblem(
        "it wants to call \(module.shortened).\(name.shortened), which isn't allowed: only tensors are read from a "
          + "pickle, and nothing in it is run")
    }
  }

  var description: String {
    switch self {
    case .orderedDictionary: "collections.OrderedDict"
    case .rebuildTensor: "torch._utils._rebuild_tensor_v2"
    case .rebuildParameter: "torch._utils._rebuild_parameter"
    case .storage(let type): "torch.\(type.rawValue)"
    }
  }
}

/// The numbers of a storage, by PyTorch's name for it.
enum NumberType: String {
  case float32 = "FloatStorage"
  case float16 = "HalfStorage"
  case bfloat16 = "BFloat16Storage"
  case int64 = "LongStorage"

  init?(storage name: String) { self.init(rawValue: name) }

  /// Bytes of one.
  var size: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .int64: 8
    }
  }
}

extension String {
  /// At most 80 characters of it, without control characters, for errors.
  var shortened: String {
    let text = String(
      prefix(80).map { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } ? $0 : "?" })
    return count > 80 ? text + "…" : text
  }
}
