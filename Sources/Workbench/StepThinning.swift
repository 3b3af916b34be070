// Keeps a record small where numbers are told for very many steps.

package import Notebook

/// Chooses which steps a record keeps: all of the first 2,000, every second one of the next 2,000, every
/// fourth one of the 4,000 after them, and so on. A million steps come to some 20,000 lines.
///
/// A number that only few steps have, such as a score of every tenth epoch, isn't lost where its step is
/// left out: it is written before the next step that is kept, under its own step.
package struct StepThinning {
  /// How many steps are kept before any is left out.
  package static let dense = 2000

  private struct Held {
    var value: Double
    var from: RecordEvent
  }

  private var told = 0
  /// The latest numbers of steps that were left out, by name.
  private var held: [String: Held] = [:]

  package init() {}

  /// Takes an event with the numbers of a step.
  ///
  /// - Returns: the events to write now, in the order of steps.
  package mutating func take(_ event: RecordEvent) -> [RecordEvent] {
    guard case .metrics(let metrics, _, _) = event else { return [event] }
    told += 1
    if told % Self.stride(told) == 0 {
      for value in metrics.values where value.value != nil { held[value.name] = nil }
      return rest() + [event]
    }
    for value in metrics.values {
      if let number = value.value { held[value.name] = Held(value: number, from: event) }
    }
    return []
  }

  /// What was left out since the last step that was kept, as far as nothing later replaced it.
  package mutating func rest() -> [RecordEvent] {
    defer { held = [:] }
    let steps = Dictionary(grouping: held) { Self.step(of: $0.value.from) }
    return steps.sorted { $0.key < $1.key }.compactMap { _, held in
      guard let from = held.first?.value.from, case .metrics(var metrics, let line, let at) = from
      else { return nil }
      let names = Dictionary(held.map { ($0.key, $0.value.value) }) { $1 }
      metrics.values = metrics.values.filter { names[$0.name] != nil }
      return .metrics(metrics, line: line, at: at)
    }
  }

  /// One in how many steps is kept when `told` steps have been told.
  private static func stride(_ told: Int) -> Int {
    var stride = 1
    while told > dense * stride { stride *= 2 }
    return stride
  }

  private static func step(of event: RecordEvent) -> Int {
    if case .metrics(let metrics, _, _) = event { metrics.step } else { 0 }
  }
}
