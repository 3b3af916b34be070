// params.yaml: every tunable of every stage, with overrides from the command line.

public import Basics
public import Foundation

/// The parameters of a workspace.
public struct Parameters: Sendable {
  /// The whole of params.yaml with overrides applied.
  public private(set) var root: JSONValue
  /// Keys that were overridden, sorted.
  public private(set) var overridden: [String] = []
  /// What the preset set, in its order; nil where none was chosen.
  public private(set) var preset: Preset?
  /// The file's name, for errors.
  public let name: String
  private let lines: [String: Int]

  /// A file of overrides that the key `preset` names.
  public struct Preset: Sendable, Equatable {
    /// Its name, such as "best".
    public var name: String
    /// Keys and values that it set to something else than params.yaml has.
    public var values: [JSONValue.Member]
  }

  /// The key that names a preset, or is null.
  static let presetKey = "preset"

  /// Runtime parameters: recorded with a run, given to every stage, in no fingerprint.
  static let runtimeKey = "runtime"

  /// Reads params.yaml.
  ///
  /// - Throws: `PipelineError` with file and line: not readable, not YAML, a key given twice.
  public init(contentsOf url: URL) throws {
    let text: String
    do { text = try String(contentsOf: url, encoding: .utf8) } catch {
      throw PipelineError("\(url.path): can't be read (\(systemReason(error)))")
    }
    try self.init(yaml: text, name: url.lastPathComponent)
  }

  /// Reads parameters from text; `name` is for errors.
  public init(yaml: String, name: String = "params.yaml") throws {
    let document = try YAMLDocument(yaml, name: name)
    guard case .object = document.value else {
      throw PipelineError(
        "\(name): should hold sections and keys, but holds \(document.value.kind)")
    }
    root = document.value
    lines = document.lines
    self.name = name
  }

  /// The value at a dotted key such as "train.epochs", or nil where there is none. A key that itself
  /// holds dots (`unzip.location.train.zip`) is found, too.
  public subscript(key: String) -> JSONValue? {
    guard let path = path(of: key) else { return nil }
    return path.reduce(root) { $0[$1] ?? .null }
  }

  /// Where a key's value comes from, for errors: "params.yaml:12: train.keep", "preset best: train.keep" or
  /// "-S train.keep".
  public func origin(of key: String) -> String {
    if overridden.contains(key) { return "-S \(key)" }
    if let preset, preset.values.contains(where: { $0.key == key }) {
      return "preset \(preset.name): \(key)"
    }
    return "\(location(of: key)): \(key)"
  }

  /// "params.yaml:12", for errors about a key.
  func location(of key: String) -> String {
    lines[key].map { "\(name):\($0)" } ?? name
  }

  /// All keys, of sections and of values, dotted.
  var keys: [String] { Self.keys(of: root, at: "") }

  private static func keys(of value: JSONValue, at path: String) -> [String] {
    guard case .object(let members) = value else { return [] }
    return members.flatMap { member in
      let key = path.isEmpty ? member.key : "\(path).\(member.key)"
      return [key] + keys(of: member.value, at: key)
    }
  }

  private func path(of key: String) -> [String]? {
    func search(_ words: ArraySlice<Substring>, in value: JSONValue) -> [String]? {
      if words.isEmpty { return [] }
      for count in 1...words.count {
        let candidate = words.prefix(count).joined(separator: ".")
        if let next = value[candidate], let rest = search(words.dropFirst(count), in: next) {
          return [candidate] + rest
        }
      }
      return nil
    }
    return search(key.split(separator: ".", omittingEmptySubsequences: false)[...], in: root)
  }

  // MARK: Overrides

  /// Applies `key=value` as given to `-S`; the value is YAML.
  ///
  /// - Throws: `PipelineError` for a key that params.yaml doesn't have, or a value of another type.
  public mutating func override(_ assignment: String) throws {
    guard let sign = assignment.firstIndex(of: "=") else {
      throw PipelineError("-S \(assignment): should be key=value, as in -S train.epochs=5")
    }
    let key = assignment[..<sign].trimmingCharacters(in: .whitespaces)
    let text = String(assignment[assignment.index(after: sign)...])
    guard let path = path(of: key), !key.isEmpty else {
      throw PipelineError(
        "-S \(key): no such parameter in \(name)" + Spelling.didYouMean(key, among: keys))
    }
    let old = self[key] ?? .null
    guard let new = (try? YAMLDocument("value: " + text, name: ""))?.value["value"] else {
      throw PipelineError("-S \(key): not valid YAML: \(text)")
    }
    let value = try Self.converted(new, like: old, key: key, location: location(of: key))
    root = Self.replacing(path[...], in: root, by: value)
    if !overridden.contains(key) { overridden = (overridden + [key]).sorted() }
  }

  /// Applies a preset: each value in it takes the place of the one in params.yaml. Overrides come after it.
  ///
  /// - Parameter file: YAML with sections and keys as in params.yaml.
  /// - Throws: `PipelineError` naming file and line of a key that params.yaml doesn't have, or a value of
  ///   another type.
  mutating func apply(preset name: String, contentsOf file: URL) throws {
    let document = try Parameters(contentsOf: file)
    var values: [JSONValue.Member] = []
    func walk(_ value: JSONValue, at key: String) throws {
      let place = document.location(of: key)
      guard key.isEmpty || path(of: key) != nil else {
        throw PipelineError(
          "\(place): no such parameter in \(self.name)" + Spelling.didYouMean(key, among: keys))
      }
      let old = key.isEmpty ? root : self[key] ?? .null
      if case .object(let members) = value, case .object = old {
        for member in members {
          try walk(member.value, at: key.isEmpty ? member.key : "\(key).\(member.key)")
        }
        return
      }
      let new: JSONValue
      do { new = try Self.converted(value, like: old, key: key, location: location(of: key)) } catch
      {
        throw PipelineError(
          "\(place): \(key): is \(value.kind), but should be \(old.kind), as in \(location(of: key))"
        )
      }
      guard new != old else { return }
      values.append(.init(key, new))
      root = Self.replacing((path(of: key) ?? [])[...], in: root, by: new)
    }
    try walk(document.root, at: "")
    preset = Preset(name: name, values: values)
  }

  private static func replacing(
    _ path: ArraySlice<String>, in value: JSONValue, by new: JSONValue
  ) -> JSONValue {
    guard let first = path.first, case .object(var members) = value,
      let index = members.firstIndex(where: { $0.key == first })
    else { return new }
    members[index].value = replacing(path.dropFirst(), in: members[index].value, by: new)
    return .object(members)
  }

  private static func converted(
    _ new: JSONValue, like old: JSONValue, key: String, location: String
  ) throws -> JSONValue {
    switch (old, new) {
    case (.object(let members), _):
      let example = members.first.map { ", as in -S \(key).\($0.key)=…" } ?? ""
      throw PipelineError("-S \(key): is a section; override one of its keys\(example)")
    case (.double, .int(let number)): return .double(Double(number))
    case (.null, _), (_, .null), (.int, .int), (.int, .double), (.double, .double), (.bool, .bool),
      (.string, .string), (.array, .array):
      return new
    case (.string, .int), (.string, .double), (.string, .bool):
      return .string(new.plainText)
    default:
      throw PipelineError(
        "-S \(key)=\(new.plainText): is \(new.kind), but should be \(old.kind), as \(old.plainText) is in \(location)"
      )
    }
  }
}
