// What the file system says of a file, by which a later look knows whether it was touched.

import Foundation

/// What the file system says of a file; equal values mean that it wasn't touched.
struct FileStamp: Sendable, Equatable {
  var size: Int64
  /// Nanoseconds since 1970.
  var modified: Int64
  var changed: Int64
  var inode: UInt64

  init(size: Int64, modified: Int64, changed: Int64, inode: UInt64) {
    self.size = size
    self.modified = modified
    self.changed = changed
    self.inode = inode
  }

  init(_ status: stat) {
    size = Int64(status.st_size)
    modified = Self.nanoseconds(status.st_mtim)
    changed = Self.nanoseconds(status.st_ctim)
    inode = UInt64(status.st_ino)
  }

  /// Nanoseconds since 1970; of a file of other centuries, which they can't count, the nearest that they can.
  private static func nanoseconds(_ time: timespec) -> Int64 {
    let (seconds, overflows) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflowsToo) = seconds.addingReportingOverflow(Int64(time.tv_nsec))
    return !overflows && !overflowsToo ? sum : time.tv_sec < 0 ? .min : .max
  }

  /// File times tick with the kernel's clock, every 4 or 10 ms; twice that is on the safe side.
  private static let tick: Int64 = 20_000_000

  /// Nanoseconds since 1970.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Whether a file that looked so when its reading began can't change any more without showing it.
  func isOld(before began: Int64) -> Bool { max(modified, changed) < began - Self.tick }

  /// The same of what the file holds, whatever became of its name and its links.
  func isContentOld(before began: Int64) -> Bool { modified < began - Self.tick }
}
