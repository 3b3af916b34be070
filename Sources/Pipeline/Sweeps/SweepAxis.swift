// What a sweep tries of one parameter, as typed behind `-S`: a list of values, or a range to take values from.
// docs/sweeps.md describes the syntax.

import Basics
import Foundation

/// One parameter of a sweep, and what is tried of it.
public struct SweepAxis: Sendable, Equatable {
  /// What is tried.
  public enum Choice: Sendable, Equatable {
    /// Values as YAML, each as it was typed.
    case list([String])
    case range(SweepRange)
  }

  /// The parameter's dotted key.
  public let key: String
  /// What is tried of it.
  public let choice: Choice

  /// Reads `key=a,b,c` or `key=LOW..HIGH`, with `:COUNT` and `:log` behind a range.
  ///
  /// - Parameter parameters: what the key has to be a parameter of; whether it is a whole number decides about the
  ///   numbers of a range.
  /// - Throws: `PipelineError` for a key that there isn't, and for values that mean nothing.
  init(_ assignment: String, in parameters: Parameters) throws {
    guard let sign = assignment.firstIndex(of: "=") else {
      throw PipelineError(
        "-S \(assignment): should be key=values, as in -S train.learning_rate=1e-3,2e-3")
    }
    key = assignment[..<sign].trimmingCharacters(in: .whitespaces)
    let text = assignment[assignment.index(after: sign)...].trimmingCharacters(in: .whitespaces)
    guard !key.isEmpty, let present = parameters[key] else {
      throw PipelineError(
        "-S \(key): no such parameter in \(parameters.name)"
          + Spelling.didYouMean(key, among: parameters.keys))
    }
    if key == Parameters.runtimeKey || key.hasPrefix(Parameters.runtimeKey + ".") {
      throw PipelineError("-S \(key): changes no result, so there is nothing to compare")
    }
    if let range = try SweepRange(text, of: key, like: present) {
      choice = .range(range)
      return
    }
    let items = try Self.items(text, of: key)
    if items.count > 1 {
      for item in items where try SweepRange(item, of: key, like: present) != nil {
        throw PipelineError(
          "-S \(key)=\(text): \(item) is a range, which stands alone; write the values out, or give the range alone"
        )
      }
    }
    for item in items { try Self.refuseLooseRange(item, of: key) }
    choice = .list(items)
  }

  /// The values of a grid, as YAML.
  ///
  /// - Throws: `PipelineError` for a range of numbers that nobody has counted.
  func gridValues() throws -> [String] {
    switch choice {
    case .list(let values): values
    case .range(let range): try range.gridValues(of: key)
    }
  }

  /// How many values there are; nil where they can't be counted.
  var count: Int? {
    switch choice {
    case .list(let values): values.count
    case .range(let range): range.wholeCount
    }
  }

  /// The value at a place from 0 to 1 (exclusive).
  func value(at place: Double) -> String {
    switch choice {
    case .list(let values): values[min(values.count - 1, Int(place * Double(values.count)))]
    case .range(let range): range.value(at: place)
    }
  }

  // MARK: Lists

  /// The values between commas; a comma inside brackets or quotation marks belongs to its value.
  private static func items(_ text: String, of key: String) throws -> [String] {
    var items: [String] = []
    var item = ""
    var open: [Character] = []
    var quote: Character?
    /// The last character that isn't blank: a quotation mark within a word is none.
    var before: Character?
    for character in text {
      if let mark = quote {
        if character == mark { quote = nil }
      } else if character == "\"" || character == "'", before.map({ "[{,:".contains($0) }) ?? true {
        quote = character
      } else if "[{".contains(character) {
        open.append(character == "[" ? "]" : "}")
      } else if character == open.last {
        open.removeLast()
      } else if character == ",", open.isEmpty {
        items.append(item)
        item = ""
        before = nil
        continue
      }
      item.append(character)
      if character != " " { before = character }
    }
    guard open.isEmpty, quote == nil else {
      throw PipelineError(
        "-S \(key)=\(text): \(quote.map { "a quotation mark \($0)" } ?? "a bracket") is never closed"
      )
    }
    items = (items + [item]).map { $0.trimmingCharacters(in: .whitespaces) }
    var seen: [String: String] = [:]
    for item in items {
      guard !item.isEmpty else {
        throw PipelineError(
          "-S \(key)=\(text): a value is missing; write null for none, \"\" for an empty text")
      }
      guard let value = (try? YAMLDocument("value: " + item, name: ""))?.value["value"] else {
        throw PipelineError("-S \(key): not valid YAML: \(item)")
      }
      if let same = seen.updateValue(item, forKey: value.canonical) {
        throw PipelineError("-S \(key)=\(text): \(same) and \(item) are the same value")
      }
    }
    return items
  }

  /// "10m..2h" would pass for a text.
  private static func refuseLooseRange(_ item: String, of key: String) throws {
    guard item.contains(".."), !item.contains("/"), let first = item.first,
      !"\"'[{".contains(first)
    else { return }
    throw PipelineError(
      "-S \(key)=\(item): a range is LOW..HIGH with two numbers, then :COUNT or :log or both, as in 1e-4..1e-2:5:log; "
        + "put a text with dots into quotation marks")
  }
}
