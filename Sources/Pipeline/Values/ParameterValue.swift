// A value of params.yaml: scalars, lists and sections in their written order. The same tree carries
// what goes to stages as JSON and what the lock keeps.

/// A value as YAML's core schema types it. Whole numbers are kept apart from fractions.
public indirect enum ParameterValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case list([ParameterValue])
  case map([Member])

  /// A key of a section and what it holds.
  public struct Member: Sendable, Equatable {
    /// The key by itself, without the sections around it.
    public var key: String
    /// What the key holds.
    public var value: ParameterValue

    /// Makes a member.
    public init(_ key: String, _ value: ParameterValue) {
      self.key = key
      self.value = value
    }
  }

  /// A section's value by key, or nil where this is no section or has no such key.
  public subscript(key: String) -> ParameterValue? {
    guard case .map(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A section with a key set; anything else stays as it is.
  func setting(_ key: String, _ value: ParameterValue) -> ParameterValue {
    guard case .map(var members) = self else { return self }
    if let index = members.firstIndex(where: { $0.key == key }) {
      members[index].value = value
    } else {
      members.append(Member(key, value))
    }
    return .map(members)
  }

  /// What kind of value this is, for errors: "a whole number", "text", …
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .int: "a whole number"
    case .double: "a number"
    case .string: "text"
    case .list: "a list"
    case .map: "a section"
    }
  }

  /// The value in one line, as JSON with sorted keys: equal values, and only they, have equal text.
  public var canonical: String {
    switch self {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .int(let number): String(number)
    case .double(let number): "\(number)"
    case .string(let text): Self.quoted(text)
    case .list(let values): "[" + values.map(\.canonical).joined(separator: ", ") + "]"
    case .map(let members):
      "{"
        + members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\(Self.quoted($0.key)): \($0.value.canonical)" }.joined(separator: ", ") + "}"
    }
  }

  /// The value as a person would write it: text without quotation marks.
  public var words: String {
    if case .string(let text) = self, !text.isEmpty { return text }
    return canonical
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension ParameterValue: Codable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Decodes any value; a section's members come sorted by key.
  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Key.self) {
      self = .map(
        try container.allKeys.sorted { $0.stringValue < $1.stringValue }
          .map { Member($0.stringValue, try container.decode(Self.self, forKey: $0)) })
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else {
      self = .list(try container.decode([Self].self))
    }
  }

  /// Encodes the value as what it is in JSON.
  public func encode(to encoder: any Encoder) throws {
    if case .map(let members) = self {
      var container = encoder.container(keyedBy: Key.self)
      for member in members {
        try container.encode(member.value, forKey: Key(stringValue: member.key))
      }
      return
    }
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .map: break
    }
  }
}
