// The header of NumPy's array files (NEP 1, versions 1 to 3): a Python dictionary in plain text.

import Bytes

/// What an array is.
struct NPYHeader: Equatable {
  var type: SampleType
  var isBig: Bool
  /// Whether the first axis runs fastest.
  var isFortran: Bool
  var shape: [Int]
  /// Where the numbers begin.
  var start: Int

  /// - Throws: `ReadingProblem` for what is no such header, or no array of numbers.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    var cursor = ByteCursor(bytes)
    guard try cursor.take(6).elementsEqual([0x93] + Array("NUMPY".utf8)) else {
      throw ReadingProblem("it is not an array file of NumPy")
    }
    let version = try cursor.number(1)
    try cursor.skip(1)
    guard (1...3).contains(version) else {
      throw ReadingProblem("it is an array file of version \(version), and 1 to 3 are read")
    }
    let length = try cursor.number(version == 1 ? 2 : 4)
    guard length <= Self.longest else {
      throw ReadingProblem("its header claims to have \(length) bytes")
    }
    let text = try cursor.text(length)
    start = cursor.place
    var parser = Literal(text)
    guard case .dictionary(let fields) = try parser.value() else {
      throw ReadingProblem("its header is not a dictionary")
    }
    guard case .text(let code)? = fields["descr"] else {
      throw ReadingProblem("its elements are records of several fields, not numbers")
    }
    guard case .bool(let isFortran)? = fields["fortran_order"],
      case .tuple(let axes)? = fields["shape"]
    else { throw ReadingProblem("its header lacks fortran_order or shape") }
    self.isFortran = isFortran
    (type, isBig) = try Self.type(code)
    shape = try axes.map {
      guard case .number(let length) = $0, length >= 0 else {
        throw ReadingProblem("its shape is not a tuple of lengths")
      }
      return length
    }
  }

  private static let longest = 1 << 20

  /// The type of a code such as "<f4".
  private static func type(_ code: String) throws -> (SampleType, Bool) {
    let types: [String: SampleType] = [
      "b1": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32,
      "i4": .int32, "u8": .uint64, "i8": .int64, "f2": .float16, "f4": .float32, "f8": .float64,
    ]
    let order = code.first ?? " "
    guard let type = types[String(code.dropFirst())], "<>|=".contains(order) else {
      throw ReadingProblem(
        code.hasSuffix("O")
          ? "its elements are Python objects, not numbers"
          : "its elements are of type \(code.prefix(20)), which is not read")
    }
    return (type, order == ">")
  }

  /// Where an array's numbers are as pixels: two axes are height and width, a third the channels, or
  /// pages if it comes first; a fourth before these pages.
  func grid(_ axes: DecodingOptions.Axes) throws -> RawGrid {
    let shown = "(" + shape.map { "\($0)" }.joined(separator: ", ") + ")"
    guard !shape.contains(0) else {
      throw ReadingProblem("an array of shape \(shown) has no pixels")
    }
    let bytes = shape.reduce(type.size as Int?) { total, side in total.flatMap { product($0, side) }
    }
    guard bytes != nil else {
      throw ReadingProblem("an array of shape \(shown) is more than is read")
    }
    var steps = [Int](repeating: type.size, count: shape.count)
    for axis in shape.indices.dropFirst() {
      if isFortran {
        steps[axis] = steps[axis - 1] * shape[axis - 1]
      } else {
        let axis = shape.count - 1 - axis
        steps[axis] = steps[axis + 1] * shape[axis + 1]
      }
    }
    var sides = Array(zip(shape, steps))
    while sides.count > 3, sides[0].0 == 1 { sides.removeFirst() }
    guard (2...4).contains(sides.count) else {
      throw ReadingProblem("an array of shape \(shown) is not a picture")
    }
    let pages = sides.count == 4 ? sides.removeFirst() : nil
    var channels = (1, type.size)
    var firstIsPages: (Int, Int)?
    if sides.count == 3 {
      let isFirst = axes == .channelsFirst || axes == .automatic && sides[0].0 < sides[2].0
      let chosen = isFirst ? sides.removeFirst() : sides.removeLast()
      if isFirst && pages == nil { firstIsPages = chosen } else { channels = chosen }
    }
    var grid = try RawGrid(
      type: type, isBig: isBig, pages: (pages ?? firstIsPages)?.0 ?? 1, height: sides[0].0,
      width: sides[1].0, channels: channels.0)
    grid.pageStep = (pages ?? firstIsPages)?.1 ?? 0
    (grid.rowStep, grid.pixelStep, grid.channelStep) = (sides[0].1, sides[1].1, channels.1)
    return grid
  }
}

/// The few literals of Python that a header has.
private struct Literal {
  indirect enum Value {
    case text(String)
    case number(Int)
    case bool(Bool)
    case tuple([Value])
    case dictionary([String: Value])
  }

  private var rest: Substring
  private var depth = 0

  init(_ text: String) { rest = text[...] }

  mutating func value() throws -> Value {
    let problem = ReadingProblem("its header can't be understood")
    depth += 1
    defer { depth -= 1 }
    guard depth < 16, let first = next() else { throw problem }
    switch first {
    case "'", "\"":
      rest.removeFirst()
      guard let end = rest.firstIndex(of: first) else { throw problem }
      defer { rest = rest[rest.index(after: end)...] }
      return .text(String(rest[..<end]))
    case "(", "[":
      rest.removeFirst()
      let closing: Character = first == "(" ? ")" : "]"
      var values: [Value] = []
      while next() != closing {
        values.append(try value())
        if next() == "," { rest.removeFirst() } else if next() != closing { throw problem }
      }
      rest.removeFirst()
      return .tuple(values)
    case "{":
      rest.removeFirst()
      var fields: [String: Value] = [:]
      while next() != "}" {
        guard case .text(let key) = try value(), next() == ":" else { throw problem }
        rest.removeFirst()
        fields[key] = try value()
        if next() == "," { rest.removeFirst() } else if next() != "}" { throw problem }
      }
      rest.removeFirst()
      return .dictionary(fields)
    default:
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
      rest = rest[word.endIndex...]
      if word == "True" || word == "False" { return .bool(word == "True") }
      // Python 2 wrote long numbers as 5L.
      guard let number = Int(word.hasSuffix("L") ? word.dropLast() : word) else { throw problem }
      return .number(number)
    }
  }

  /// The next character that is not white.
  private mutating func next() -> Character? {
    rest = rest.drop(while: \.isWhitespace)
    return rest.first
  }
}
