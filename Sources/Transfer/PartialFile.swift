// A download that isn't whole yet: `NAME.partial` with the bytes so far, and `NAME.partial.json`
// with what is needed to ask for the rest of the same content, by this process or a later one.

package import Foundation

/// The files beside a download's target. Knows nothing of requests.
package struct PartialFile {
  let target: URL
  var data: URL { target.appendingPathExtension("partial") }
  var sidecar: URL { data.appendingPathExtension("json") }

  /// What the bytes so far belong to.
  struct Origin: Codable, Equatable {
    /// The ETag or Last-Modified of the content.
    var validator: String
    /// The length of the whole content, if the server said it.
    var bytes: Int64?
  }

  /// Bytes that may be kept, with their origin; nil if the download starts from nothing.
  var kept: (origin: Origin, count: Int64)? {
    guard let text = try? Data(contentsOf: sidecar),
      let origin = try? JSONDecoder().decode(Origin.self, from: text), !origin.validator.isEmpty,
      let count = size(of: data), count > 0, count <= origin.bytes ?? .max
    else { return nil }
    return (origin, count)
  }

  /// Forgets the bytes so far.
  func discard() {
    unlink(sidecar.path)
    unlink(data.path)
  }

  /// Opens the data for writing: from the start, or behind the bytes so far.
  func open(appending: Bool) throws -> Writer {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
    return try Writer(path: data.path, flags: flags)
  }

  /// Writes down what the data belongs to. Without a validator there is no resuming.
  func note(_ origin: Origin?) throws {
    guard let origin else {
      unlink(sidecar.path)
      return
    }
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      try encoder.encode(origin).write(to: sidecar, options: .atomic)
    } catch {
      throw TransferError(
        .fileSystem, sidecar.path, "can't be written: \(error.localizedDescription)")
    }
  }

  /// Gives the flushed data its name.
  func promote() throws {
    guard rename(data.path, target.path) == 0 else {
      throw TransferError.file(errno, target.path, "renamed from its temporary name")
    }
    unlink(sidecar.path)
    // The name itself is on the disk only when the folder is; a failure here loses no content.
    let folder = Foundation.open(
      target.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// The one owner of the data's descriptor.
  package final class Writer {
    private let path: String
    private let descriptor: Int32

    package init(path: String, flags: Int32) throws {
      self.path = path
      descriptor = Foundation.open(path, flags, 0o644)
      if descriptor < 0 { throw TransferError.file(errno, path, "opened for writing") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
      var offset = 0
      while offset < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno != EINTR { throw TransferError.file(errno, path, "written") }
        offset += max(count, 0)
      }
    }

    func synchronize() throws {
      if fsync(descriptor) != 0 { throw TransferError.file(errno, path, "flushed to the disk") }
    }
  }
}

/// The size of a plain file, or nil.
package func size(of file: URL) -> Int64? {
  var status = stat()
  guard stat(file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int64(status.st_size)
}

/// Whether a file begins as zip archives do.
/// - Throws: `TransferError` where it can't be read.
package func beginsAsZip(_ file: URL) throws -> Bool {
  var first = Data()
  try readPieces(of: file, size: 4) { bytes in
    first = Data(bytes)
    return false
  }
  return first == Data([0x50, 0x4b, 3, 4])
}

/// Reads a file piece by piece, as long as `body` wants more.
func readPieces(
  of file: URL, size: Int = 1 << 20, _ body: (UnsafeRawBufferPointer) -> Bool
) throws {
  do {
    let handle = try FileHandle(forReadingFrom: file)
    defer { try? handle.close() }
    while let piece = try handle.read(upToCount: size), !piece.isEmpty,
      piece.withUnsafeBytes(body)
    {}
  } catch {
    throw TransferError(.fileSystem, file.path, "can't be read: \(error.localizedDescription)")
  }
}
