// Files that appear whole or not at all.

import Foundation

/// Writes text beside its target under a temporary name, flushes it, and renames it.
enum WholeFile {
  /// Writes `text` to `url`, making the folders on the way.
  ///
  /// - Throws: `RenderingError` with the path and the system's word for it.
  static func write(_ text: String, to url: URL) throws {
    let folder = url.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(
      ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: temporary)
      let handle = try FileHandle(forWritingTo: temporary)
      try handle.synchronize()
      try handle.close()
      guard rename(temporary.path, url.path) == 0 else {
        throw RenderingError(message: String(cString: strerror(errno)))
      }
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      let reason = (error as? RenderingError)?.message ?? error.localizedDescription
      throw RenderingError(message: "\(url.path): can't write the page (\(reason))")
    }
  }
}
