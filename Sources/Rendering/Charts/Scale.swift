// From data units to places on an axis.

import Foundation

/// Maps `low...high` onto `start...end`, linearly or by the logarithm.
package struct Scale {
  package let low: Double
  package let high: Double
  package let isLog: Bool
  package var start: Double
  package var end: Double

  /// A scale; the ends must be finite, `low < high`, and positive on a logarithmic one.
  package init(low: Double, high: Double, isLog: Bool, start: Double, end: Double) {
    self.low = low
    self.high = high
    self.isLog = isLog
    self.start = start
    self.end = end
  }

  /// The place of a value; nil where it has none (not finite, or not positive on a logarithmic axis).
  package func callAsFunction(_ value: Double) -> Double? {
    guard value.isFinite, !isLog || value > 0 else { return nil }
    let share: Double
    if isLog {
      share = (log10(value) - log10(low)) / (log10(high) - log10(low))
    } else {
      share = (value / 2 - low / 2) / (high / 2 - low / 2)
    }
    // Far outside is as good as a little outside, and keeps coordinates printable.
    return start + max(-10, min(11, share)) * (end - start)
  }

  /// Whether the axis shows the value.
  package func shows(_ value: Double) -> Bool { value >= low && value <= high }

  /// The place of the axis's zero, or of its lower end where zero isn't on it: what bars stand on.
  package var baseline: Double {
    isLog ? start : self(max(low, min(high, 0))) ?? start
  }
}
