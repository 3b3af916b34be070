// Reads a stage's events file while it grows: one JSON object a line. A line that is not yet whole waits.

import Basics
import Foundation

/// Follows one events file.
final class EventFollower {
  private let path: String
  private var descriptor: Int32 = -1
  private var rest: [UInt8] = []

  /// - Parameter url: the file; it need not exist yet.
  init(_ url: URL) { path = url.path }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// What was written since the last call. Lines that are no events come as warnings.
  func events() -> [StageEvent] {
    if descriptor < 0 {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return [] }
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      rest += buffer[..<count]
    }
    guard let end = rest.lastIndex(of: 0x0A) else { return [] }
    let lines = rest[...end].split(separator: 0x0A)
    defer { rest = Array(rest[(end + 1)...]) }
    return lines.flatMap { Self.parse(Array($0)) }
  }

  static func parse(_ line: [UInt8]) -> [StageEvent] {
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(line)),
      case .object(let members) = value
    else {
      return [
        .warning(
          "a line in the events file is no JSON object, so nothing of it counts (NaN and Infinity are no "
            + "JSON): \(String(decoding: line, as: UTF8.self))")
      ]
    }
    var step: Int?
    if case .int(let number)? = value["step"] { step = number }
    var drawn: [String] = []
    if case .array(let names)? = value["drawn"] { drawn = names.map(\.words) }
    return members.flatMap { member -> [StageEvent] in
      switch (member.key, member.value) {
      case ("message", .string(let text)): return [.message(text)]
      case ("warning", .string(let text)): return [.warning(text)]
      case ("metric", .object(let metrics)):
        let numbers = metrics.compactMap { metric in metric.value.number.map { (metric.key, $0) } }
        guard let step else { return numbers.map { .metric(name: $0.0, value: $0.1) } }
        let point = MetricPoint(step: step, metrics: Dictionary(numbers, uniquingKeysWith: { $1 }))
        return [.point(point, drawn: drawn)]
      case ("progress", let fields):
        guard let label = fields["label"], let done = fields["done"]?.number,
          let total = fields["total"]?.number
        else { return [] }
        return [
          .progress(
            label: label.words, done: Int(clamping: done), total: Int(clamping: total),
            unit: fields["unit"]?.words ?? "", note: fields["note"]?.words)
        ]
      // Words of a later protocol are no mistake.
      default: return []
      }
    }
  }
}

extension JSONValue {
  fileprivate var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }
}

extension Int {
  fileprivate init(clamping number: Double) {
    self = number.isFinite ? Int(Swift.max(-1e15, Swift.min(1e15, number))) : 0
  }
}
