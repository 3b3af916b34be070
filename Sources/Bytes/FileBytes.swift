// A file's bytes while it is read: small files in memory, large ones mapped.

import Basics
package import Foundation

/// A file's bytes, which stay where they are as long as this is.
package final class FileBytes {
  package let start: UnsafePointer<UInt8>
  package let count: Int
  /// How errors name the file.
  package let name: String
  /// Where it is, for a file that names others beside it.
  package let url: URL?
  private let release: () -> Void

  /// Bytes that belong to the caller, who keeps them.
  package init(_ bytes: UnsafeRawBufferPointer, name: String) {
    start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? Self.nothing
    count = bytes.count
    self.name = name
    url = nil
    release = {}
  }

  /// A file's bytes.
  ///
  /// - Parameter kind: what a folder of this name is not.
  /// - Throws: `ReadingProblem` where it can't be read.
  package init(contentsOf url: URL, as kind: String = "file") throws {
    let file = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw ReadingProblem("it can't be read: \(systemMessage(errno))") }
    defer { close(file) }
    var information = stat()
    guard fstat(file, &information) == 0 else {
      throw ReadingProblem("it can't be read: \(systemMessage(errno))")
    }
    switch information.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw ReadingProblem("it is a folder, not a \(kind)")
    default: throw ReadingProblem("it is not a file, but a device or a pipe")
    }
    let size = Int(information.st_size)
    name = url.path
    self.url = url
    if size > Self.mappedFrom {
      guard let map = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), map != MAP_FAILED else {
        throw ReadingProblem("it can't be read: \(systemMessage(errno))")
      }
      start = UnsafePointer(map.assumingMemoryBound(to: UInt8.self))
      count = size
      release = { munmap(map, size) }
    } else {
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, size))
      var done = 0
      var failure: Int32 = 0
      while done < size {
        let some = Glibc.read(file, memory + done, size - done)
        if some < 0 && errno == EINTR { continue }
        if some < 0 { failure = errno }
        guard some > 0 else { break }
        done += some
      }
      guard failure == 0 else {
        memory.deallocate()
        throw ReadingProblem("it can't be read: \(systemMessage(failure))")
      }
      start = UnsafePointer(memory)
      count = done
      release = { memory.deallocate() }
    }
  }

  deinit { release() }

  /// All of them.
  package var all: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  /// Below this, reading costs less than mapping.
  private static let mappedFrom = 1 << 20
  /// Where an empty file's bytes are.
  nonisolated(unsafe) private static let nothing = UnsafePointer(
    UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
}
