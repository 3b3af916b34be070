// A file of JSON objects, one a line, that others read while it grows.

import Basics
import Foundation
import Notebook
import Synchronization

/// Appends whole lines to a file; may be used from any thread.
final class LineFile: Sendable {
  private let descriptor: Int32
  /// Whether the file ends within a line, since the disk was full.
  private let torn = Mutex(false)

  /// Opens the file, or makes it.
  ///
  /// - Throws: `StageFailure` where it can't be written.
  init(_ path: String) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StageFailure("\(path): can't be written (\(systemMessage(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// Appends a value as one line of JSON; numbers that aren't finite become "inf", "-inf" and
  /// "nan".
  func append(_ value: some Encodable) {
    guard let line = try? JSONEncoder.ofRecords().encode(value) else { return }
    torn.withLock { torn in
      // The newline ends what is left of a torn line, so that this one can be read.
      let bytes = (torn ? [UInt8(ascii: "\n")] : []) + line + [UInt8(ascii: "\n")]
      torn = !write(bytes)
    }
  }

  /// A full disk loses lines of the record, never the stage's result.
  private func write(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        guard count > 0 || errno == EINTR else { return false }
        done += max(0, count)
      }
      return true
    }
  }
}
