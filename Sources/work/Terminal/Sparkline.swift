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
      let position = high > low ? (mean - low) / (high - low) : 0.5
      return Self.levels[max(0, min(7, Int(position * 8)))]
    }
    return "\(name) \(String(cells))"
  }
}
