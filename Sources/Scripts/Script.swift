// A stage's script as a notebook: header, prose, code cells and the setup around them. What the lines of each
// are is found in PartsBuilder.swift.

/// The parts of a script, by lines.
package struct Script {
  /// A part of the notebook, in the script's order.
  package enum Part: Equatable {
    /// Markdown without its comment marks, and the line at which it begins.
    case prose(String, line: Int)
    /// A code cell: its lines (from 1). `isTitled` is false for code that continues after prose.
    case code(lines: [Int], isTitled: Bool)
  }

  /// The YAML header, if there is one.
  package let header: ScriptHeader?
  package let parts: [Part]
  /// Lines outside of every cell: imports, helper functions, `Stage.run`.
  package let setup: [Int]
  /// What `cell(…)` is called with in the source, by line: the title of a cell that was never reached.
  package let cellTitles: [Int: String]
  /// The source as tokens; its line ends are `\n`.
  package let source: SwiftSource
  /// The source by lines, without line ends.
  package let lines: [String]
  /// From the line that opens `Stage.run` to the one that closes it; nil where there is no such frame.
  package let frame: ClosedRange<Int>?
  private let code: [(text: String, line: Int)]

  /// The one-line description in the YAML header, if any.
  package var description: String? { header?.description }

  /// Takes a script apart. Any text is accepted.
  ///
  /// - Parameter cellLines: lines at which the record says that a cell began.
  package init(_ text: String, cellLines: Set<Int> = []) {
    lines = ScriptHeader.lines(of: text).map { String($0) }
    source = SwiftSource(lines.joined(separator: "\n"))
    let tokens = source.code
    code = tokens.map { [source] in (source.text($0.range), $0.line) }
    let calls = CellCall.all(in: source, code: tokens)
    cellTitles = Dictionary(calls.map { ($0.line, $0.title) }) { first, _ in first }
    header = try? ScriptHeader(lines, .swift)
    let scan = ScriptLines(source)
    frame = scan.frame
    var builder = PartsBuilder(lines: lines, scan: scan)
    builder.read(skipping: header?.lines, cells: cellLines.union(cellTitles.keys))
    parts = builder.parts
    setup = builder.setup.sorted()
  }

  /// The part that holds a line of code.
  package func part(at line: Int) -> Int? {
    parts.firstIndex {
      if case .code(let lines, _) = $0, let first = lines.first, let last = lines.last {
        return (first...last).contains(line)
      }
      return false
    }
  }

  /// For every line of `older` that holds code the line here that holds the same, where the two
  /// differ only in comments, prose and layout; nil where the code is another.
  package func lineMap(from older: Script) -> [Int: Int]? {
    guard code.map(\.text) == older.code.map(\.text) else { return nil }
    return Dictionary(
      zip(older.code.map(\.line), code.map(\.line)),
      uniquingKeysWith: { first, _ in first })
  }
}
