// What a hash stands for, kept beside the lock so that a change can be told file by file: the files of a
// folder or of a module, the cells of a script. `.work/trees/HASH` holds one listing, a line an entry:
// hash, size, path. A memory aid: without it, a change is told of the whole.

import Basics
import Foundation

/// A list of named parts with their hashes.
package struct TreeListing: Sendable, Equatable {
  struct Entry: Sendable, Equatable {
    /// Hexadecimal digits; what they are the hash of is the matter of who lists.
    var hash: String
    /// Bytes; 0 where it doesn't matter.
    var size: Int64
    var path: String
  }

  var entries: [Entry] = []

  init(_ entries: [Entry]) { self.entries = entries }

  /// Reads a listing; nil where a line is damaged.
  init?(text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, let size = Int64(parts[1]) else { return nil }
      entries.append(Entry(hash: String(parts[0]), size: size, path: Self.unescaped(parts[2])))
    }
  }

  /// The listing as lines, in the entries' order.
  var text: String {
    var text = ""
    for entry in entries {
      text += "\(entry.hash) \(entry.size) \(Self.escaped(entry.path))\n"
    }
    return text
  }

  /// What is different from an earlier listing, each list in the order of these.
  package func changes(since old: TreeListing) -> PartChanges {
    let before = Dictionary(old.entries.map { ($0.path, $0.hash) }, uniquingKeysWith: { $1 })
    let after = Set(entries.map(\.path))
    return PartChanges(
      changed: entries.filter { entry in before[entry.path].map { $0 != entry.hash } ?? false }
        .map(\.path),
      added: entries.filter { before[$0.path] == nil }.map(\.path),
      missing: old.entries.filter { !after.contains($0.path) }.map(\.path))
  }

  /// The same without parts that only have another path now.
  package func changesBesideMoves(since old: TreeListing) -> PartChanges {
    var changes = changes(since: old)
    let hashes = Dictionary(entries.map { ($0.path, $0.hash) }, uniquingKeysWith: { $1 })
    let before = Dictionary(old.entries.map { ($0.path, $0.hash) }, uniquingKeysWith: { $1 })
    for path in changes.added {
      let from = changes.missing.firstIndex { before[$0] == hashes[path] }
      guard let from else { continue }
      changes.missing.remove(at: from)
      changes.added.removeAll { $0 == path }
    }
    return changes
  }

  private static func escaped(_ path: String) -> String {
    guard path.utf8.contains(where: { $0 == 0x0A || $0 == UInt8(ascii: "\\") }) else { return path }
    return path.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  private static func unescaped(_ path: Substring) -> String {
    guard path.utf8.contains(UInt8(ascii: "\\")) else { return String(path) }
    var text = ""
    var isEscaped = false
    for scalar in path.unicodeScalars {
      if isEscaped {
        text.unicodeScalars.append(scalar == "n" ? "\n" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

/// Which parts of something changed: files of a folder or module, cells of a script.
public struct PartChanges: Sendable, Equatable, Encodable {
  /// There before and now, with other content.
  public var changed: [String]
  /// There now, but not before.
  public var added: [String]
  /// There before, but not now.
  public var missing: [String]

  /// Whether nothing of it is known to differ.
  package var isEmpty: Bool { changed.isEmpty && added.isEmpty && missing.isEmpty }

  /// In words, naming the first few of each kind: "a.png and 2 more changed; x.png missing".
  func words(_ name: (String) -> String = { $0 }) -> String {
    [(changed, "changed"), (added, "added"), (missing, "missing")]
      .filter { !$0.0.isEmpty }
      .map { paths, verb in
        let shown = paths.prefix(paths.count > 4 ? 3 : 4).map(name).joined(separator: ", ")
        let rest = paths.count > 4 ? " and \(paths.count - 3) more" : ""
        return "\(shown)\(rest) \(verb)"
      }.joined(separator: "; ")
  }
}

/// The listings of a workspace.
struct TreeStore: Sendable {
  private let folder: URL

  init(_ workspace: Workspace) { folder = workspace.trees }

  /// The listing of a hash; nil where it was never kept, or is lost.
  func listing(_ hash: String) -> TreeListing? {
    guard let data = try? Data(contentsOf: place(hash)) else { return nil }
    return TreeListing(text: String(decoding: data, as: UTF8.self))
  }

  func holds(_ hash: String) -> Bool { WholeFile.exists(place(hash)) }

  func keep(_ listing: TreeListing, as hash: String) throws {
    try WholeFile.write(listing.text.utf8, to: place(hash), flushed: false)
  }

  /// Removes what no entry of the lock knows any more.
  func sweep(_ lock: Lock) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard !names.isEmpty else { return }
    var known: Set<String> = []
    for entry in lock.entries.values {
      known.formUnion(entry.code.values.map(Self.name))
      known.formUnion(entry.inputs.values.map { Self.name($0.hash) })
      known.formUnion(entry.outputs.values.map { Self.name($0.hash) })
    }
    for name in names where !known.contains(name) {
      try WholeFile.remove(folder.appendingPathComponent(name))
    }
  }

  private func place(_ hash: String) -> URL { folder.appendingPathComponent(Self.name(hash)) }

  /// A digest of raw bytes says so in front: "raw 12ab…".
  private static func name(_ hash: String) -> String { hash.replacing(" ", with: "-") }
}
