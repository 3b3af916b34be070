// Event files, which TensorBoard reads: records of length, checksum and a protocol buffer each.
// Formats: https://www.tensorflow.org/tutorials/load_data/tfrecord, event.proto and summary.proto of TensorFlow,
// plugin_data.proto of TensorBoard's hparams.

import Basics
import Foundation
import Protobuf

/// An event file that is being written.
struct EventFile {
  private(set) var bytes: [UInt8] = []

  /// A file whose first event says which format it has.
  init(wallTime: Double) {
    var event = Message()
    event.add(1, wallTime)
    event.add(3, "brain.Event:2")
    append(event)
  }

  /// A number of a step.
  mutating func scalar(_ tag: String, _ value: Double, step: Int, wallTime: Double) {
    var summary = Message()
    summary.add(1, tag)
    summary.add(2, Float(value))
    append([summary], step: step, wallTime: wallTime)
  }

  /// A PNG picture.
  mutating func picture(
    _ tag: String, png: Data, width: Int, height: Int, step: Int, wallTime: Double
  ) {
    var image = Message()
    image.add(1, height)
    image.add(2, width)
    image.add(3, 3)
    image.add(4, [UInt8](png))
    var summary = Message()
    summary.add(1, tag)
    summary.add(4, image)
    append([summary], step: step, wallTime: wallTime)
  }

  /// The parameters of a run; those of one group are a trial, such as the folds of a run.
  mutating func parameters(_ values: [String: JSONValue], group: String, wallTime: Double) {
    var session = Message()
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      var entry = Message()
      entry.add(1, key)
      entry.add(2, Self.value(value))
      session.add(1, entry)
    }
    session.add(4, group)
    session.add(5, wallTime)
    hparams("session_start_info", field: 3, session, wallTime: wallTime)
  }

  /// That the run ended.
  mutating func end(succeeded: Bool, wallTime: Double) {
    var session = Message()
    session.add(1, succeeded ? 1 : 2)
    session.add(2, wallTime)
    hparams("session_end_info", field: 4, session, wallTime: wallTime)
  }

  private static func value(_ value: JSONValue) -> Message {
    var message = Message()
    switch value {
    case .int(let number): message.add(2, Double(number))
    case .double(let number): message.add(2, number)
    case .bool(let flag): message.add(4, flag ? 1 : 0)
    default: message.add(3, value.plainText)
    }
    return message
  }

  private mutating func hparams(
    _ name: String, field: Int, _ session: Message, wallTime: Double
  ) {
    var content = Message()
    content.add(1, 0)
    content.add(field, session)
    var plugin = Message()
    plugin.add(1, "hparams")
    plugin.add(2, content)
    var metadata = Message()
    metadata.add(1, plugin)
    // Readers drop what has no value, so there is a tensor of none.
    var (side, shape, tensor) = (Message(), Message(), Message())
    side.add(1, 0)
    shape.add(2, side)
    tensor.add(1, 1)
    tensor.add(2, shape)
    var summary = Message()
    summary.add(1, "_hparams_/\(name)")
    summary.add(9, metadata)
    summary.add(8, tensor)
    append([summary], step: 0, wallTime: wallTime)
  }

  private mutating func append(_ summaries: [Message], step: Int, wallTime: Double) {
    var values = Message()
    for summary in summaries { values.add(1, summary) }
    var event = Message()
    event.add(1, wallTime)
    event.add(2, step)
    event.add(5, values)
    append(event)
  }

  /// A record: eight bytes of length, their checksum, the event, its checksum.
  private mutating func append(_ event: Message) {
    func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
    }
    let length = littleEndian(UInt64(event.bytes.count))
    bytes += length + littleEndian(Checksum.masked(length))
    bytes += event.bytes + littleEndian(Checksum.masked(event.bytes))
  }
}

/// CRC-32C (RFC 3720, B.4), masked as such records have it.
package enum Checksum {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  package static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }

  /// Turned and moved: a checksum of bytes that hold checksums is weak.
  package static func masked(_ bytes: [UInt8]) -> UInt32 {
    let sum = crc32c(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
