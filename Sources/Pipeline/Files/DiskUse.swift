// How much space files take.

import Foundation

/// How much files take.
enum DiskUse {
  /// Bytes of a file, or of all files below a folder; links are not followed.
  static func bytes(of url: URL) -> Int64 {
    var status = stat()
    guard lstat(url.path, &status) == 0 else { return 0 }
    guard status.st_mode & S_IFMT == S_IFDIR else { return Int64(status.st_size) }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.reduce(0) { $0 + bytes(of: url.appendingPathComponent($1)) }
  }
}
