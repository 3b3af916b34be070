// The settings of transforms as params.yaml has them: each with its name, what is allowed, and where it is kept.

import Basics

/// A setting of a transform.
package struct Field<Owner> {
  let name: String
  /// What is allowed, in words behind "should be".
  let allowed: String
  /// Takes a value over; false where it isn't allowed.
  let read: (JSONValue, inout Owner) -> Bool
  let write: (Owner) -> JSONValue
}

extension Field {
  private init<Value>(
    _ name: String, _ path: WritableKeyPath<Owner, Value>, allowed: String,
    from: @escaping (JSONValue) -> Value?, to: @escaping (Value) -> JSONValue
  ) {
    self.init(
      name: name, allowed: allowed,
      read: { json, owner in
        guard let value = from(json) else { return false }
        owner[keyPath: path] = value
        return true
      }, write: { to($0[keyPath: path]) })
  }

  /// A number.
  static func number(
    _ name: String, _ path: WritableKeyPath<Owner, Double>, in range: ClosedRange<Double>
  ) -> Field {
    Field(
      name, path, allowed: "a number from \(words(range))",
      from: { $0.number.flatMap { range.contains($0) ? $0 : nil } }, to: { .double($0) })
  }

  /// A whole number.
  static func whole(
    _ name: String, _ path: WritableKeyPath<Owner, Int>, in range: ClosedRange<Int>
  ) -> Field {
    Field(
      name, path, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      from: { $0.whole.flatMap { range.contains($0) ? $0 : nil } }, to: { .int($0) })
  }

  /// A range of numbers to draw from; one number stands for itself.
  static func span(
    _ name: String, _ path: WritableKeyPath<Owner, ClosedRange<Double>>,
    in range: ClosedRange<Double>
  ) -> Field {
    Field(
      name, path, allowed: "[least, most], or one number, from \(words(range))",
      from: { $0.span(within: range, single: { $0...$0 }) }, to: Self.json)
  }

  /// A range of numbers to draw from; one number n stands for -n to n.
  static func symmetric(
    _ name: String, _ path: WritableKeyPath<Owner, ClosedRange<Double>>,
    in range: ClosedRange<Double>
  ) -> Field {
    Field(
      name, path,
      allowed: "[least, most] from \(words(range)), or one number from 0 on for both signs",
      from: { $0.span(within: range, single: { $0 < 0 ? nil : -$0...$0 }) }, to: Self.json)
  }

  /// A range of whole numbers to draw from; one number stands for itself.
  static func wholeSpan(
    _ name: String, _ path: WritableKeyPath<Owner, ClosedRange<Int>>, in range: ClosedRange<Int>
  ) -> Field {
    Field(
      name, path,
      allowed: "[least, most], or one number, whole ones from \(range.lowerBound) to "
        + "\(range.upperBound)",
      from: { json in
        let ends: [Int?] =
          if case .array(let items) = json { items.map(\.whole) } else {
            [json.whole, json.whole]
          }
        guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high,
          range.contains(low), range.contains(high)
        else { return nil }
        return low...high
      }, to: { .array([.int($0.lowerBound), .int($0.upperBound)]) })
  }

  /// What lies beyond the picture's border.
  static func border(_ path: WritableKeyPath<Owner, Padding.Mode>) -> Field {
    Field(
      "border", path, allowed: "reflect, edge or zero",
      from: { json in
        guard case .string(let name) = json else { return nil }
        return Padding.Mode(rawValue: name)
      }, to: { .string($0.rawValue) })
  }

  private static func json(_ span: ClosedRange<Double>) -> JSONValue {
    .array([.double(span.lowerBound), .double(span.upperBound)])
  }

  private static func words(_ range: ClosedRange<Double>) -> String {
    "\(short(range.lowerBound)) to \(short(range.upperBound))"
  }

  private static func short(_ number: Double) -> String {
    number == number.rounded() ? "\(Int(number))" : "\(number)"
  }
}

extension JSONValue {
  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  fileprivate var whole: Int? { if case .int(let value) = self { value } else { nil } }

  /// Two numbers in order, or what one number stands for, within a range.
  fileprivate func span(
    within range: ClosedRange<Double>, single: (Double) -> ClosedRange<Double>?
  ) -> ClosedRange<Double>? {
    var found: ClosedRange<Double>?
    if let number {
      found = single(number)
    } else if case .array(let items) = self, items.count == 2, let low = items[0].number,
      let high = items[1].number, low <= high
    {
      found = low...high
    }
    guard let found, range.contains(found.lowerBound), range.contains(found.upperBound) else {
      return nil
    }
    return found
  }
}
