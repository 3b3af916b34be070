// The one owner of a file descriptor that is written to, with errors that say what to do.

import Basics
import Foundation

/// A file that is new when it is opened, and closed at the end of the value's life.
package struct OutputFile: ~Copyable {
  private let descriptor: Int32

  /// Creates a file that must not exist; `existing` opens one instead (a device, in tests).
  package init(_ path: String, existing: Bool = false) throws(Failure) {
    let flags = existing ? O_WRONLY : O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    descriptor = open(path, flags | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw Failure(errno) }
  }

  deinit { close(descriptor) }

  /// Writes all of the bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { unistdWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw Failure(errno)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits until the bytes are on the disk.
  package func synchronize() throws(Failure) {
    if fsync(descriptor) != 0 { throw Failure(errno) }
  }

  /// An error number of the system.
  package struct Failure: Error, Equatable {
    package let code: Int32
    init(_ code: Int32) { self.code = code }

    package func error(archive: String, entry: String?) -> ArchiveError {
      let text = systemMessage(code)
      return switch code {
      case ENOSPC, EDQUOT:
        ArchiveError(
          kind: .diskFull, archive: archive, entry: entry,
          reason: "the disk is full (\(text)). Nothing was kept; make room and run it again.")
      case EEXIST, EISDIR, ENOTDIR:
        ArchiveError(
          kind: .duplicate, archive: archive, entry: entry,
          reason: "another entry of the archive has the same path. Nothing was kept.")
      default:
        ArchiveError(
          kind: .fileSystem, archive: archive, entry: entry,
          reason: "can't be written: \(text). Nothing was kept.")
      }
    }
  }
}

private func unistdWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
