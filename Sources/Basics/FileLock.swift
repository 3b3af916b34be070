// A lock that processes hold on a file or folder, and the kernel drops when its holder is gone.

package import Foundation

/// Holds the lock of a file or folder until the value goes.
package final class FileLock {
  private let descriptor: Int32

  /// Waits for whoever holds it.
  ///
  /// - Parameter file: is made where it isn't there; its folder must be.
  /// - Throws: `FileError` where it can't be opened.
  package convenience init(_ file: URL) throws(FileError) {
    try self.init(file, O_RDWR | O_CREAT)
  }

  /// Waits for whoever holds a folder's lock.
  ///
  /// - Throws: `FileError` where there is no such folder.
  package convenience init(folder: URL) throws(FileError) {
    try self.init(folder, O_RDONLY | O_DIRECTORY)
  }

  private init(_ place: URL, _ flags: Int32) throws(FileError) {
    descriptor = open(place.path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(place.path, "can't be locked", code: errno) }
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  deinit { close(descriptor) }
}
