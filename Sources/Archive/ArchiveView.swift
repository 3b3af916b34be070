// A look at what a zip archive unpacks to, archives inside it among it, without unpacking their content to the disk.

import Basics
public import Foundation

/// The files of a zip archive as they will lie once `extract` has unpacked it: those of an archive inside it below
/// that one's name.
///
/// An archive inside can't be read where it is: it is copied to the system's folder for temporary files, and removed
/// at the end of the view's life.
public final class ArchiveView: Sendable {
  /// An archive inside the archive, copied out.
  private struct Inner: Sendable {
    /// What its files' paths begin with, such as "train/".
    var prefix: String
    var file: URL
  }

  /// The files, those of archives inside last.
  public let entries: [ArchiveEntry]
  private let file: URL
  private let inner: [Inner]
  private let scratch: URL

  /// Lists an archive.
  ///
  /// - Throws: `ArchiveError` for what is no whole zip archive, an entry that `extract` would refuse, and where
  ///   there is no room for a copy of an archive inside.
  public init(_ file: URL) throws {
    self.file = file
    let own = try Archive.entries(of: file)
    let nested = own.filter { isNestedArchive($0.path) }.map(\.path)
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("work-archive-\(UUID().uuidString)", isDirectory: true)
    self.scratch = scratch
    guard !nested.isEmpty else {
      (entries, inner) = (own, [])
      return
    }
    do {
      try WholeFile.makeFolder(scratch)
      let places = Dictionary(
        uniqueKeysWithValues: nested.enumerated().map {
          ($1, scratch.appendingPathComponent("\($0).zip"))
        })
      try copy(places, of: file, limit: freeBytes(in: scratch) ?? .max)
      var all = own.filter { places[$0.path] == nil }
      var inner: [Inner] = []
      for path in nested {
        guard let copy = places[path] else { continue }
        let found = try Archive.entries(of: copy)
        let stem = String(path.dropLast(4))
        // As `extract` has it: a file that is zipped by itself takes the archive's place.
        let isFile = found.map(\.path) == [stem.lastPathName]
        let prefix = isFile ? String(stem.dropLast(found[0].path.count)) : stem + "/"
        all += found.map { ArchiveEntry(path: prefix + $0.path, statedBytes: $0.statedBytes) }
        inner.append(Inner(prefix: prefix, file: copy))
      }
      (entries, self.inner) = (all, inner)
    } catch {
      try? FileManager.default.removeItem(at: scratch)
      throw error
    }
  }

  deinit { if !inner.isEmpty { try? FileManager.default.removeItem(at: scratch) } }

  /// Hands over the content of some files, one after the other: `read(_:of:limit:_:)` for the archive and for
  /// those inside it.
  ///
  /// - Throws: as that one does.
  public func read(
    _ paths: Set<String>, limit: Int, _ body: (String, Data) throws -> Void
  ) throws {
    try Archive.read(paths, of: file, limit: limit, body)
    for part in inner {
      let own = paths.filter { $0.hasPrefix(part.prefix) }
        .map { String($0.dropFirst(part.prefix.count)) }
      guard !own.isEmpty else { continue }
      try Archive.read(Set(own), of: part.file, limit: limit) { try body(part.prefix + $0, $1) }
    }
  }
}

/// Whether a file of an archive is an archive that is unpacked, too: what packers hide (`._train.zip`) is none.
func isNestedArchive(_ path: String) -> Bool {
  let name = path.lastPathName
  return name.lowercased().hasSuffix(".zip") && !name.hasPrefix(".")
}

/// Writes some files of an archive to the disk.
private func copy(_ places: [String: URL], of file: URL, limit: Int64) throws {
  let reader = try ArchiveReader(file)
  var room = limit
  while let entry = try reader.next() {
    guard case .file = entry.kind else { continue }
    let path = try safePath(of: entry, in: reader.path).components.joined(separator: "/")
    guard let place = places[path] else { continue }
    do {
      let output = try OutputFile(place.path)
      try reader.content { bytes in
        room -= Int64(bytes.count)
        guard room >= 0 else {
          throw ArchiveError(
            kind: .diskFull, archive: reader.path, entry: entry.name,
            reason:
              "is an archive, which has to be copied to \(place.deletingLastPathComponent().path) to be looked "
              + "at, and only \(sizeText(limit)) are free there. Make room, or name another folder by TMPDIR."
          )
        }
        try output.write(bytes)
      }
    } catch let failure as OutputFile.Failure {
      throw failure.error(archive: reader.path, entry: entry.name)
    }
  }
}
