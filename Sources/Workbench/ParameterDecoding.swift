// Parameters into a stage's own types, with errors that name the key, what it holds and what is wanted.

import Foundation
import Notebook

enum ParameterDecoding {
  /// Decodes a section; refuses keys that `type` doesn't know, so that a misspelt one is never ignored.
  static func decode<Value: Codable>(_ type: Value.Type, from value: JSONValue, key: String) throws -> Value {
    let decoded: Value
    do {
      // In an array, since a JSON document may not be a bare value everywhere.
      let data = try JSONEncoder().encode([value])
      decoded = try JSONDecoder().decode([Value].self, from: data)[0]
    } catch let error as DecodingError {
      throw StageFailure(message(error, key: key), exit: .badInput)
    }
    guard let again = try? JSONDecoder().decode([JSONValue].self, from: JSONEncoder().encode([decoded]))
    else { return decoded }
    if let unknown = unknownKey(in: value, known: again[0], at: key) {
      throw StageFailure(
        "params.yaml: \(unknown): no such parameter; misspelt, or of another version?", exit: .badInput)
    }
    return decoded
  }

  /// The first key of `value`, not null, that has no counterpart in `known`.
  private static func unknownKey(in value: JSONValue, known: JSONValue, at path: String) -> String? {
    guard case .object(let members) = value, case .object(let others) = known else { return nil }
    for (key, member) in members.sorted(by: { $0.key < $1.key }) where member != .null {
      guard let other = others[key] else { return "\(path).\(key)" }
      if let found = unknownKey(in: member, known: other, at: "\(path).\(key)") { return found }
    }
    return nil
  }

  private static func message(_ error: DecodingError, key: String) -> String {
    func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      ([key]
        + (context.codingPath.dropFirst() + (last.map { [$0] } ?? [])).map(\.stringValue))
        .joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let missing, let context):
      "params.yaml: \(place(context, missing)) is missing"
    case .typeMismatch(let type, let context):
      "params.yaml: \(place(context)) should be \(words(for: type)). \(context.debugDescription)"
    case .valueNotFound(let type, let context):
      "params.yaml: \(place(context)) is null, but should be \(words(for: type))"
    case .dataCorrupted(let context):
      "params.yaml: \(place(context)): \(context.debugDescription)"
    @unknown default: "params.yaml: \(key): \(error)"
    }
  }

  private static func words(for type: Any.Type) -> String {
    switch type {
    case is Int.Type, is UInt64.Type: "a whole number"
    case is Double.Type, is Float.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "text"
    default: "of type \(type)"
    }
  }

  /// Dotted paths of the first level below each section, or of the value itself.
  static func leaves(of value: JSONValue, at path: String = "") -> [String] {
    guard case .object(let members) = value, path.split(separator: ".").count < 2 else {
      return [path]
    }
    return members.keys.sorted().flatMap { key in
      leaves(of: members[key]!, at: path.isEmpty ? key : "\(path).\(key)")
    }
  }
}
