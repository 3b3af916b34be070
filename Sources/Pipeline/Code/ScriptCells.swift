// The cells of a script, each with a digest of its code, so that a change can be told by the cell.

import Foundation
import Hashing
import Scripts

package enum ScriptCells {
  /// What lies outside of all cells.
  static let outside = ""

  /// Cells of a Swift script: each from a call `cell("…")` to the next one, or to the end of the braces
  /// around it. Nil where there are none, or it isn't certain what the tokens are.
  package static func swift(_ bytes: [UInt8]) -> TreeListing? {
    let source = SwiftSource(bytes)
    guard source.isCertain else { return nil }
    let tokens = source.code
    var calls = CellCall.all(in: source, code: tokens)[...]
    var parts = Parts()
    var depth = 0
    var cellDepth = 0
    for (index, token) in tokens.enumerated() {
      if let call = calls.first, call.index == index {
        parts.begin(call.title)
        cellDepth = depth
        calls.removeFirst()
      }
      switch token.kind == .punctuation ? bytes[token.range.lowerBound] : 0 {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth < cellDepth { parts.end() }
      default: break
      }
      SourceText.add(token, of: bytes, to: parts.digest)
    }
    return parts.listing
  }

  /// Cells of a script in another language: each begins with a line `# %% title`. Nil where there are none.
  static func percent(_ bytes: [UInt8]) -> TreeListing? {
    let lines = ScriptHeader.lines(of: String(decoding: bytes, as: UTF8.self)).map { String($0) }
    let cells = PercentCell.all(in: lines, .python)
    var parts = Parts()
    for (cell, end) in zip(cells, cells.dropFirst().map(\.first) + [lines.count]) {
      if let mark = cell.mark { parts.begin(mark.text) }
      for line in lines[cell.first..<end] { parts.digest.update(line + "\n") }
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
