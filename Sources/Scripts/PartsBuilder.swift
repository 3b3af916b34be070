// Goes through a script line by line and puts each line into its part: prose, a cell, or the setup.

/// Builds the parts of a script.
struct PartsBuilder {
  private let lines: [String]
  private let scan: ScriptLines
  private(set) var parts: [Script.Part] = []
  private(set) var setup: [Int] = []
  /// The lines of the code part that isn't ended yet.
  private var open: [Int] = []
  private var isTitled = false
  /// The depth of braces at which the notebook's region began; nil outside of it.
  private var region: Int?

  init(lines: [String], scan: ScriptLines) {
    self.lines = lines
    self.scan = scan
  }

  /// Reads all lines.
  ///
  /// - Parameters:
  ///   - header: lines that belong to no part.
  ///   - cells: the lines, from 1, at which cells begin.
  mutating func read(skipping header: ClosedRange<Int>?, cells: Set<Int>) {
    var number = 1
    while number <= lines.count {
      if header?.contains(number) == true {
        number += 1
      } else if scan[number].isComment, Self.isProseMark(lines[number - 1]) {
        number = readProse(from: number)
      } else {
        if cells.contains(number) { beginCell(number) } else { takeCode(number) }
        number += 1
      }
    }
    close()
  }

  /// Reads prose below its mark; returns the line behind it.
  private mutating func readProse(from mark: Int) -> Int {
    close()
    if scan[mark].depthBefore > 0 { region = scan[mark].depthBefore }
    var number = mark + 1
    var text: [String] = []
    while number <= lines.count, scan[number].isComment, !Self.isProseMark(lines[number - 1]),
      let line = Self.uncommented(lines[number - 1])
    {
      text.append(line)
      number += 1
    }
    parts.append(.prose(text.joined(separator: "\n"), line: mark))
    return number
  }

  private mutating func beginCell(_ number: Int) {
    // The head of a loop around the cell is read with the cell, not at the end of the one before.
    let head = scan.blockHead(of: isTitled ? open.dropFirst() : open[...])
    open.removeLast(head.count)
    close()
    isTitled = true
    region = scan[number].depthBefore
    open = head + [number]
  }

  private mutating func takeCode(_ number: Int) {
    if let depth = region, depth == 0 || scan[number].depthAfter > 0 {
      open.append(number)
    } else {
      if region != nil { close() }
      region = nil
      setup.append(number)
    }
  }

  private mutating func close() {
    // Closing braces alone are no cell; those at a cell's end belong to what they close.
    if isTitled || !open.allSatisfy({ scan[$0].hasOnlyClosing }) {
      parts.append(.code(lines: open, isTitled: isTitled))
    } else {
      setup += open
    }
    open = []
    isTitled = false
  }

  // MARK: Comments

  private static func isProseMark(_ line: String) -> Bool {
    let text = line.drop { $0 == " " || $0 == "\t" }
    guard text.hasPrefix("//") else { return false }
    let words = text.dropFirst(2).split { $0.isWhitespace }
    return words.first == "%%" && words.dropFirst().first == "[markdown]"
  }

  /// The text of a `//` line; nil where the line is none.
  private static func uncommented(_ line: String) -> String? {
    let text = line.drop { $0 == " " || $0 == "\t" }
    guard text.hasPrefix("//"), !text.hasPrefix("///") else { return nil }
    let content = text.dropFirst(2)
    let inner = content.hasPrefix(" ") ? content.dropFirst() : content
    return String(inner.last == "\r" ? inner.dropLast() : inner)
  }
}
