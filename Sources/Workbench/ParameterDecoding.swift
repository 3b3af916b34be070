// Parameters into a stage's own types, with errors that name the key, what it holds and what is
// wanted.

package import Basics
import Foundation

/// Decodes one declared parameter or section.
package struct ParameterDecoding {
  /// The dotted key that is decoded, as in "train".
  let key: String
  let value: JSONValue
  /// Keys set on the command line, so that an error doesn't blame the file for them.
  let overridden: [String]

  package init(key: String, value: JSONValue, overridden: [String]) {
    self.key = key
    self.value = value
    self.overridden = overridden
  }

  /// The value as `type`; refuses keys that `type` doesn't know, so that a misspelt one is never
  /// ignored.
  ///
  /// - Throws: `StageFailure` with the key and where it is set.
  package func decode<Value: Codable>(_ type: Value.Type) throws -> Value {
    do {
      let decoded = try Self.decode(type, from: value)
      let known = try Self.encode(decoded)
      if let unknown = unknownKey(in: value, known: known, readBy: type) { throw unknown }
      return decoded
    } catch let error as DecodingError {
      throw failure(error, readBy: type)
    }
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue) throws
    -> Value
  {
    // In an array, since not every reader takes a bare value for a JSON document.
    try JSONDecoder().decode([Value].self, from: JSONEncoder().encode([value]))[0]
  }

  private static func encode(_ value: some Encodable) throws -> JSONValue {
    try JSONDecoder().decode([JSONValue].self, from: JSONEncoder().encode([value]))[0]
  }

  // MARK: Unknown keys

  /// The failure for the first key, by name, that `known` (the decoded value, encoded again) lacks.
  ///
  /// - Parameter whole: puts a value in the place of `value` and gives the whole that results.
  private func unknownKey<Value: Codable>(
    in value: JSONValue, known: JSONValue, at path: [String] = [], readBy type: Value.Type,
    whole: @escaping (JSONValue) -> JSONValue = { $0 }
  ) -> StageFailure? {
    switch (value, known) {
    case (.object(let members), .object(let others)):
      for member in members.sorted(by: { $0.key < $1.key }) {
        let (name, member) = (member.key, member.value)
        let place = path + [name]
        let whole = { whole(.object(members).setting(name, $0)) }
        if let other = others[name] {
          if let found = unknownKey(in: member, known: other, at: place, readBy: type, whole: whole)
          {
            return found
          }
        } else if member != .null || !reads(place, type, whole: whole) {
          let near = Spelling.didYouMean(
            name, among: others.map(\.key).filter { members[$0] == nil })
          return failure(
            place,
            ": no such parameter" + (near.isEmpty ? "; misspelt?" : near))
        }
      }
    case (.array(let items), .array(let others)) where items.count == others.count:
      for (index, (item, other)) in zip(items, others).enumerated() {
        let whole = { (new: JSONValue) in
          var items = items
          items[index] = new
          return whole(.array(items))
        }
        let place = path + [String(index)]
        if let found = unknownKey(in: item, known: other, at: place, readBy: type, whole: whole) {
          return found
        }
      }
    default: break
    }
    return nil
  }

  /// Whether `type` reads a key that is null, which an optional one leaves no trace of: it does if
  /// a value that makes no sense there is refused or kept.
  private func reads<Value: Codable>(
    _ path: [String], _ type: Value.Type, whole: (JSONValue) -> JSONValue
  ) -> Bool {
    guard let decoded = try? Self.decode(type, from: whole(.object(["?": .array([])]))),
      let known = try? Self.encode(decoded)
    else { return true }
    return known.member(at: path) != nil
  }

  // MARK: Words

  private func failure(_ path: [String], _ what: String) -> StageFailure {
    var name = key
    var place: JSONValue? = value
    for step in path {
      if case .array = place { name += "[\(step)]" } else { name += ".\(step)" }
      place = place?.member(at: [step])
    }
    let commandLine = overridden.contains {
      name == $0 || name.hasPrefix($0 + ".") || name.hasPrefix($0 + "[")
    }
    return StageFailure("\(commandLine ? "-S" : "params.yaml:") \(name)\(what)", exit: .badInput)
  }

  private func failure<Value: Decodable>(_ error: DecodingError, readBy type: Value.Type)
    -> StageFailure
  {
    func path(_ context: DecodingError.Context) -> [String] {
      context.codingPath.dropFirst().map { $0.intValue.map(String.init) ?? $0.stringValue }
    }
    switch error {
    case .keyNotFound(let missing, let context):
      let path = path(context)
      var near: String?
      if case .object(let members) = value.member(at: path) {
        near = Spelling.nearest(to: missing.stringValue, among: members.map(\.key))
      }
      return failure(
        path + [missing.stringValue],
        " is missing" + (near.map { "; did you mean it by “\($0)”?" } ?? ""))
    case .typeMismatch(let wanted, let context), .valueNotFound(let wanted, let context):
      let path = path(context)
      return failure(
        path,
        " is \(value.member(at: path)?.words ?? "null"), but should be \(Self.words(for: wanted))")
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      guard let (path, number) = refusedNumber(type) else {
        return failure([], ": \(context.debugDescription)")
      }
      let wanted =
        if case .int = number { "which is out of range" } else { "but should be a whole number" }
      return failure(path, " is \(number.words), \(wanted)")
    case .dataCorrupted(let context):
      return failure(path(context), ": \(context.debugDescription)")
    @unknown default:
      return failure([], ": \(error)")
    }
  }

  /// The first number that its type can't hold, which the decoder refuses without telling where it stands:
  /// found by leaving every number but one away.
  private func refusedNumber<Value: Decodable>(_ type: Value.Type) -> ([String], JSONValue)? {
    var numbers: [([String], JSONValue)] = []
    _ = value.replacingNumbers {
      numbers.append(($0, $1))
      return $1
    }
    return numbers.first { path, _ in
      let alone = value.replacingNumbers { $0 == path ? $1 : .int(0) }
      do { _ = try Self.decode(type, from: alone) } catch DecodingError.dataCorrupted(let context) {
        return context.codingPath.isEmpty
      } catch {}
      return false
    }
  }

  private static func words(for type: Any.Type) -> String {
    switch type {
    case is any FixedWidthInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "text"
    case is [Any].Type: "a list"
    case is [String: Any].Type: "a section"
    default: "of type \(type)"
    }
  }

  /// Dotted paths of the first level below each section, or of the value itself.
  static func leaves(of value: JSONValue, at path: [String] = []) -> [String] {
    guard case .object(let members) = value, path.count < 2 else {
      return [path.joined(separator: ".")]
    }
    return members.sorted { $0.key < $1.key }.flatMap { leaves(of: $0.value, at: path + [$0.key]) }
  }
}

extension JSONValue {
  /// The value at steps that are names in sections and indices in lists.
  fileprivate func member(at path: [String]) -> JSONValue? {
    var value = self
    for step in path {
      switch value {
      case .object(let members):
        guard let next = members[step] else { return nil }
        value = next
      case .array(let items):
        guard let index = Int(step), items.indices.contains(index) else { return nil }
        value = items[index]
      default: return nil
      }
    }
    return value
  }

  /// The value with each number replaced, by its path, in the order of the keys.
  fileprivate func replacingNumbers(
    at path: [String] = [], _ replacement: ([String], JSONValue) -> JSONValue
  ) -> JSONValue {
    switch self {
    case .int, .double: replacement(path, self)
    case .array(let items):
      .array(items.enumerated().map { $1.replacingNumbers(at: path + ["\($0)"], replacement) })
    case .object(let members):
      .object(
        members.sorted { $0.key < $1.key }.map {
          .init($0.key, $0.value.replacingNumbers(at: path + [$0.key], replacement))
        })
    default: self
    }
  }

  /// What an error says that a parameter is.
  fileprivate var words: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let value): "“\(value)”"
    case .array: "a list"
    case .object: "a section"
    }
  }
}
