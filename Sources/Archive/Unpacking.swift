// Puts a competition's file where it belongs: an archive's content, or a part of it, or the file itself.

import Basics
public import Foundation

/// What came of a file that was put into its folders.
public struct Unpacking: Sendable, Equatable {
  /// Files of an archive, those in folders it has no place for among them.
  public var files: Int
  /// Their bytes.
  public var bytes: Int64
  /// Paths in the archive of files that no part took, in order; they weren't kept.
  public var left: [String] = []
  /// Entries that are bookkeeping of operating systems, which were passed over.
  public var leftovers = 0
  /// Names that aren't UTF-8 and were read as code page 437.
  public var oldNames: [String] = []
}

/// Puts a file into a folder, which another file may have begun to fill: an archive's content or a folder's, or the file
/// itself where it is neither. Of an archive in parts, each goes to a folder of its own.
///
/// - Parameters:
///   - parts: paths inside the archive and folders, as `Placement.Part` has them. All folders must be on one disk.
///   - limit: the most bytes that an archive may unpack to.
///   - progress: called as an archive is unpacked.
/// - Throws: `ArchiveError`; `InputError` where two archives hold the same name, or an archive has no such part.
public func unpack(
  _ file: URL, into parts: [(path: String, folder: URL)], limit: Int64,
  progress: (Extraction.Progress) throws -> Void = { _ in }
) throws -> Unpacking {
  let name = file.lastPathComponent
  guard let first = parts.first else { return Unpacking(files: 0, bytes: 0) }
  let unpacked = first.folder.deletingLastPathComponent()
    .appendingPathComponent("unpacked-\(name)")
  var result = Unpacking(files: 0, bytes: 0)
  if try file.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true {
    result = try copy(file, to: unpacked)
  } else if ArchiveReader.isArchive(file) {
    let summary: Extraction.Summary
    do { summary = try extract(file, into: unpacked, limit: limit, progress: progress) } catch let
      error
      as ArchiveError
    {
      throw error.withRemedy("`work run download --force` fetches it again.")
    }
    result = Unpacking(
      files: summary.files, bytes: summary.bytes, leftovers: summary.leftovers,
      oldNames: summary.oldNames)
  } else {
    guard first.path.isEmpty else {
      throw InputError(
        "\(name): is no archive, of which a part (\(first.path)) could have a place of its own in unzip.place "
          + "of params.yaml")
    }
    try WholeFile.makeFolder(first.folder)
    try FileManager.default.copyItem(
      at: file, to: first.folder.appendingPathComponent(name))
    let bytes = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    return Unpacking(files: 1, bytes: Int64(bytes))
  }
  // What a path names in a folder that another part takes, before that one; all that is left at the end.
  for part in parts.sorted(by: { ($1.path.count, $0.path) < ($0.path.count, $1.path) }) {
    try Division(archive: name, unpacked: unpacked).move(part.path, into: part.folder)
  }
  result.left = try Division(archive: name, unpacked: unpacked).removeRest()
  return result
}

/// The folder of a competition's files: `raw`, or what its only file holds, where that is the archive of "Download All" on
/// Kaggle's page, which has all the others in it.
///
/// - Parameters:
///   - place: as in `unzip.place`.
///   - scratch: a folder in which that archive may be unpacked.
///   - limit: the most bytes that it may unpack to.
/// - Throws: `ArchiveError`.
public func competitionFolder(
  _ raw: URL, by place: [String: String], scratch: URL, limit: Int64,
  progress: (Extraction.Progress) throws -> Void = { _ in }
) throws -> URL {
  let names = try FileManager.default.contentsOfDirectory(atPath: raw.path)
  guard names.count == 1, let name = names.first, withoutArchiveEnding(name) != nil,
    !Placement.knows(name, by: place)
  else { return raw }
  let file = raw.appendingPathComponent(name)
  guard
    try entries(of: file).contains(where: {
      $0.path.pathFolder.isEmpty && Placement.knows($0.path, by: place)
    })
  else { return raw }
  let all = scratch.appendingPathComponent("all", isDirectory: true)
  try WholeFile.remove(all)
  try extract(file, into: all, limit: limit, progress: progress)
  return all
}

