// A zip file with a long comment behind it, read as if it had none: libarchive looks for the table of contents in the last
// 16 KB alone, and a comment may have 64 KB.

import CArchive
import Foundation

/// The bytes of a zip file up to the end of its table of contents.
final class ArchiveSource {
  private let descriptor: Int32
  /// Where the comment begins.
  private let end: Int
  private var position = 0
  private let buffer: UnsafeMutableBufferPointer<UInt8>

  /// Bytes of the record at the end of a zip file, the last two of which say how long the comment is.
  private static let record = 22
  /// Up to here, libarchive finds it by itself.
  private static let found = 16_000

  /// Nil where there is no such comment, or the file can't be read.
  init?(_ file: URL) {
    let descriptor = Glibc.open(file.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let start = max(0, size - Self.record - 0xFFFF)
    var tail = [UInt8](repeating: 0, count: max(0, size - start))
    let count = pread(descriptor, &tail, tail.count, off_t(start))
    guard count == tail.count, let place = Self.place(in: tail),
      tail.count - place - Self.record > Self.found
    else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    // Not before: an initializer that gives up here calls no `deinit`.
    buffer = .allocate(capacity: 1 << 16)
    end = start + place + Self.record
  }

  /// Where the last record begins whose comment fills the rest.
  private static func place(in tail: [UInt8]) -> Int? {
    guard tail.count >= record else { return nil }
    for place in (0...(tail.count - record)).reversed()
    where tail[place] == 0x50 && tail[place + 1] == 0x4B && tail[place + 2] == 5
      && tail[place + 3] == 6
    {
      let length = Int(tail[place + 20]) + 256 * Int(tail[place + 21])
      if length == tail.count - place - record { return place }
    }
    return nil
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  /// Opens an archive that reads from here. The source must live as long as the handle.
  func open(_ handle: OpaquePointer) -> Int32 {
    archive_read_set_callback_data(handle, Unmanaged.passUnretained(self).toOpaque())
    archive_read_set_read_callback(handle) { _, source, buffer in
      guard let source, let buffer else { return -1 }
      return Unmanaged<ArchiveSource>.fromOpaque(source).takeUnretainedValue().read(buffer)
    }
    archive_read_set_seek_callback(handle) { _, source, offset, origin in
      guard let source else { return -1 }
      return Unmanaged<ArchiveSource>.fromOpaque(source).takeUnretainedValue()
        .seek(offset, origin)
    }
    return archive_read_open1(handle)
  }

  private func read(_ target: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    let wanted = min(buffer.count, end - position)
    guard wanted > 0 else { return 0 }
    let count = pread(descriptor, buffer.baseAddress, wanted, off_t(position))
    guard count > 0 else { return count }
    // Here the archive ends: its comment has no bytes.
    for place in [end - 2, end - 1] where (position..<(position + count)).contains(place) {
      buffer[place - position] = 0
    }
    position += count
    target.pointee = UnsafeRawPointer(buffer.baseAddress)
    return count
  }

  private func seek(_ offset: Int64, _ origin: Int32) -> Int64 {
    let base =
      switch origin {
      case SEEK_SET: 0
      case SEEK_CUR: position
      default: end
      }
    let (place, overflows) = base.addingReportingOverflow(Int(offset))
    guard !overflows, (0...end).contains(place) else { return -30 }
    position = place
    return Int64(place)
  }
}
