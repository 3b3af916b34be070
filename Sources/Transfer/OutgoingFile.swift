// A file on its way out, read piece by piece.

import Foundation

/// The one owner of an outgoing file's descriptor. Used by one thread.
final class OutgoingFile {
  /// The size that was there at the start, and is promised to the server.
  let bytes: Int64
  /// Where the next piece begins.
  var offset: Int64 = 0
  private let path: String
  private let descriptor: Int32

  init(_ file: URL) throws {
    path = file.path
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
    bytes = Int64(status.st_size)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Copies the next piece.
  /// - Returns: its length; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(buffer.count, Int(bytes - offset))
    guard wanted > 0 else { return 0 }
    var count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
    while count < 0 && errno == EINTR {
      count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
    }
    guard count >= 0 else { throw TransferError.file(errno, path, "read") }
    guard count > 0 else {
      throw TransferError(
        .fileSystem, path,
        "became shorter while it was sent. Run it again when nothing writes to it.")
    }
    offset += Int64(count)
    return count
  }
}
