// The cells of a script, each with a digest of its code, so that a change can be told by the cell.

import Foundation

package enum ScriptCells {
  /// What lies outside of all cells.
  static let outside = ""

  /// Cells of a Swift script: each from a call `cell("…")` to the next one, or to the end of the braces
  /// around it. Nil where there are none, or the source can't be cut into tokens.
  package static func swift(_ bytes: [UInt8]) -> TreeListing? {
    guard let tokens = SwiftLexer.tokens(of: bytes) else { return nil }
    func text(_ index: Int) -> String {
      index >= 0 && index < tokens.count
        ? String(decoding: bytes[tokens[index].range], as: UTF8.self) : ""
    }
    var parts = Parts()
    var depth = 0
    var cellDepth = 0
    for index in tokens.indices {
      let word = tokens[index].range.count == 4 ? text(index) : ""
      if word == "cell", text(index + 1) == "(", text(index + 2).contains("\""),
        ![".", "func"].contains(text(index - 1))
      {
        parts.begin(text(index + 2).trimmingCharacters(in: ["\"", "#"]))
        cellDepth = depth
      }
      switch tokens[index].range.count == 1 ? bytes[tokens[index].range.lowerBound] : 0 {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth < cellDepth { parts.end() }
      default: break
      }
      SourceText.add(tokens[index], of: bytes, to: parts.digest)
    }
    return parts.listing
  }

  /// Cells of a script in another language: each begins with a line `# %% title`. Nil where there are none.
  static func percent(_ bytes: [UInt8]) -> TreeListing? {
    var parts = Parts()
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if line.starts(with: "# %%".utf8) {
        parts.begin(
          String(decoding: line.dropFirst(4), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines))
      }
      parts.digest.update(String(decoding: line, as: UTF8.self) + "\n")
    }
    return parts.listing
  }

  /// Cells as they are found; those of one title are numbered.
  private struct Parts {
    private var titles = [outside]
    private var digests: [String: Digest] = [outside: Digest()]
    private var current = outside

    mutating func begin(_ title: String) {
      var name = title.isEmpty ? "untitled" : title
      var number = 1
      while digests[name] != nil {
        number += 1
        name = "\(title) (\(number))"
      }
      titles.append(name)
      digests[name] = Digest()
      current = name
    }

    mutating func end() { current = outside }

    var digest: Digest { digests[current] ?? Digest() }

    var listing: TreeListing? {
      titles.count == 1
        ? nil
        : TreeListing(titles.map { .init(hash: digests[$0]?.hex() ?? "", size: 0, path: $0) })
    }
  }
}
