// Where each file of a competition goes: the section `unzip` of params.yaml.

public import Basics
import Foundation

/// Settings of unpacking.
public struct UnzipSettings: Sendable, Equatable, CheckedParameters {
  /// The folder below data/ of each file, by its name or a pattern such as `*.csv`; of a part of an archive by the
  /// path inside it, too: `all.zip/train`.
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
  /// A part of an archive and its folder below data/.
  public struct Part: Sendable, Equatable {
    /// A folder inside the archive, whose content goes there, or files by name or pattern; empty: all that no other
    /// part takes.
    public var path: String
    /// Where it goes.
    public var folder: String

    /// A part and its folder.
    public init(path: String = "", folder: String) { (self.path, self.folder) = (path, folder) }
  }

  /// A file and its folders.
  public struct Entry: Sendable, Equatable {
    /// The file's name.
    public var name: String
    /// Where it goes: as a whole or, of an archive, part by part.
    public var parts: [Part]

    /// A file and its parts.
    public init(name: String, parts: [Part]) { (self.name, self.parts) = (name, parts) }

    /// A file that goes to one folder as a whole.
    public init(name: String, folder: String) {
      self.init(name: name, parts: [Part(folder: folder)])
    }
  }

  /// The files that have a place, in the order of their names.
  public private(set) var found: [Entry] = []
  /// Those for which there is none.
  public private(set) var left: [String] = []

  /// A line of `unzip.place`.
  private struct Rule {
    var text: String
    /// Of the file, perhaps a pattern.
    var name: String
    var part: Part
    var isPattern: Bool { name.contains("*") }

    init(_ text: String, _ folder: String) {
      let cut = text.firstIndex(of: "/")
      self.text = text
      name = String(text[..<(cut ?? text.endIndex)])
      part = Part(path: cut.map { String(text[$0...].dropFirst()) } ?? "", folder: folder)
    }

    func fits(_ name: String) -> Bool {
      matches(name, pattern: self.name)
        || withoutArchiveEnding(name).map { matches($0, pattern: self.name) } ?? false
    }

    /// Whether a file stands for the one that is named, where that isn't there: another kind of archive, or the folder that
    /// it would become.
    func means(_ name: String) -> Bool {
      guard !isPattern, let stem = withoutArchiveEnding(self.name) else { return false }
      return stem == withoutArchiveEnding(name) ?? name
    }
  }

  /// Whether a file, or one that stands for it, has a place.
  static func knows(_ name: String, by place: [String: String]) -> Bool {
    place.contains { line in
      let rule = Rule(line.key, line.value)
      return !rule.isPattern && (rule.fits(name) || rule.means(name))
    }
  }

  /// Finds the place of each file. Exact names come before patterns, so that one file can be set apart from
  /// its kind. A table that Kaggle serves zipped (`train.csv.zip`) goes where the table goes, and where an archive isn't
  /// there, another kind of archive or a folder of its name stands for it. A rule with a path,
  /// such as `all.zip/train`, is for a part of an archive.
  ///
  /// - Throws: `InputError` where a file that is named isn't there, or a folder that other stages need
  ///   (train, test, tables) gets none.
  public init(of names: [String], by place: [String: String]) throws {
    let rules = place.map { Rule($0.key, $0.value) }.sorted {
      ($0.isPattern ? 1 : 0, $0.text) < ($1.isPattern ? 1 : 0, $1.text)
    }
    for name in names {
      var own = rules.filter { $0.fits(name) }
      if own.isEmpty {
        own = rules.filter { rule in rule.means(name) && !names.contains(where: rule.fits) }
      }
      let whole = own.first { $0.part.path.isEmpty }
      let parts = own.filter { !$0.part.path.isEmpty } + (whole.map { [$0] } ?? [])
      if parts.isEmpty {
        left.append(name)
      } else {
        found.append(Entry(name: name, parts: parts.map(\.part)))
      }
    }
    for rule in rules where !rule.isPattern {
      guard names.contains(where: { rule.fits($0) || rule.means($0) }) else {
        throw InputError(
          "data/raw/\(rule.name): named in unzip.place of params.yaml, but not among the files "
            + "(\(names.joined(separator: ", ")))")
      }
    }
    let folders = found.flatMap(\.parts).map(\.folder)
    for folder in ["train", "test", "tables"]
    where !folders.contains(where: { $0 == folder || $0.lies(inFolder: folder) }) {
      let rest = left.isEmpty ? "" : "; it names no place for \(left.joined(separator: ", "))"
      throw InputError("unzip.place in params.yaml: nothing goes to data/\(folder)\(rest)")
    }
  }
}
