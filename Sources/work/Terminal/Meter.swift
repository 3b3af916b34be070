// Progress as a line of text: share done, rate and time left. Used by the terminal and the plain
// display.

import Foundation
import Pipeline

/// Follows one piece of work.
struct Meter {
  private(set) var label = ""
  private var unit = ""
  private var note: String?
  private var done = 0
  private var total = 0
  private var start = (time: ContinuousClock.now, done: 0)
  private var hasAdvanced = false

  /// Takes the latest numbers; a new label begins anew. The rate counts from the first step on, which may
  /// be a leap to where an interrupted run had come.
  mutating func update(label: String, done: Int, total: Int, unit: String, note: String?) {
    if label != self.label || done < self.done {
      start = (.now, done)
      hasAdvanced = false
    } else if !hasAdvanced, done > self.done {
      start = (.now, done)
      hasAdvanced = true
    }
    (self.label, self.done, self.total, self.unit, self.note) = (label, done, total, unit, note)
  }

  private var seconds: Double { (ContinuousClock.now - start.time) / .seconds(1) }
  private var rate: Double? {
    let done = Double(done) - Double(start.done)
    return done > 0 && seconds > 0.3 ? done / seconds : nil
  }

  /// How far it is, with rate and time left, and with curves where there are any, in at most `columns`
  /// characters.
  func line(columns: Int, bar: Bool, curves: [Sparkline] = []) -> String {
    // What a stage says of itself is taken as it comes.
    let share = total > 0 ? max(0, min(1, Double(done) / Double(total))) : 0
    var parts = [label]
    // Curves tell more than a long bar does.
    if bar { parts.append(Self.bar(share, cells: curves.isEmpty ? 20 : 8)) }
    parts.append(
      unit == "bytes"
        ? "\(Readable.amount(Double(done), unit)) of \(Readable.amount(Double(total), unit))"
        : "\(done)/\(total) \(unit)")
    if let rate {
      parts.append(
        unit == "bytes"
          ? "\(Readable.amount(rate, unit))/s" : "\(Readable.amount(rate, unit)) \(unit)/s")
      if done < total {
        parts.append("\(Readable.duration((Double(total) - Double(done)) / rate)) left")
      }
    }
    parts += curves.map { $0.text(columns: columns < 110 ? 8 : 16) }
    if let note { parts.append(note) }
    return String(parts.joined(separator: "  ").prefix(max(20, columns - 1)))
  }

  private static func bar(_ share: Double, cells: Int) -> String {
    let full = Int((share * Double(cells)).rounded(.down))
    return "▕" + String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
      + "▏"
  }
}
