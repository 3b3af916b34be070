// Protocol buffers, as far as writing files of published formats needs them: fields of a message are appended in the
// order in which they are to stand, and the message is the bytes.
// Encoding: https://protobuf.dev/programming-guides/encoding/

/// A message that is being written.
public struct Message: Sendable, Equatable {
  /// The message so far.
  public private(set) var bytes: [UInt8] = []

  /// A message without fields.
  public init() {}

  /// How a field's value is written.
  private enum Wire: UInt64 {
    case varint = 0
    case fixed64 = 1
    case length = 2
    case fixed32 = 5
  }

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  private mutating func tag(_ field: Int, _ wire: Wire) {
    varint(UInt64(field) << 3 | wire.rawValue)
  }

  private mutating func littleEndian(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A whole number: int32, int64, uint64, bool or an enumeration.
  public mutating func add(_ field: Int, _ value: Int) {
    tag(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// A float.
  public mutating func add(_ field: Int, _ value: Float) {
    tag(field, .fixed32)
    littleEndian(value.bitPattern)
  }

  /// A double.
  public mutating func add(_ field: Int, _ value: Double) {
    tag(field, .fixed64)
    littleEndian(value.bitPattern)
  }

  /// A string.
  public mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }

  /// Bytes.
  public mutating func add(_ field: Int, _ value: [UInt8]) {
    tag(field, .length)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A message inside this one.
  public mutating func add(_ field: Int, _ value: Message) { add(field, value.bytes) }

  /// Floats, one after another in the machine's form that files have: little-endian.
  public mutating func add(_ field: Int, raw values: [Float]) {
    tag(field, .length)
    varint(UInt64(4 * values.count))
    bytes.reserveCapacity(bytes.count + 4 * values.count)
    for value in values { littleEndian(value.bitPattern) }
  }
}
