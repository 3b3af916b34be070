// A lock that processes hold on a file, and the kernel drops when its holder is gone.

package import Foundation

/// Holds a file's lock until the value goes.
package final class FileLock {
  private let descriptor: Int32

  /// Waits for whoever holds it.
  ///
  /// - Parameter file: is made where it isn't there; its folder must be.
  /// - Throws: `FileError` where it can't be opened.
  package init(_ file: URL) throws(FileError) {
    descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(file.path, "can't be written", code: errno) }
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  deinit { close(descriptor) }
}
