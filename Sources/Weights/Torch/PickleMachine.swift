// Reads pickles that hold tensors. A pickle is a program; this machine knows only the instructions that build
// plain values, storages and tensors, calls nothing, and names what it refuses.

import Bytes

/// Obeys a pickle's instructions.
struct PickleMachine {
  /// What a pickle says of a storage: how many numbers, and under which key they lie elsewhere.
  struct Storage: Equatable {
    let key: String
    let type: NumberType
    let count: Int
  }

  /// What a pickle says of a tensor: the numbers of a storage that it is made of.
  struct View {
    let storage: Storage
    let offset: Int
    let shape: [Int]
    let strides: [Int]
  }

  /// Where the next instruction is.
  private(set) var cursor: ByteCursor
  private(set) var storages: [Storage] = []
  private(set) var views: [View] = []
  private(set) var sequences: [[PickleValue]] = []
  private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []

  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// How many more instructions are obeyed.
  private var left: Int

  /// - Parameters:
  ///   - bytes: the pickle, or several in a row, perhaps with something behind them.
  ///   - instructions: the most that are obeyed.
  init(_ bytes: UnsafeBufferPointer<UInt8>, instructions: Int) {
    cursor = ByteCursor(bytes)
    left = instructions
  }

  /// Reads the next pickle to its end.
  ///
  /// - Returns: the value that it builds.
  /// - Throws: `ReadingProblem` for what is cut short, damaged, or not allowed.
  mutating func load() throws -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      let place = cursor.place
      let byte = UInt8(try cursor.number(1))
      guard left > 0 else { throw ReadingProblem("its pickle has more instructions than are read") }
      left -= 1
      guard let code = PickleCode(rawValue: byte) else {
        throw ReadingProblem(
          "its pickle has the \(PickleCode.name(byte)) at byte \(place), which isn't allowed: only tensors are read "
            + "from a pickle, and nothing in it is run")
      }
      if code == .stop {
        let value = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw Self.damaged }
        return value
      }
      try obey(code)
    }
  }

  private static let damaged = ReadingProblem("its pickle is damaged")

  private mutating func obey(_ code: PickleCode) throws {
    switch code {
    case .proto: _ = try cursor.number(1)
    case .frame: _ = try cursor.take(8)
    case .stop: break
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    case .popMark: _ = try popToMark()
    case .dup: stack.append(try top())
    case .none: stack.append(.none)
    case .yes: stack.append(.bool(true))
    case .no: stack.append(.bool(false))
    case .int1: stack.append(.integer(try cursor.number(1)))
    case .int2: stack.append(.integer(try cursor.number(2)))
    case .int4:
      let bits = UInt32(try cursor.number(4))
      stack.append(.integer(Int(Int32(bitPattern: bits))))
    case .long1: stack.append(Self.whole(try cursor.take(try cursor.number(1))))
    case .float:
      let bits = try cursor.take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      stack.append(.float(Double(bitPattern: bits)))
    case .text1: stack.append(.text(try cursor.text(try cursor.number(1))))
    case .text4: stack.append(.text(try cursor.text(try cursor.number(4))))
    case .put1: memo[try cursor.number(1)] = try top()
    case .put4: memo[try cursor.number(4)] = try top()
    case .memoize: memo[memo.count] = try top()
    case .get1: try recall(try cursor.number(1))
    case .get4: try recall(try cursor.number(4))
    case .emptyTuple, .tuple1, .tuple2, .tuple3, .tuple, .emptyList, .list, .append, .appends,
      .emptyDict, .dict, .setItem, .setItems:
      try collect(code)
    case .global:
      let (module, name) = (try line(), try line())
      stack.append(.global(try PickleGlobal(module: module, name: name)))
    case .stackGlobal:
      let (name, module) = (try pop(), try pop())
      guard case .text(let name) = name, case .text(let module) = module else { throw Self.damaged }
      stack.append(.global(try PickleGlobal(module: module, name: name)))
    case .reduce:
      let (arguments, function) = (try pop(), try pop())
      stack.append(try call(function, arguments))
    case .build: try build()
    case .persistent: stack.append(try storage(try pop()))
    }
  }

  // MARK: The stack

  private func top() throws -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else { throw Self.damaged }
    return value
  }

  private mutating func pop() throws -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw Self.damaged }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let mark = marks.popLast() else { throw Self.damaged }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func recall(_ number: Int) throws {
    guard let value = memo[number] else { throw Self.damaged }
    stack.append(value)
  }

  /// The next bytes up to the end of a line.
  private mutating func line() throws -> String {
    var bytes: [UInt8] = []
    while true {
      let byte = UInt8(try cursor.number(1))
      if byte == 0x0A { return String(decoding: bytes, as: UTF8.self) }
      guard bytes.count < 1000 else { throw Self.damaged }
      bytes.append(byte)
    }
  }

  /// A whole number in two's complement, lowest byte first.
  private static func whole(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> PickleValue {
    guard bytes.count <= 8 else { return .long(Array(bytes)) }
    let filling: UInt64 = bytes.last.map { $0 >= 0x80 } == true ? .max : 0
    return .integer(
      Int(Int64(bitPattern: bytes.reversed().reduce(filling) { $0 << 8 | UInt64($1) })))
  }

  // MARK: Values that hold others

  private mutating func collect(_ code: PickleCode) throws {
    switch code {
    case .emptyTuple: pushTuple([])
    case .tuple1: pushTuple(try pop(1))
    case .tuple2: pushTuple(try pop(2))
    case .tuple3: pushTuple(try pop(3))
    case .tuple: pushTuple(try popToMark())
    case .emptyList, .list:
      sequences.append(code == .list ? try popToMark() : [])
      stack.append(.list(sequences.count - 1))
    case .append, .appends:
      let values = code == .append ? try pop(1) : try popToMark()
      guard case .list(let index) = try top() else { throw Self.damaged }
      sequences[index] += values
    case .emptyDict, .dict:
      let values = code == .dict ? try popToMark() : []
      pushDictionary()
      try set(values)
    default: try set(code == .setItem ? try pop(2) : try popToMark())
    }
  }

  private mutating func pushTuple(_ values: [PickleValue]) {
    sequences.append(values)
    stack.append(.tuple(sequences.count - 1))
  }

  private mutating func pushDictionary() {
    dictionaries.append([])
    stack.append(.dictionary(dictionaries.count - 1))
  }

  /// Adds keys and values to the dictionary on top of the stack.
  private mutating func set(_ values: [PickleValue]) throws {
    guard case .dictionary(let index) = try top(), values.count % 2 == 0 else { throw Self.damaged }
    for place in stride(from: 0, to: values.count, by: 2) {
      dictionaries[index].append((values[place], values[place + 1]))
    }
  }

  /// What a state dictionary has beside its values (the versions of its layers) is of no use here.
  private mutating func build() throws {
    _ = try pop()
    let object = try top()
    guard case .dictionary = object else {
      throw ReadingProblem(
        "its pickle sets attributes of \(object.kind), which isn't allowed: only tensors are read from a pickle, and "
          + "nothing in it is run")
    }
  }

  // MARK: Storages and tensors

  private mutating func call(_ function: PickleValue, _ arguments: PickleValue) throws
    -> PickleValue
  {
    guard case .global(let function) = function, case .tuple(let index) = arguments else {
      throw Self.damaged
    }
    let arguments = sequences[index]
    switch function {
    case .orderedDictionary where arguments.isEmpty:
      dictionaries.append([])
      return .dictionary(dictionaries.count - 1)
    case .rebuildParameter:
      guard let value = arguments.first, case .tensor = value else { throw Self.damaged }
      return value
    case .rebuildTensor:
      guard arguments.count >= 6, case .storage(let storage) = arguments[0],
        case .integer(let offset) = arguments[1]
      else { throw Self.damaged }
      views.append(
        View(
          storage: storages[storage], offset: offset, shape: try lengths(arguments[2]),
          strides: try lengths(arguments[3])))
      return .tensor(views.count - 1)
    default:
      throw ReadingProblem("its pickle calls \(function) in a way that isn't known")
    }
  }

  private func lengths(_ value: PickleValue) throws -> [Int] {
    guard case .tuple(let index) = value, sequences[index].count <= 64 else { throw Self.damaged }
    return try sequences[index].map {
      guard case .integer(let length) = $0, length >= 0 else { throw Self.damaged }
      return length
    }
  }

  /// A storage by what stands for it: ("storage", type, key, device, count), and in the older form nothing else,
  /// or None.
  private mutating func storage(_ value: PickleValue) throws -> PickleValue {
    guard case .tuple(let index) = value, sequences[index].count >= 5,
      case .text("storage") = sequences[index][0],
      case .global(.storage(let type)) = sequences[index][1],
      case .text(let key) = sequences[index][2], case .integer(let count) = sequences[index][4],
      count >= 0
    else { throw Self.damaged }
    if sequences[index].count > 5 {
      guard case .none = sequences[index][5] else {
        throw ReadingProblem("it has storages that are parts of others, which are not read")
      }
    }
    storages.append(Storage(key: key, type: type, count: count))
    return .storage(storages.count - 1)
  }
}
