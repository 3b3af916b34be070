// Writing a file whole or not at all: beside its target, flushed to the disk, then renamed.

import Foundation

/// Why a file could not be written.
struct WriteProblem: Error {
  let reason: String

  /// The system's word for what just failed.
  static var latest: WriteProblem { WriteProblem(reason: String(cString: strerror(errno))) }
}

/// Writes `data` to `url`, replacing what is there; on failure the target is as it was.
func writeWhole(_ data: Data, to url: URL) throws(WriteProblem) {
  let temporary = "\(url.path).\(getpid()).\(UInt64.random(in: 0...UInt64.max)).part"
  let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  guard file >= 0 else { throw .latest }
  do throws(WriteProblem) {
    try writeAll(data, to: file)
    guard fsync(file) == 0, rename(temporary, url.path) == 0 else { throw .latest }
    close(file)
  } catch {
    close(file)
    unlink(temporary)
    throw error
  }
}

private func writeAll(_ data: Data, to file: Int32) throws(WriteProblem) {
  var done = 0
  while done < data.count {
    let count = data.withUnsafeBytes {
      write(file, $0.baseAddress.map { $0 + done }, $0.count - done)
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { throw .latest }
    done += count
  }
}
