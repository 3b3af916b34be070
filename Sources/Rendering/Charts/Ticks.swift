// Where the ticks of a measuring axis stand and what they say. Knows nothing of SVG.

import Foundation

/// Ticks of an axis: places in data units, in rising order, and their labels.
package struct Ticks: Equatable {
  package var values: [Double]
  package var labels: [String]

  /// Ticks at multiples of 1, 2 or 5 times a power of ten within `low...high`, about `target` of them.
  ///
  /// The ends must be finite and `low < high`; otherwise there are none. With `whole`, ticks stand at whole
  /// numbers alone, however few those are.
  package static func linear(
    low: Double, high: Double, target: Int, whole: Bool = false
  ) -> Ticks {
    // Halves, since the span of two finite numbers may be infinite.
    let halfSpan = high / 2 - low / 2
    guard low < high, halfSpan.isFinite, halfSpan > 0 else { return Ticks(values: [], labels: []) }
    if max(low.magnitude, high.magnitude) > 1e300 {
      // Steps so near to the greatest number overflow; found on a smaller scale and brought back.
      let small = linear(low: low / 1e10, high: high / 1e10, target: target)
      let values = small.values.map { max(low, min(high, $0 * 1e10)) }
      return Ticks(values: values, labels: values.map { Format.scientific($0, digits: 2) })
    }
    var step = niceStep(atLeast: halfSpan / Double(max(1, target)) * 2)
    if whole, step < 1 {
      let values = multiples(of: 1, low: low, high: high)
      return Ticks(values: values, labels: labels(values, step: 1))
    }
    for _ in 0..<4 {
      let values = multiples(of: step, low: low, high: high)
      if values.count >= min(2, target) || step / 2.5 <= 0 {
        return Ticks(values: values, labels: labels(values, step: step))
      }
      step = niceStep(atLeast: step / 2.6)
    }
    return Ticks(values: [], labels: [])
  }

  /// Ticks at powers of ten within `low...high`, with 2 and 5 between them where decades are few.
  /// Less than a decade gets linear ticks.
  package static func log(low: Double, high: Double, target: Int) -> Ticks {
    guard low > 0, high > low, high.isFinite else { return Ticks(values: [], labels: []) }
    let first = Int(log10(low).rounded(.down))
    let last = Int(log10(high).rounded(.up))
    let decades = log10(high) - log10(low)
    if decades < 1 { return linear(low: low, high: high, target: target) }
    let mantissas: [Double] = decades < 2.5 && target >= 4 ? [1, 2, 5] : [1]
    let stride = max(1, Int((decades / Double(max(1, target))).rounded(.up)))
    var ticks = Ticks(values: [], labels: [])
    let isPlain = first >= -3 && last <= 6
    for exponent in first...last where exponent % stride == 0 {
      for mantissa in mantissas {
        guard let value = Double("\(Int(mantissa))e\(exponent)"),
          value >= low * (1 - 1e-9), value <= high * (1 + 1e-9), value.isFinite, value > 0
        else { continue }
        ticks.values.append(min(high, max(low, value)))
        ticks.labels.append(
          isPlain || value == 1
            ? Format.decimal(value, max(0, -exponent)) : Format.scientific(value, digits: 0))
      }
    }
    return ticks
  }

  /// As many ticks as fit along `length` without their labels touching; `size` tells how much room a
  /// label takes along the axis, and `position` where a value lies on it; `whole` as in `linear`.
  package static func fitting(
    scale: Scale, target: Int, gap: Double, whole: Bool = false, size: (String) -> Double
  ) -> Ticks {
    for target in stride(from: max(1, target), to: 0, by: -1) {
      let ticks =
        scale.isLog
        ? log(low: scale.low, high: scale.high, target: target)
        : linear(low: scale.low, high: scale.high, target: target, whole: whole)
      let positions = ticks.values.compactMap { scale($0) }
      let sizes = ticks.labels.map(size)
      let fits = positions.indices.dropFirst().allSatisfy {
        (positions[$0] - positions[$0 - 1]).magnitude >= (sizes[$0] + sizes[$0 - 1]) / 2 + gap
      }
      if fits || ticks.values.count == 1 { return ticks }
      if target == 1, let value = ticks.values.first {
        return Ticks(values: [value], labels: [ticks.labels[0]])
      }
    }
    return Ticks(values: [], labels: [])
  }

  /// The smallest of 1, 2, 5 times a power of ten that is not below `size`.
  static func niceStep(atLeast size: Double) -> Double {
    let exponent = Int(log10(size).rounded(.down))
    for candidate in [1, 2, 5, 10, 20] {
      // By the decimal text, since powers computed by multiplication are off in the last bit.
      if let step = Double("\(candidate)e\(exponent)"), step >= size * (1 - 1e-9) { return step }
    }
    return size
  }

  private static func multiples(of step: Double, low: Double, high: Double) -> [Double] {
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    guard first <= last, last - first < 1000, first + 1 > first else { return [] }
    return stride(from: first, through: last, by: 1).map { index in
      // Dividing by the inverse keeps 0.3 from being 0.30000000000000004.
      let value = step < 1 ? index / (1 / step).rounded() : index * step
      return max(low, min(high, value.isFinite && step >= 1e-15 ? value : index * step)) + 0
    }
  }

  private static func labels(_ values: [Double], step: Double) -> [String] {
    let largest = values.map(\.magnitude).max() ?? 0
    let exponent = Int(log10(step).rounded(.down))
    if largest >= 1e12 || exponent < -6 {
      let digits = largest > 0 ? Int(log10(largest).rounded(.down)) - exponent : 0
      return values.map { Format.scientific($0, digits: max(0, min(15, digits))) }
    }
    if largest >= 1e7, exponent >= 3 {
      return values.map { $0 == 0 ? "0" : Format.decimal($0 / 1e6, max(0, 6 - exponent)) + "M" }
    }
    return values.map { Format.decimal($0, max(0, -exponent)) }
  }
}
