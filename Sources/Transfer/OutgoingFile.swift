// A file on its way out, read piece by piece.

import Foundation

/// The one owner of an outgoing file's descriptor. Used by one thread.
final class OutgoingFile {
  /// The bytes from the start on that were there then, and are promised to the server.
  let bytes: Int64
  /// Where the next piece begins, counted from the start.
  var offset: Int64 = 0
  /// Where in the file it begins.
  private let start: Int64
  private let path: String
  private let descriptor: Int32

  /// Opens a file.
  /// - Parameter start: where in it to begin, in bytes.
  /// - Throws: `TransferError` where it can't be read, or isn't that long.
  init(_ file: URL, from start: Int64) throws {
    path = file.path
    self.start = start
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      bytes = 0
      throw TransferError.file(errno, path, "opened for reading")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      bytes = 0
      throw TransferError(.fileSystem, path, "can't be sent: it is no plain file.")
    }
    bytes = Int64(status.st_size) - start
    guard bytes >= 0 else { throw Self.shortened(path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Copies the next piece.
  /// - Returns: its length; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(buffer.count, Int(bytes - offset))
    guard wanted > 0 else { return 0 }
    var count = pread(descriptor, buffer.baseAddress, wanted, off_t(start + offset))
    while count < 0 && errno == EINTR {
      count = pread(descriptor, buffer.baseAddress, wanted, off_t(start + offset))
    }
    guard count >= 0 else { throw TransferError.file(errno, path, "read") }
    guard count > 0 else { throw Self.shortened(path) }
    offset += Int64(count)
    return count
  }

  private static func shortened(_ path: String) -> TransferError {
    TransferError(
      .fileSystem, path,
      "became shorter while it was sent. Run it again when nothing writes to it.")
  }
}
