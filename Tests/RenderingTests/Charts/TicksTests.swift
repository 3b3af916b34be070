// Ticks: round numbers within the axis, labels that differ and don't touch, for any axis.

import Foundation
import Rendering
import Testing

@Suite struct TicksTests {
  static let ends: [(Double, Double)] = {
    var ends: [(Double, Double)] = [
      (0, 1), (-1, 1), (0, 1e-9), (0, 1e12), (999_999, 1_000_001), (-1e308, 1e308),
      (1e15, 1e15 + 8),
      (0.1, 0.30000000000000004), (-5, -4.99), (3, 959), (1e-300, 2e-300),
      (123_456_789, 123_456_790),
    ]
    var state: UInt64 = 5
    for _ in 0..<300 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      let size = pow(10, Double(state >> 40 % 18) - 9)
      state = state &* 6_364_136_223_846_793_005 &+ 1
      let low = (Double(state >> 33) / 4e9 - 0.5) * size
      state = state &* 6_364_136_223_846_793_005 &+ 1
      ends.append((low, low + size * (Double(state >> 33) / 2e9 + 0.01)))
    }
    return ends
  }()

  @Test(arguments: 2...10)
  func linearTicksAreRoundAndInside(_ target: Int) {
    for (low, high) in Self.ends {
      let ticks = Ticks.linear(low: low, high: high, target: target)
      #expect(!ticks.values.isEmpty, "\(low)...\(high)")
      #expect(ticks.values.count == ticks.labels.count)
      #expect(ticks.values.count <= 3 * target + 2)
      #expect(ticks.values.allSatisfy { $0 >= low && $0 <= high })
      #expect(ticks.values == ticks.values.sorted())
      #expect(Set(ticks.labels).count == ticks.labels.count, "\(ticks.labels)")
      guard ticks.values.count > 1, high - low < 1e300 else { continue }
      let step = ticks.values[1] - ticks.values[0]
      let mantissa = step / pow(10, log10(step).rounded(.down))
      let isRound = [1, 2, 5, 10].contains { (mantissa - $0).magnitude < 1e-3 * $0 }
      #expect(
        isRound || step < 1e-12 * max(low.magnitude, high.magnitude), "\(low)...\(high): \(step)")
    }
  }

  @Test func labelsReadBack() {
    let ticks = Ticks.linear(low: 0, high: 1, target: 5)
    #expect(ticks.labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(
      Ticks.linear(low: -2000, high: 2000, target: 4).labels == [
        "−2,000", "−1,000", "0", "1,000", "2,000",
      ])
    #expect(Ticks.linear(low: 0, high: 4e7, target: 4).labels == ["0", "10M", "20M", "30M", "40M"])
  }

  @Test func whatIsCountedHasNoTicksBetween() {
    #expect(
      Ticks.linear(low: 1, high: 4, target: 8, whole: true).labels == ["1", "2", "3", "4"])
    #expect(Ticks.linear(low: 1, high: 1.5, target: 8, whole: true).labels == ["1"])
    #expect(
      Ticks.linear(low: 0, high: 40, target: 4, whole: true)
        == Ticks.linear(low: 0, high: 40, target: 4))
  }

  @Test func logTicksArePowers() {
    #expect(Ticks.log(low: 1, high: 1000, target: 4).labels == ["1", "10", "100", "1,000"])
    #expect(Ticks.log(low: 1, high: 100, target: 8).values == [1, 2, 5, 10, 20, 50, 100])
    #expect(Ticks.log(low: 1e-8, high: 1, target: 3).labels.last == "1")
    for (low, high) in Self.ends where low > 0 {
      let ticks = Ticks.log(low: low, high: high, target: 6)
      #expect(ticks.values.allSatisfy { $0 >= low && $0 <= high })
    }
    #expect(Ticks.log(low: -1, high: 10, target: 4).values.isEmpty)
  }

  @Test(arguments: [40.0, 90, 250, 700])
  func fittedLabelsDoNotTouch(_ length: Double) {
    for (low, high) in Self.ends {
      let scale = Scale(low: low, high: high, isLog: false, start: 0, end: length)
      let width = { (text: String) in TextMeasure.width(text, size: 12) }
      let ticks = Ticks.fitting(scale: scale, target: 12, gap: 10, size: width)
      let spans = zip(ticks.values, ticks.labels).compactMap { value, label in
        scale(value).map { ($0 - width(label) / 2, $0 + width(label) / 2) }
      }
      for (one, two) in zip(spans, spans.dropFirst()) { #expect(one.1 + 10 <= two.0 + 1e-6) }
    }
  }

  @Test func textIsCutAndBrokenToWidth() {
    let long = "masks that touch the border of the image"
    let cut = TextMeasure.truncated(long, to: 100, size: 12)
    #expect(cut.hasSuffix("…") && TextMeasure.width(cut, size: 12) <= 100)
    #expect(TextMeasure.truncated("short", to: 100, size: 12) == "short")
    let lines = TextMeasure.wrapped(long, to: 140, size: 12, lines: 3)
    #expect(lines?.joined(separator: " ") == long)
    #expect(lines?.allSatisfy { TextMeasure.width($0, size: 12) <= 140 } == true)
    #expect(TextMeasure.wrapped(long, to: 140, size: 12, lines: 1) == nil)
  }
}
