// Unpacks a zip archive into a new folder: whole or not at all, and nothing outside of it.
// It trusts neither the names nor the sizes that the archive states.

public import Basics
import CArchive
public import Foundation

/// What an extraction reports while it goes on and at its end.
public enum Extraction {
  /// How far it is.
  public struct Progress: Sendable, Equatable {
    /// Entries of the outer archive unpacked so far.
    public var entries = 0
    /// All entries of the outer archive.
    public var totalEntries = 0
    /// Bytes written so far, those of nested archives included.
    public var bytes: Int64 = 0
  }

  /// What lies in the folder now.
  public struct Summary: Sendable, Equatable {
    /// The number of files, with nested archives counted by their content.
    public var files = 0
    /// The files' bytes.
    public var bytes: Int64 = 0
    /// Entries that are bookkeeping of operating systems (`__MACOSX`, `.DS_Store` and the like), which were passed over.
    public var leftovers = 0
    /// Names that aren't UTF-8 and were read as code page 437.
    public var oldNames: [String] = []
  }
}

/// Unpacks a zip archive.
///
/// The content is written to a hidden folder beside `folder`, flushed to the disk, and renamed at
/// the end; what a killed extraction left there is removed by the next one. A zip inside the
/// archive is unpacked where it lies: `x.csv.zip` that holds just `x.csv` becomes the file `x.csv`,
/// any other `train.zip` becomes the folder `train`. Zips inside *that* one stay as they are.
///
/// - Parameters:
///   - file: the zip archive.
///   - folder: where the content goes; must not exist.
///   - limit: the most bytes that may lie on the disk at any moment, counted as they are written.
///   - progress: called after every entry and every few megabytes; throwing from it cancels.
///   - free: bytes that may be written below a folder; nil where that can't be found out. An archive that
///     states more is refused before anything is written.
/// - Throws: `ArchiveError`, or what `progress` throws. Nothing is left behind then.
@discardableResult
public func extract(
  _ file: URL, into folder: URL, limit: Int64,
  progress: (Extraction.Progress) throws -> Void = { _ in },
  free: (URL) -> Int64? = freeBytes(in:)
) throws -> Extraction.Summary {
  func refuse(_ kind: ArchiveError.Kind, _ reason: String) -> ArchiveError {
    ArchiveError(kind: kind, archive: file.path, entry: nil, reason: reason)
  }
  let files = FileManager.default
  guard !exists(folder.path) else {
    throw refuse(
      .exists, "can't be unpacked into \(folder.path), which exists already. Remove it first.")
  }
  let parent = folder.deletingLastPathComponent()
  let partial = parent.appendingPathComponent(".\(folder.lastPathComponent).partial")
  do {
    try files.createDirectory(at: parent, withIntermediateDirectories: true)
    if exists(partial.path) { try files.removeItem(at: partial) }
  } catch {
    throw refuse(.fileSystem, "can't be unpacked below \(parent.path): \(error)")
  }
  defer { try? files.removeItem(at: partial) }

  var extractor = Extractor(archive: file, limit: limit)
  try extractor.run(into: partial, free: free(parent), progress: progress)
  // One flush of the file system instead of one for each of some ten thousand images.
  if let code = flushFileSystem(holding: partial.path) {
    throw OutputFile.Failure(code).error(archive: file.path, entry: nil)
  }
  guard rename(partial.path, folder.path) == 0 else {
    throw OutputFile.Failure(errno).error(archive: file.path, entry: nil)
  }
  _ = flushFileSystem(holding: parent.path)
  return extractor.summary
}

/// Whether something has that name, be it a link to nowhere.
private func exists(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}

/// Waits until everything written to a folder's file system is on the disk; an error number if not.
private func flushFileSystem(holding path: String) -> Int32? {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { return errno }
  defer { close(descriptor) }
  return syncfs(descriptor) == 0 ? nil : errno
}

/// One extraction: the count of bytes and the nested archives found on the way.
private struct Extractor {
  let archive: URL
  let limit: Int64
  /// Files and folders so far. Empty ones have no bytes, but a disk has room for only so many.
  private var count = 0
  private var most: Int { max(10_000, Int(limit / 4096)) }
  var progress = Extraction.Progress()
  var summary = Extraction.Summary()

  /// A nested archive as it was found: its entry's name, and where it lies.
  private struct Nested {
    let name: String
    let file: URL
    let bytes: Int64
  }

  init(archive: URL, limit: Int64) {
    self.archive = archive
    self.limit = limit
  }

