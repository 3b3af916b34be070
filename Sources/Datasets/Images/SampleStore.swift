// Where the samples of an image set are: in memory, or in a file of which no more is read than is needed.

import Basics
import Foundation

/// Bytes by place.
package final class SampleStore: Sendable {
  private enum Place: Sendable {
    case memory([UInt8])
    case file(descriptor: Int32, path: String)
    case both(SampleStore, SampleStore)
  }

  private let place: Place
  /// Bytes in all.
  package let count: Int

  /// Bytes that are in memory.
  package init(_ bytes: [UInt8]) {
    place = .memory(bytes)
    count = bytes.count
  }

  /// The bytes of a file, from its beginning.
  /// - Throws: `FileError` where it can't be opened.
  package init(contentsOf url: URL) throws {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(url.path, "can't be opened", code: errno) }
    place = .file(descriptor: descriptor, path: url.path)
    count = Int(lseek(descriptor, 0, SEEK_END))
  }

  /// The bytes of two stores, one behind the other.
  package init(_ first: SampleStore, _ second: SampleStore) {
    place = .both(first, second)
    count = first.count + second.count
  }

  deinit {
    if case .file(let descriptor, _) = place { close(descriptor) }
  }

  /// Fills a buffer with the bytes from a place on, which must be there.
  ///
  /// Not by mapping the file: what is mapped counts as the process's memory, and a file that is cut short
  /// ends the process without a word.
  package func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) {
    precondition(offset >= 0 && offset + target.count <= count, "bytes outside the store")
    switch place {
    case .memory(let bytes):
      bytes.withUnsafeBytes {
        target.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + target.count)]))
      }
    case .both(let first, let second):
      let split = min(max(0, first.count - offset), target.count)
      if split > 0 { first.read(at: offset, into: .init(rebasing: target[..<split])) }
      if split < target.count {
        second.read(
          at: offset + split - first.count, into: .init(rebasing: target[split...]))
      }
    case .file(let descriptor, let path):
      var done = 0
      while done < target.count {
        let got = pread(
          descriptor, target.baseAddress! + done, target.count - done, off_t(offset + done))
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          fatalError("\(path): can't be read any more; remove it, and run again")
        }
        done += got
      }
    }
  }

  /// Some bytes, from a place on.
  package func bytes(at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { out, filled in
      read(at: offset, into: UnsafeMutableRawBufferPointer(out))
      filled = count
    }
  }
}
