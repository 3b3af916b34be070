// What the reader of a format offers: the pages of a file, and each page row by row.

import Bytes

/// How a page's samples will come, and what the file says of them.
struct PageLayout: Equatable {
  var width: Int
  var height: Int
  var channels: Int
  var kind: SampleKind
  /// Bits of one sample in the file; of a palette that is expanded, of its colours.
  var bitDepth: Int
  var fullScale: Float
  var hasAlpha = false
  var isPalette = false
  var orientation = 1
  /// A smaller copy of another page, or its mask.
  var isSecondary = false
  /// Whether the page is in memory as a whole before its first row comes.
  var isWhole = false
  /// Bits of one pixel in the file, once unpacked.
  var bitsPerPixel: Int
  /// The most bytes of pixels that a byte of the file can stand for.
  var ratio: Int
}

/// A file of a known format.
protocol PictureSource: AnyObject {
  var format: ImageFormat { get }
  /// The pages' layouts; at least one.
  func layouts() throws -> [PageLayout]
  /// A reader for one page. Several may be at work, each with a handle of its own.
  func reader(page: Int) throws -> any PageReader
}

/// Gives the rows of a page, once, from the top.
protocol PageReader: AnyObject {
  /// How many rows come at the price of one, such as a tile's height.
  var rowsAtOnce: Int { get }
  /// Writes the next rows, as the page's layout says.
  func read(rows: Int, into target: UnsafeMutableRawBufferPointer) throws
}

/// The rows of a page that lies in memory.
final class MemoryReader: PageReader {
  private let bytes: [UInt8]
  private let rowBytes: Int
  private var at = 0

  init(_ bytes: [UInt8], rowBytes: Int) {
    self.bytes = bytes
    self.rowBytes = rowBytes
  }

  var rowsAtOnce: Int { 1 }

  func read(rows: Int, into target: UnsafeMutableRawBufferPointer) throws {
    let count = rows * rowBytes
    bytes.withUnsafeBytes {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[at..<(at + count)]))
    }
    at += count
  }
}

/// The product of numbers from 0; nil where it is beyond all bounds.
func product(_ factors: Int...) -> Int? {
  var result = 1
  for factor in factors {
    let (value, overflow) = result.multipliedReportingOverflow(by: factor)
    guard factor >= 0, !overflow else { return nil }
    result = value
  }
  return result
}

/// Runs a function of a shim that returns 0, or leaves its reason in a message.
func checked(_ size: Int, _ body: (UnsafeMutablePointer<CChar>) -> Int32) throws {
  try withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { message in
    guard let start = message.baseAddress else { return }
    message.initialize(repeating: 0)
    if body(start) < 0 { throw ReadingProblem(String(cString: start)) }
  }
}

/// Runs a function of a shim that returns a handle, or nil and leaves its reason in a message.
func opened(_ size: Int, _ body: (UnsafeMutablePointer<CChar>) -> OpaquePointer?) throws
  -> OpaquePointer
{
  try withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { message in
    message.initialize(repeating: 0)
    guard let start = message.baseAddress, let handle = body(start) else {
      throw ReadingProblem(message.baseAddress.map { String(cString: $0) } ?? "")
    }
    return handle
  }
}
