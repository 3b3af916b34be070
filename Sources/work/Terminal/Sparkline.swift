// A curve in one line of text, as a terminal shows it beside the progress.

/// A named curve that grows.
struct Sparkline {
  var name: String
  var values: [Double] = []

  private static let levels = Array("▁▂▃▄▅▆▇█")

  /// The name and the whole curve in at most `columns` cells, from its least value to its greatest.
  func text(columns: Int) -> String {
    let count = min(max(1, columns), values.count)
    // Where there are more values than cells, a cell is the mean of its share of them.
    let means = (0..<count).map { cell -> Double in
      let share = values[(cell * values.count / count)..<((cell + 1) * values.count / count)]
      return share.reduce(0) { $0 + $1 / Double(share.count) }
    }
    guard let low = means.min(), let high = means.max() else { return name }
    let cells = means.map { mean -> Character in
      // Halves, since the difference of two finite numbers may not be finite.
      let span = high / 2 - low / 2
      let position = span > 0 ? (mean / 2 - low / 2) / span : 0.5
      return Self.levels[position.isFinite ? max(0, min(7, Int(position * 8))) : 0]
    }
    return "\(name) \(String(cells))"
  }
}
