// Parameters into a stage's own types, with errors that name the key, what it holds and what is
// wanted.

package import Basics
import Foundation

/// Decodes one declared parameter or section.
///
/// A type may spell a key as params.yaml does (`weight_decay`) or as Swift does (`weightDecay`).
package struct ParameterDecoding {
  /// The dotted key that is decoded, as in "train".
  let key: String
  private var value: JSONValue
  /// Keys set on the command line, so that an error doesn't blame the file for them.
  private let overridden: [String]
  /// Where a key was turned into Swift's spelling, and how params.yaml spells it.
  private var respelt: [[String]: String] = [:]

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
      guard let unknown = unknownKey(in: value, known: try Self.encode(decoded), readBy: type)
      else { return decoded }
      if let again = respelling(unknown.path) { return try again.decode(type) }
      let near = Spelling.didYouMean(
        name(of: unknown.path), among: unknown.candidates.map(Self.snakeCase))
      throw failure(
        unknown.path, ": no such parameter" + (near.isEmpty ? "; misspelt?" : near))
    } catch let error as DecodingError {
      if case .keyNotFound(let missing, let context) = error,
        let again = respelling(
          Self.path(context) + [Self.snakeCase(missing.stringValue)], as: missing.stringValue)
      {
        return try again.decode(type)
      }
      throw failure(error, readBy: type)
    }
  }

  // MARK: Two spellings

  /// With one key in Swift's spelling; nil where there is no such key, or it has no other spelling.
  private func respelling(_ path: [String], as name: String? = nil) -> ParameterDecoding? {
    guard let last = path.last, respelt[path] == nil else { return nil }
    let name = name ?? Self.camelCase(last)
    guard name != last, let renamed = value.renaming(path[...], to: name) else { return nil }
    var again = self
    again.value = renamed
    again.respelt[path.dropLast() + [name]] = last
    return again
  }

  /// How params.yaml spells the last key of a path.
  private func name(of path: [String]) -> String { respelt[path] ?? path.last ?? key }

  private static func camelCase(_ name: String) -> String {
    let parts = name.split(separator: "_")
    guard parts.count > 1, !name.hasPrefix("_") else { return name }
    return String(parts[0])
      + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private static func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
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

  /// The first key, by name, that `known` (the decoded value, encoded again) lacks, and the keys that
  /// could be meant by it.
  ///
  /// - Parameter whole: puts a value in the place of `value` and gives the whole that results.
  private func unknownKey<Value: Codable>(
    in value: JSONValue, known: JSONValue, at path: [String] = [], readBy type: Value.Type,
    whole: @escaping (JSONValue) -> JSONValue = { $0 }
  ) -> (path: [String], candidates: [String])? {
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
          return (place, others.map(\.key).filter { members[$0] == nil })
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
    for (index, step) in path.enumerated() {
      let above = value.member(at: Array(path[..<index]))
      if case .array = above {
        name += "[\(step)]"
      } else {
        name += ".\(self.name(of: Array(path[...index])))"
      }
    }
    let commandLine = overridden.contains {
      name == $0 || name.hasPrefix($0 + ".") || name.hasPrefix($0 + "[")
    }
    return StageFailure("\(commandLine ? "-S" : "params.yaml:") \(name)\(what)", exit: .badInput)
  }

  private func failure<Value: Decodable>(_ error: DecodingError, readBy type: Value.Type)
    -> StageFailure
  {
    switch error {
    case .keyNotFound(let missing, let context):
      let path = Self.path(context)
      let missing = Self.snakeCase(missing.stringValue)
      var near: String?
      if case .object(let members) = value.member(at: path) {
        near = Spelling.nearest(to: missing, among: members.map(\.key))
      }
      return failure(
        path + [missing],
        " is missing" + (near.map { "; did you mean “\($0)”?" } ?? ""))
    case .typeMismatch(let wanted, let context), .valueNotFound(let wanted, let context):
      let path = Self.path(context)
      return failure(
        path,
        " is \(value.member(at: path)?.phrase ?? "null"), but should be \(Self.phrase(for: wanted))"
      )
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      guard let (path, number) = refusedNumber(type) else {
        return failure([], ": \(context.debugDescription)")
      }
      let wanted =
        if case .int = number { "which is out of range" } else { "but should be a whole number" }
      return failure(path, " is \(number.phrase), \(wanted)")
    case .dataCorrupted(let context):
      return failure(Self.path(context), ": \(context.debugDescription)")
    @unknown default:
      return failure([], ": \(error)")
    }
  }

  private static func path(_ context: DecodingError.Context) -> [String] {
    context.codingPath.dropFirst().map { $0.intValue.map(String.init) ?? $0.stringValue }
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

  private static func phrase(for type: Any.Type) -> String {
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

  /// The value with the last key of a path renamed; nil where the path leads to no key of an object.
  fileprivate func renaming(_ path: ArraySlice<String>, to name: String) -> JSONValue? {
    guard let step = path.first else { return nil }
    switch self {
    case .object(var members):
      guard let index = members.firstIndex(where: { $0.key == step }) else { return nil }
      if path.count == 1 {
        members[index].key = name
      } else {
        guard let inner = members[index].value.renaming(path.dropFirst(), to: name) else {
          return nil
        }
        members[index].value = inner
      }
      return .object(members)
    case .array(var items):
      guard let index = Int(step), items.indices.contains(index),
        let inner = items[index].renaming(path.dropFirst(), to: name)
      else { return nil }
      items[index] = inner
      return .array(items)
    default: return nil
    }
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
  fileprivate var phrase: String {
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
