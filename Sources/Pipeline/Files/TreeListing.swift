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
  package init?(text: String) {
    // By scalars: a name that ends in a carriage return makes one character with the line's end, and an accent
    // at a name's beginning one with the blank before it.
    for line in text.unicodeScalars.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        .map { Substring($0) }
      guard parts.count == 3, let size = Int64(parts[1]) else { return nil }
      entries.append(Entry(hash: String(parts[0]), size: size, path: Self.unescaped(parts[2])))
    }
  }

  /// The listing as lines, in the entries' order.
  package var text: String {
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
    // By scalars, as they are read: a backslash with an accent behind it is another character.
    var text = ""
    for scalar in path.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
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
