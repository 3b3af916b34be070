// A range of numbers, from which a sweep takes some: evenly spaced ones for a grid, random ones else.

import Basics
import Foundation

/// Numbers from one end to another, both included.
public struct SweepRange: Sendable, Equatable {
  /// The lower end.
  public let low: Double
  /// The upper end, above the lower one.
  public let high: Double
  /// Whether factors count and not differences.
  public let isLog: Bool
  /// Whether only whole numbers are meant.
  public let isWhole: Bool
  /// How many numbers a grid takes; nil where nobody has said.
  public let count: Int?

  /// The most numbers that a grid takes of one range.
  static let most = 1000

  /// Reads "1e-4..1e-2:5:log"; nil for anything that isn't two numbers with two dots between.
  ///
  /// - Parameters:
  ///   - key: for errors.
  ///   - present: the parameter's value, which says whether only whole numbers make sense.
  /// - Throws: `PipelineError` for ends in the wrong order and for words behind the range that mean nothing.
  init?(_ text: String, of key: String, like present: JSONValue) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let dots = parts[0].firstRange(of: ".."),
      let low = Self.number(parts[0][..<dots.lowerBound]),
      let high = Self.number(parts[0][dots.upperBound...])
    else { return nil }
    func refusal(_ problem: String) -> PipelineError {
      PipelineError("-S \(key)=\(text): \(problem)")
    }
    var (isLog, count): (Bool, Int?) = (false, nil)
    for part in parts.dropFirst() {
      if part == "log", !isLog {
        isLog = true
      } else if count == nil, let number = Int(part) {
        guard (2...Self.most).contains(number) else {
          throw refusal("\(number) values: a grid takes from 2 to \(Self.most) of a range")
        }
        count = number
      } else {
        throw refusal(
          "“\(part)” means nothing behind a range; there are :COUNT and :log, as in 1e-4..1e-2:5:log"
        )
      }
    }
    guard low.value < high.value else {
      throw refusal("the first end should be less than the second")
    }
    guard (high.value - low.value).isFinite else {
      throw refusal("the ends are too far from each other")
    }
    guard !isLog || low.value > 0 else {
      throw refusal("on a logarithmic scale, both ends should be above 0")
    }
    (self.low, self.high, self.isLog, self.count) = (low.value, high.value, isLog, count)
    if case .double = present {
      isWhole = false
    } else {
      isWhole = low.isWhole && high.isWhole
    }
  }

  private static func number(_ text: Substring) -> (value: Double, isWhole: Bool)? {
    switch JSONValue(scalar: String(text)) {
    // Beyond, not every whole number is a Double.
    case .int(let number) where number.magnitude <= 1 << 52: (Double(number), true)
    case .double(let number) where number.isFinite: (number, false)
    default: nil
    }
  }

  /// How many whole numbers there are; nil for ranges of fractions.
  var wholeCount: Int? { isWhole ? Int(high - low) + 1 : nil }

  // MARK: Values

  /// Evenly spaced numbers, or all where they are few whole ones.
  ///
  /// - Throws: `PipelineError` where nobody has said how many.
  func gridValues(of key: String) throws -> [String] {
    if count == nil, let wholeCount, !isLog, wholeCount <= Self.most {
      return (0..<wholeCount).map { String(Int(low) + $0) }
    }
    guard let count else {
      throw PipelineError(
        "-S \(key)=\(text(low))..\(text(high)): say how many values a grid takes of it, as in \(text(low))..\(text(high)):3"
          + (isLog ? ":log" : "") + ", or draw settings at random with --random N")
    }
    var values: [String] = []
    for index in 0..<count {
      let value =
        index == 0
        ? text(low) : index == count - 1 ? text(high) : scaled(Double(index) / Double(count - 1))
      // Of few whole numbers, several steps come to the same.
      if values.last != value { values.append(value) }
    }
    return values
  }

  /// The number at a place from 0 to 1 (exclusive); every whole number has the same share.
  func value(at place: Double) -> String {
    guard isWhole, !isLog else { return scaled(place) }
    return text(min(high, (low + place * (high - low + 1)).rounded(.down)))
  }

  private func scaled(_ place: Double) -> String {
    let value =
      isLog ? exp(log(low) + place * (log(high) - log(low))) : low + place * (high - low)
    return text(max(low, min(high, isWhole ? value.rounded() : rounded(value))))
  }

  /// Four digits say enough of a number; more where the ends have more in common.
  private func rounded(_ value: Double) -> Double {
    let common = log10(max(abs(low), abs(high)) / (high - low))
    let digits = isLog ? 4 : 4 + max(0, min(11, Int(common.rounded(.up))))
    return Double(String(format: "%.\(digits - 1)e", value)) ?? value
  }

  private func text(_ value: Double) -> String {
    isWhole ? String(Int(value)) : JSONValue.double(value).canonical
  }
}