/// Copies a folder's files.
private func copy(_ folder: URL, to target: URL) throws -> Unpacking {
  try WholeFile.makeFolder(target.deletingLastPathComponent())
  try FileManager.default.copyItem(at: folder, to: target)
  var result = Unpacking(files: 0, bytes: 0)
  for path in try FileManager.default.subpathsOfDirectory(atPath: target.path).sorted() {
    let place = target.appendingPathComponent(path)
    // What lay in a folder of such may be gone with it.
    guard WholeFile.exists(place) else { continue }
    let facts = try place.resourceValues(forKeys: [.isDirectoryKey, .fileSizeKey])
    if isLeftover(path) {
      try WholeFile.remove(place)
      result.leftovers += 1
    } else if facts.isDirectory != true {
      result.files += 1
      result.bytes += Int64(facts.fileSize ?? 0)
    }
  }
  return result
}

/// An archive's content, of which one part after the other is moved away.
private struct Division {
  let archive: String
  let unpacked: URL
  private let files = FileManager.default

  init(archive: String, unpacked: URL) { (self.archive, self.unpacked) = (archive, unpacked) }

  /// Moves what a path names into a folder.
  func move(_ path: String, into target: URL) throws {
    guard !path.isEmpty else { return try merge(unpacked, into: target) }
    var components = path.pathNames
    let last = components.removeLast()
    let folder = components.reduce(unpacked) { $0.appendingPathComponent($1) }
    let names = (try? files.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
    // An archive inside has become a folder.
    let wanted = names.contains(last) ? last : withoutArchiveEnding(last) ?? last
    let place = folder.appendingPathComponent(wanted)
    if !wanted.contains("*"), isFolder(place) { return try merge(place, into: target) }
    let found = names.filter {
      matches($0, pattern: wanted) && !isFolder(folder.appendingPathComponent($0))
    }
    guard !found.isEmpty else {
      let holds = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
      throw InputError(
        "\(archive): holds no \(path), for which unzip.place of params.yaml has a place; "
          + "\(components.isEmpty ? "it" : components.joined(separator: "/")) holds "
          + (names.isEmpty ? "nothing" : holds))
    }
    try WholeFile.makeFolder(target)
    for name in found { try move(folder.appendingPathComponent(name), to: target) }
  }

  /// Removes what no part took.
  ///
  /// - Returns: the paths of the files.
  func removeRest() throws -> [String] {
    guard files.fileExists(atPath: unpacked.path) else { return [] }
    let rest = try files.subpathsOfDirectory(atPath: unpacked.path).sorted()
      .filter { !isFolder(unpacked.appendingPathComponent($0)) }
    try files.removeItem(at: unpacked)
    return rest
  }

  /// Moves a folder's content into another folder, which another archive may have begun to fill.
  private func merge(_ folder: URL, into target: URL) throws {
    guard files.fileExists(atPath: target.path) else {
      try WholeFile.makeFolder(target.deletingLastPathComponent())
      return try files.moveItem(at: folder, to: target)
    }
    for name in try files.contentsOfDirectory(atPath: folder.path).sorted() {
      try move(folder.appendingPathComponent(name), to: target)
    }
    try files.removeItem(at: folder)
  }

  private func move(_ item: URL, to target: URL) throws {
    let place = target.appendingPathComponent(item.lastPathComponent)
    guard !files.fileExists(atPath: place.path) else {
      throw InputError(
        "\(archive): holds \(item.lastPathComponent), which another archive has put there before, or another part "
          + "of this one; give the two places of their own in unzip.place of params.yaml")
    }
    try files.moveItem(at: item, to: place)
  }

  private func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return files.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
