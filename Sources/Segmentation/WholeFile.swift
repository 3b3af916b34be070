// A file that appears whole or not at all: written beside its target, flushed, then renamed.

package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that cannot be written, and why.
package struct FileProblem: Error, Sendable, CustomStringConvertible {
  package let description: String
}

/// A file being written. Nothing is at its place until `commit`; without it, nothing is left.
package final class WholeFile {
  private let target: URL
  private let temporary: String
  private var file: Int32

  package init(_ target: URL) throws {
    self.target = target
    temporary = "\(target.path).\(getpid()).part"
    file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Self.problem("cannot be created") }
  }

  deinit {
    guard file >= 0 else { return }
    close(file)
    unlink(temporary)
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      #if canImport(Darwin)
        let count = Darwin.write(file, base + done, bytes.count - done)
      #elseif canImport(Glibc)
        let count = Glibc.write(file, base + done, bytes.count - done)
      #else
        let count = Musl.write(file, base + done, bytes.count - done)
      #endif
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.problem("cannot be written") }
      done += count
    }
  }

  package func commit() throws {
    guard fsync(file) == 0 else { throw Self.problem("cannot be flushed to disk") }
    guard rename(temporary, target.path) == 0 else { throw Self.problem("cannot be renamed") }
    close(file)
    file = -1
    // The rename itself survives a power cut only once the folder is flushed too.
    let folder = open(target.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func problem(_ what: String) -> FileProblem {
    FileProblem(description: "\(what): \(String(cString: strerror(errno)))")
  }
}

/// Writes `data` to `url`, replacing what is there; on failure the target is as it was.
package func writeWhole(_ data: Data, to url: URL) throws {
  let file = try WholeFile(url)
  try data.withUnsafeBytes(file.write)
  try file.commit()
}