  mutating func run(
    into folder: URL, free: Int64?, progress report: (Extraction.Progress) throws -> Void
  ) throws {
    // Names and kinds of all entries are looked at before the first byte is written.
    let survey = try ArchiveReader(archive)
    var stated: Int64 = 0
    while let entry = try survey.next() {
      _ = try safePath(of: entry, in: survey.path)
      progress.totalEntries += 1
      // Nobody vouches for these numbers.
      stated = stated.addingReportingOverflow(max(0, entry.statedBytes ?? 0)).partialValue
    }
    if let free, min(stated, limit) > free {
      throw ArchiveError(
        kind: .diskFull, archive: survey.path, entry: nil,
        reason: "unpacks to \(sizeText(stated)), and "
          + "\(sizeText(free)) are free on the disk. Nothing was unpacked; "
          + "free some and run it again.")
    }
    let nested = try unpack(try ArchiveReader(archive), into: folder, isNested: false, report)
    for zip in nested {
      try unpackInPlace(zip, report)
    }
  }

  private mutating func unpack(
    _ reader: ArchiveReader, into folder: URL, isNested: Bool,
    _ report: (Extraction.Progress) throws -> Void
  ) throws -> [Nested] {
    var nested: [Nested] = []
    try makeFolder(folder, of: reader.path, entry: nil)
    while let entry = try reader.next() {
      let path = try safePath(of: entry, in: reader.path)
      count += 1
      guard count <= most else {
        throw ArchiveError(
          kind: .tooLarge, archive: reader.path, entry: nil,
          reason:
            "holds more than \(most) files and folders, as many as the limit of \(limit) bytes would be in "
            + "blocks of a disk. Nothing was kept. If you trust it, raise the limit.")
      }
      var place = folder
      for component in path.components.dropLast() {
        place.appendPathComponent(component, isDirectory: true)
        try makeFolder(place, of: reader.path, entry: entry.name)
      }
      place.appendPathComponent(path.components[path.components.count - 1])
      if case .folder = entry.kind {
        try makeFolder(place, of: reader.path, entry: entry.name)
      } else {
        let bytes = try write(reader, entry.name, to: place, report)
        if !isNested && isNestedArchive(path.components.joined(separator: "/")) {
          nested.append(
            Nested(name: "\(reader.path): \(entry.name)", file: place, bytes: bytes))
        } else {
          summary.files += 1
          summary.bytes += bytes
        }
      }
      if !isNested { progress.entries += 1 }
      try report(progress)
    }
    summary.leftovers += reader.leftovers
    summary.oldNames += reader.oldNames
    return nested
  }

  /// Replaces a nested archive by its content.
  private mutating func unpackInPlace(
    _ zip: Nested, _ report: (Extraction.Progress) throws -> Void
  ) throws {
    let stem = zip.file.deletingPathExtension()
    let survey = try ArchiveReader(zip.file, calledAs: zip.name)
    var names: [String] = []
    while let entry = try survey.next() {
      let path = try safePath(of: entry, in: zip.name)
      if names.count < 2 { names.append(path.components.joined(separator: "/")) }
    }
    guard !exists(stem.path) else {
      throw ArchiveError(
        kind: .duplicate, archive: zip.name, entry: nil,
        reason: "another entry already has this path. Nothing was kept.")
    }
    let reader = try ArchiveReader(zip.file, calledAs: zip.name)
    if names == [stem.lastPathComponent] {
      // Unpacked beside the zip under a name that no entry can have been given, then renamed.
      let holder = zip.file.appendingPathExtension("unpacked")
      _ = try unpack(reader, into: holder, isNested: true, report)
      guard rename(holder.appendingPathComponent(names[0]).path, stem.path) == 0,
        rmdir(holder.path) == 0
      else { throw OutputFile.Failure(errno).error(archive: zip.name, entry: names[0]) }
    } else {
      _ = try unpack(reader, into: stem, isNested: true, report)
    }
    guard unlink(zip.file.path) == 0 else {
      throw OutputFile.Failure(errno).error(archive: zip.name, entry: nil)
    }
    progress.bytes -= zip.bytes
  }

  private mutating func write(
    _ reader: ArchiveReader, _ name: String, to place: URL,
    _ report: (Extraction.Progress) throws -> Void
  ) throws -> Int64 {
    do {
      let file = try OutputFile(place.path)
      var count: Int64 = 0
      var reported = progress.bytes
      try reader.content { bytes in
        count += Int64(bytes.count)
        progress.bytes += Int64(bytes.count)
        guard progress.bytes <= limit else {
          throw ArchiveError(
            kind: .tooLarge, archive: reader.path, entry: name,
            reason: "the archive unpacks to more than the limit of \(limit) bytes. Nothing was "
              + "kept. If you trust it, raise the limit.")
        }
        try file.write(bytes)
        if progress.bytes - reported >= 4 << 20 {
          reported = progress.bytes
          try report(progress)
        }
      }
      return count
    } catch let failure as OutputFile.Failure {
      throw failure.error(archive: reader.path, entry: name)
    }
  }

  private func makeFolder(_ folder: URL, of archive: String, entry: String?) throws {
    guard mkdir(folder.path, 0o755) != 0 else { return }
    let code = errno
    var status = stat()
    if code == EEXIST, lstat(folder.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      return
    }
    throw OutputFile.Failure(code).error(archive: archive, entry: entry)
  }
}
