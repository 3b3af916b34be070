// What a stage says while it runs: one JSON object a line, appended to its events file. docs/protocol.md
// describes them. The stage writes them and the runner reads them, as these types.

import Basics

/// One thing that a stage says through its events file.
public enum StageEvent: Sendable, Equatable {
  /// `done` of `total` in `unit`; `note` is a short addition such as "loss 0.412".
  case progress(label: String, done: Int, total: Int, unit: String, note: String?)
  /// A line for the terminal.
  case message(String)
  /// Something the user should know that doesn't stop the stage.
  case warning(String)
  /// A named number for the table of runs.
  case metric(name: String, value: Double)
  /// Named numbers as they were at a step, such as an epoch; those drawn grow as curves in the terminal.
  case point(MetricPoint, drawn: [String])
  /// It went another way than planned, since that was asked for while it ran; what was told last holds.
  case course(Course)
}

/// A line of the events file. Ours hold one event each; a stage in another language may put several into one.
package struct EventLine: Codable, Sendable, Equatable {
  package var events: [StageEvent]

  /// A line of one event.
  package init(_ event: StageEvent) { events = [event] }

  private enum Key: String, CodingKey {
    case progress, message, warning, metric, step, drawn, course
  }

  private enum ProgressKey: String, CodingKey {
    case label, done, total, unit, note
  }

  /// Writes the events as members of one object.
  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: Key.self)
    for event in events {
      switch event {
      case .message(let text): try line.encode(text, forKey: .message)
      case .warning(let text): try line.encode(text, forKey: .warning)
      case .metric(let name, let value): try line.encode([name: value], forKey: .metric)
      case .point(let point, let drawn):
        try line.encode(point.metrics, forKey: .metric)
        try line.encode(point.step, forKey: .step)
        if !drawn.isEmpty { try line.encode(drawn, forKey: .drawn) }
      case .course(let course): try line.encode(course, forKey: .course)
      case .progress(let label, let done, let total, let unit, let note):
        var progress = line.nestedContainer(keyedBy: ProgressKey.self, forKey: .progress)
        try progress.encode(label, forKey: .label)
        try progress.encode(done, forKey: .done)
        try progress.encode(total, forKey: .total)
        try progress.encode(unit, forKey: .unit)
        try progress.encodeIfPresent(note, forKey: .note)
      }
    }
  }

  /// Reads what is understood of an object. The rest is passed over: words of a later protocol are no
  /// mistake, and a slip in one word shouldn't cost the others.
  package init(from decoder: any Decoder) throws {
    let line = try JSONValue(from: decoder)
    guard case .object = line else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a line should be an object"))
    }
    events = []
    if case .string(let text)? = line["message"] { events.append(.message(text)) }
    if case .object(let metrics)? = line["metric"] {
      let numbers = metrics.compactMap { metric in metric.value.number.map { (metric.key, $0) } }
      if case .int(let step)? = line["step"] {
        var drawn: [String] = []
        if case .array(let names)? = line["drawn"] { drawn = names.map(\.plainText) }
        events.append(
          .point(MetricPoint(step: step, metrics: Dictionary(numbers) { $1 }), drawn: drawn))
      } else {
        events += numbers.map { .metric(name: $0.0, value: $0.1) }
      }
    }
    if let progress = line["progress"], let label = progress["label"],
      let done = progress["done"]?.number, let total = progress["total"]?.number
    {
      events.append(
        .progress(
          label: label.plainText, done: Int(clamping: done), total: Int(clamping: total),
          unit: progress["unit"]?.plainText ?? "", note: progress["note"]?.plainText))
    }
    if let course = line["course"].flatMap(Course.init) { events.append(.course(course)) }
    if case .string(let text)? = line["warning"] { events.append(.warning(text)) }
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
