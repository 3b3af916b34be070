// A look into a zip archive without unpacking it to the disk: what it holds, and the content of members
// that are small enough for memory.

import Basics
public import Foundation

/// A file of an archive, as its table of contents states it.
public struct ArchiveEntry: Sendable, Equatable {
  /// The path inside the archive, with `/` between its components and no `.` among them.
  public let path: String
  /// Bytes when unpacked, as the archive states them; nil where it doesn't. Nobody vouches for the number.
  public let statedBytes: Int64?

  /// A file and its stated size.
  public init(path: String, statedBytes: Int64?) {
    self.path = path
    self.statedBytes = statedBytes
  }
}

/// The files of a zip archive, in its own order; its folders are left out.
///
/// - Throws: `ArchiveError` for what is no whole zip archive, and for an entry that `extract` would refuse.
public func entries(of file: URL) throws -> [ArchiveEntry] {
  let reader = try ArchiveReader(file)
  var entries: [ArchiveEntry] = []
  while let entry = try reader.next() {
    let path = try safePath(of: entry, in: reader.path)
    if case .folder = entry.kind { continue }
    entries.append(
      ArchiveEntry(
        path: path.components.joined(separator: "/"), statedBytes: entry.statedBytes))
  }
  return entries
}

/// Hands over the content of some files of a zip archive, one after the other, in the archive's order.
/// Nothing is written to the disk.
///
/// - Parameters:
///   - paths: paths as `entries(of:)` gives them. One that the archive doesn't have is no error.
///   - limit: the most bytes of one file. They are counted as they are unpacked: what the archive states
///     is not believed.
///   - body: gets a path and the content; what it throws ends the reading and is thrown on.
/// - Throws: `ArchiveError` of kind `tooLarge` for a file above the limit; `damaged` for one whose content
///   doesn't match its checksum.
public func read(
  _ paths: Set<String>, of file: URL, limit: Int, _ body: (String, Data) throws -> Void
) throws {
  let reader = try ArchiveReader(file)
  var left = paths.count
  while left > 0, let entry = try reader.next() {
    guard case .file = entry.kind else { continue }
    let path = try safePath(of: entry, in: reader.path).components.joined(separator: "/")
    guard paths.contains(path) else { continue }
    var data = Data()
    try reader.content { bytes in
      guard data.count + bytes.count <= limit else {
        throw ArchiveError(
          kind: .tooLarge, archive: reader.path, entry: entry.name,
          reason: "unpacks to more than \(limit) bytes, which is more than is read into memory.")
      }
      data.append(contentsOf: bytes)
    }
    left -= 1
    try body(path, data)
  }
}

/// The entry's path; what is no plain file or folder, or would land elsewhere, is refused.
func safePath(of entry: ArchiveReader.Entry, in archive: String) throws -> SafePath {
  func refuse(_ what: String) -> ArchiveError {
    ArchiveError(
      kind: .unsafe, archive: archive, entry: entry.name,
      reason: "is \(what), which is refused: unpacked, it could reach outside the folder. "
        + "Nothing was kept.")
  }
  if case .other(let what) = entry.kind { throw refuse(what) }
  do { return try SafePath(entry.name) } catch { throw refuse(error.what) }
}
