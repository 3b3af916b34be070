// Puts one file's content at a second place without using space twice, where the file system can: by a
// reflink, else by a hard link, else by copying.

import Foundation
import Hashing

/// How a second place came to a file's content.
package enum CloneMethod: String, Sendable, Codable, Hashable {
  /// Blocks are shared until one side is written to (Btrfs, XFS); both sides are files of their own.
  case reflink = "reflinks"
  /// One file with two names; read-only, so that an edit of one isn't an edit of the other by mistake.
  case hardLink = "hard links"
  case copy = "copies"
}

/// Makes second places, and remembers whether the file system can reflink. Not for use from two threads at
/// once.
final class FileCloner {
  private var mayReflink = true
  /// Linux's number for "share the blocks of that file" (linux/fs.h, FICLONE).
  private static let reflinkRequest: UInt = 0x4004_9409
  private static let writeBits: mode_t = 0o222

  /// Brings a file's content to a place where nothing is yet.
  ///
  /// - Parameters:
  ///   - links: whether a hard link will do; the file becomes read-only then.
  ///   - isReadOnly: whether the second place is to be read-only, if it is no hard link.
  /// - Returns: how, and for a copy the digest of what was copied.
  /// - Throws: `PipelineError` with the system's reason; nothing is at the second place then.
  func bring(_ file: String, to place: String, links: Bool, isReadOnly: Bool) throws
    -> (method: CloneMethod, digest: [UInt8]?)
  {
    if mayReflink {
      if try reflink(file, to: place, isReadOnly) { return (.reflink, nil) }
    }
    if links, link(file, to: place) { return (.hardLink, nil) }
    return (.copy, try copy(file, to: place, isReadOnly))
  }

  /// Whether a file is one that a hard link may be made of and that may be made read-only: a plain file of
  /// ours. What has other names already may be somebody else's, such as a data set outside the workspace.
  static func isPlain(_ file: String, names: Int) -> Bool {
    var status = stat()
    return lstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && status.st_uid == geteuid() && Int(status.st_nlink) <= names
  }

  private func reflink(_ file: String, to place: String, _ isReadOnly: Bool) throws -> Bool {
    var isDone = false
    try Self.write(place, like: file, isReadOnly) { source, target in
      isDone = ioctl(target, Self.reflinkRequest, source) == 0
    }
    if isDone { return true }
    unlink(place)
    mayReflink = false
    return false
  }

  /// Makes the file read-only and gives it a second name; leaves it as it was where that can't be (another
  /// file system, one without links, too many links).
  private func link(_ file: String, to place: String) -> Bool {
    var status = stat()
    guard lstat(file, &status) == 0 else { return false }
    let mode = status.st_mode & 0o7777
    let isWritable = mode & Self.writeBits != 0
    if isWritable, chmod(file, mode & ~Self.writeBits) != 0 { return false }
    if Glibc.link(file, place) == 0 { return true }
    if isWritable { chmod(file, mode) }
    return false
  }

  /// Takes the right to write from everybody.
  static func makeReadOnly(_ file: String) {
    var status = stat()
    if lstat(file, &status) == 0 { chmod(file, status.st_mode & 0o7777 & ~writeBits) }
  }

  private func copy(_ file: String, to place: String, _ isReadOnly: Bool) throws -> [UInt8] {
    let digest = Digest()
    do {
      try Self.write(place, like: file, isReadOnly) { source, target in
        try withUnsafeTemporaryAllocation(byteCount: 1 << 17, alignment: 16) { buffer in
          while true {
            let count = read(source, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count < 0 {
              if errno == EINTR { continue }
              throw PipelineError.system("can't be read", file, code: errno)
            }
            var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            digest.update(rest)
            while !rest.isEmpty {
              let written = Glibc.write(target, rest.baseAddress, rest.count)
              if written < 0 {
                if errno == EINTR { continue }
                throw PipelineError.system("can't be written", place, code: errno)
              }
              rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
          }
        }
      }
    } catch {
      unlink(place)
      throw error
    }
    return digest.bytes()
  }

  /// Makes a file with the times of another, whose content `body` brings.
  private static func write(
    _ place: String, like file: String, _ isReadOnly: Bool, _ body: (Int32, Int32) throws -> Void
  ) throws {
    let source = open(file, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw PipelineError.system("can't be read", file, code: errno) }
    defer { close(source) }
    var status = stat()
    fstat(source, &status)
    let executable = status.st_mode & 0o111
    // The system takes off what the user's umask keeps from others.
    let target = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644 | executable)
    guard target >= 0 else { throw PipelineError.system("can't be written", place, code: errno) }
    defer { close(target) }
    try body(source, target)
    // The time of the content, so that the table of hashes can know the file at once.
    var times = [status.st_mtim, status.st_mtim]
    guard fstat(target, &status) == 0, futimens(target, &times) == 0,
      !isReadOnly || fchmod(target, status.st_mode & 0o7777 & ~writeBits) == 0
    else { throw PipelineError.system("can't be written", place, code: errno) }
  }
}
