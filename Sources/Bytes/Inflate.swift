// Deflated data (RFC 1951, RFC 1950) out of zip members and compressed volumes.

import CZlib

/// zlib's inflater; owns its state.
package final class Inflate {
  /// The most that a byte of deflated data can stand for.
  package static let ratio = 1032

  private var stream = z_stream()
  private var isOpen = false

  /// - Parameter raw: whether the data has no header and checksum of zlib's.
  private init(raw: Bool) throws {
    guard
      inflateInit2_(
        &stream, raw ? -15 : 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw ReadingProblem("there is not enough memory") }
    isOpen = true
  }

  deinit { if isOpen { inflateEnd(&stream) } }

  /// Inflates data until `target` is full or the data ends.
  ///
  /// - Returns: how many bytes there are.
  /// - Throws: `ReadingProblem` for damaged data.
  package static func inflate(
    _ data: UnsafeRawBufferPointer, raw: Bool, into target: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    try Inflate(raw: raw).run(data, target)
  }

  private func run(
    _ data: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    let piece = 1 << 30
    var (taken, made) = (0, 0)
    while made < target.count {
      let (input, room) = (min(piece, data.count - taken), min(piece, target.count - made))
      // zlib doesn't write to its input; the pointer isn't const for old programs' sake.
      stream.next_in = UnsafeMutablePointer(
        mutating: data.baseAddress!.assumingMemoryBound(to: UInt8.self) + taken)
      stream.avail_in = UInt32(input)
      stream.next_out = target.baseAddress!.assumingMemoryBound(to: UInt8.self) + made
      stream.avail_out = UInt32(room)
      let status = CZlib.inflate(&stream, Z_NO_FLUSH)
      taken += input - Int(stream.avail_in)
      made += room - Int(stream.avail_out)
      if status == Z_STREAM_END { break }
      if status == Z_BUF_ERROR || status == Z_OK && taken == data.count && stream.avail_out > 0 {
        break
      }
      guard status == Z_OK else {
        throw ReadingProblem("its deflated data is damaged")
      }
    }
    return made
  }
}
