// Writing a file whole or not at all: beside its target, flushed to disk, then renamed.

import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be written.
struct FileProblem: Error {
  let reason: String
}

/// Writes `data` to `url`, replacing what is there; on failure the target is as it was.
func writeWhole(_ data: Data, to url: URL) throws {
  let target = url.path
  let temporary = "\(target).\(getpid()).part"
  func problem() -> FileProblem { FileProblem(reason: String(cString: strerror(errno))) }
  let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard file >= 0 else { throw problem() }
  do {
    try data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = write(file, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw problem() }
        done += count
      }
    }
    guard fsync(file) == 0 else { throw problem() }
  } catch {
    close(file)
    unlink(temporary)
    throw error
  }
  guard close(file) == 0, rename(temporary, target) == 0 else {
    let failure = problem()
    unlink(temporary)
    throw failure
  }
  // The rename itself survives a power cut only once the folder is flushed too.
  let folder = open(url.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
  if folder >= 0 {
    fsync(folder)
    close(folder)
  }
}
