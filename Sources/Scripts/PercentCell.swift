// The cells of a percent script: what stands between its marks.

/// A cell of a percent script.
package struct PercentCell: Sendable {
  /// What begins it; nil for what stands before the first mark.
  package var mark: PercentMark?
  /// Its lines, without the mark's.
  package var lines: [String] = []
  /// The index of its first line, which is its mark's where it has one.
  package var first: Int

  /// The cells in some lines. What looks like a mark within a string or a comment that spans lines is none.
  package static func all(in lines: [String], _ language: ScriptLanguage) -> [PercentCell] {
    var cells = [PercentCell(first: 0)]
    for (index, start) in LineStart.all(of: lines, language).enumerated() {
      if start != .text, let mark = PercentMark(lines[index], language) {
        cells.append(PercentCell(mark: mark, first: index))
      } else {
        cells[cells.count - 1].lines.append(lines[index])
      }
    }
    return cells
  }
}
