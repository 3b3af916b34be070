// Where each file of a competition goes: the section `unzip` of params.yaml.

public import Basics
public import Foundation

/// Settings of unpacking.
public struct UnzipSettings: Sendable, Equatable, CheckedParameters {
  /// The folder below data/ of each file, by its name or a pattern such as `*.csv`.
  public var place: [String: String]
  /// What all archives together may unpack to, in gigabytes.
  public var limitGb: Double

  /// Refuses a limit that is none.
  /// - Throws: `InputError`.
  public func check() throws {
    guard limitGb > 0, limitGb <= 1e6 else {
      throw InputError("unzip.limit_gb is \(limitGb), should be above 0 and at most 1000000")
    }
  }

  /// The same in bytes.
  public var limit: Int64 { Int64(limitGb * 1e9) }
}

/// Which file goes where, by the names and patterns of `unzip.place`.
public struct Placement: Sendable, Equatable {
  /// A file and its folder below data/.
  public struct Entry: Sendable, Equatable {
    /// The file's name.
    public var name: String
    /// Where it goes.
    public var folder: String

    /// A file and its folder.
    public init(name: String, folder: String) {
      self.name = name
      self.folder = folder
    }
  }

  /// The files that have a place, in the order of their names.
  public private(set) var found: [Entry] = []
  /// Those for which there is none.
  public private(set) var left: [String] = []

  /// Finds the place of each file. Exact names come before patterns, so that one file can be set apart from
  /// its kind. A table that Kaggle serves zipped (`train.csv.zip`) goes where the table goes.
  ///
  /// - Throws: `InputError` where a file that is named isn't there, or a folder that other stages need
  ///   (train, test, tables) gets none.
  public init(of names: [String], by place: [String: String]) throws {
    func isPattern(_ rule: String) -> Bool { rule.contains("*") }
    let rules = place.sorted {
      (isPattern($0.key) ? 1 : 0, $0.key) < (isPattern($1.key) ? 1 : 0, $1.key)
    }
    for name in names {
      let bare = name.hasSuffix(".zip") ? String(name.dropLast(4)) : name
      let rule = rules.first { matches(name, pattern: $0.key) || matches(bare, pattern: $0.key) }
      if let rule { found.append(Entry(name: name, folder: rule.value)) } else { left.append(name) }
    }
    for (rule, _) in rules where !isPattern(rule) {
      guard found.contains(where: { $0.name == rule || $0.name == rule + ".zip" }) else {
        throw InputError(
          "data/raw/\(rule): named in unzip.place of params.yaml, but not among the files "
            + "(\(names.joined(separator: ", ")))")
      }
    }
    for folder in ["train", "test", "tables"]
    where !found.contains(where: { $0.folder == folder || $0.folder.hasPrefix(folder + "/") }) {
      let rest = left.isEmpty ? "" : "; it names no place for \(left.joined(separator: ", "))"
      throw InputError("unzip.place in params.yaml: nothing goes to data/\(folder)\(rest)")
    }
  }
}

/// Puts a file into a folder, which another file may have begun to fill: an archive's content, or the file
/// itself where it is none.
///
/// - Parameters:
///   - limit: the most bytes that an archive may unpack to.
///   - progress: called as an archive is unpacked.
/// - Throws: `ArchiveError`; `InputError` where two archives hold the same name.
public func unpack(
  _ file: URL, into folder: URL, limit: Int64,
  progress: (Extraction.Progress) throws -> Void = { _ in }
) throws -> Extraction.Summary {
  let name = file.lastPathComponent
  guard name.hasSuffix(".zip") else {
    try WholeFile.makeFolder(folder)
    try FileManager.default.copyItem(at: file, to: folder.appendingPathComponent(name))
    let bytes = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    return Extraction.Summary(files: 1, bytes: Int64(bytes))
  }
  let unpacked = folder.deletingLastPathComponent().appendingPathComponent("unpacked-\(name)")
  let summary: Extraction.Summary
  do { summary = try extract(file, into: unpacked, limit: limit, progress: progress) } catch let
    error
    as ArchiveError
  {
    throw error.withRemedy("`work run download --force` fetches it again.")
  }
  try merge(unpacked, into: folder, from: name)
  return summary
}

/// Moves a folder's content into another folder, which another archive may have begun to fill.
private func merge(_ unpacked: URL, into target: URL, from archive: String) throws {
  let files = FileManager.default
  guard files.fileExists(atPath: target.path) else {
    return try files.moveItem(at: unpacked, to: target)
  }
  for name in try files.contentsOfDirectory(atPath: unpacked.path).sorted() {
    let place = target.appendingPathComponent(name)
    guard !files.fileExists(atPath: place.path) else {
      throw InputError(
        "\(archive): holds \(name), which another archive has put there before; give the two "
          + "places of their own in unzip.place of params.yaml")
    }
    try files.moveItem(at: unpacked.appendingPathComponent(name), to: place)
  }
  try files.removeItem(at: unpacked)
}
