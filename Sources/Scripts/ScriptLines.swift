// What the tokens of a script say of each of its lines.

/// The lines of a script, numbered from 1.
struct ScriptLines {
  struct Line {
    /// Depth of braces, brackets and parentheses before and after the line.
    var depthBefore = 0
    var depthAfter = 0
    /// Nothing but a `//` comment.
    var isComment = false
    /// Nothing but closing braces and parentheses.
    var hasOnlyClosing = true
  }

  private var lines: [Line] = []
  /// The first line that calls `Stage.run` and opens a block at the top level of the file.
  private var frameOpening: Int?

  init(_ source: SwiftSource) {
    var depth = 0
    for pieces in source.lines {
      let pieces = pieces.filter { $0.kind != .space }
      let words = pieces.map { source.text($0.range) }
      var line = Line(depthBefore: depth)
      for (piece, word) in zip(pieces, words) where piece.kind == .punctuation {
        if ["{", "(", "["].contains(word) { depth += 1 }
        if ["}", ")", "]"].contains(word) { depth = max(0, depth - 1) }
      }
      line.depthAfter = depth
      line.isComment =
        pieces.count == 1 && pieces[0].kind == .comment && words[0].hasPrefix("//")
      line.hasOnlyClosing = words.allSatisfy { ["}", ")"].contains($0) }
      lines.append(line)
      if frameOpening == nil, line.depthBefore == 0, depth > 0,
        words.indices.dropLast(2).contains(where: {
          words[$0...].starts(with: ["Stage", ".", "run"])
        })
      {
        frameOpening = lines.count
      }
    }
  }

  subscript(number: Int) -> Line { lines[number - 1] }

  /// The block that a line with `Stage.run` opens.
  var frame: ClosedRange<Int>? {
    guard let opening = frameOpening,
      let closing = (opening...lines.count).first(where: { self[$0].depthAfter == 0 })
    else { return nil }
    return opening...closing
  }

  /// The last of some lines that only open blocks around what follows them.
  func blockHead(of numbers: ArraySlice<Int>) -> [Int] {
    var first = numbers.endIndex
    for index in numbers.indices.reversed() {
      let line = self[numbers[index]]
      if line.depthAfter > line.depthBefore {
        first = index
      } else if !line.hasOnlyClosing || line.depthAfter < line.depthBefore {
        break
      }
    }
    return Array(numbers[first...])
  }
}
