// A stage's header with parameters and items filled in: one instance for each combination of items.

public import Basics

/// One run of a stage: the stage itself, or its part for one item of each `foreach` axis.
public struct Instance: Sendable, Equatable {
  /// "train@0", or "train" for a stage without `foreach`.
  public let name: String
  /// The stage's name, which is its script's without the ending.
  public let stage: String
  /// The script's path, relative to the code root.
  public let script: String
  /// The header's `desc`.
  public let summary: String
  /// The item of each axis, in the header's order.
  public let item: [JSONValue.Member]
  /// Declared inputs, relative to the workspace.
  public internal(set) var inputs: [String]
  /// Further ones that count only where another stage makes them.
  var optionalInputs: [String] = []
  /// Declared parameter keys.
  public let parameters: [String]
  /// Declared outputs, relative to the workspace.
  public let outputs: [String]
  /// Declared outputs, or files in them, of which every run keeps a copy in its folder.
  public let kept: [String]
  /// Names and patterns of environment variables with credentials that it asks for.
  let secrets: [String]
  /// Whether the header keeps it from running.
  public let isFrozen: Bool
  let language: Declaration.Language
}

/// The script that a stage's program is made of.
struct StageScript: Sendable {
  var stage: String
  /// The script's path, relative to the code root.
  var path: String
  var language: Declaration.Language
}

extension Instance {
  /// What its program is made of.
  var source: StageScript { StageScript(stage: stage, path: script, language: language) }
}

extension Declaration {
  /// What the stage's program is made of.
  var source: StageScript {
    StageScript(stage: stage, path: "stages/\(file)", language: language)
  }

  /// All instances, the first axis varying slowest.
  ///
  /// - Throws: `PipelineError` with file and line: an unknown parameter, an axis that is no list, a path
  ///   that leaves the workspace.
  func instances(_ parameters: Parameters) throws -> [Instance] {
    guard try isThere(parameters) else { return [] }
    let keys = try parameterKeys(parameters)
    var items: [[JSONValue.Member]] = [[]]
    for axis in axes {
      let values = try values(of: axis, parameters)
      guard items.count * values.count <= Self.mostInstances else {
        throw PipelineError(
          "stages/\(file):\(axis.line): foreach makes \(items.count * values.count) instances with \(axis.name); at "
            + "most \(Self.mostInstances) are allowed")
      }
      items = items.flatMap { item in values.map { item + [.init(axis.name, $0)] } }
    }
    // Of paths that end with ?, as `data/students?`; `${key?}` is another matter.
    let optional = dependencies.filter { $0.text.hasSuffix("?") }
      .map { Entry(text: String($0.text.dropLast()), line: $0.line) }
    let dependencies = dependencies.filter { !$0.text.hasSuffix("?") }
    return try items.map { item in
      let suffix = item.map(\.value.plainText).joined(separator: ",")
      return Instance(
        name: suffix.isEmpty ? stage : "\(stage)@\(suffix)", stage: stage, script: "stages/\(file)",
        summary: summary, item: item,
        inputs: try paths(dependencies, "deps", item, parameters),
        optionalInputs: try paths(optional, "deps", item, parameters), parameters: keys,
        outputs: try outputPaths(item, parameters), kept: try keptPaths(item, parameters),
        secrets: secrets.map(\.text), isFrozen: isFrozen, language: language)
    }
  }

  /// Of a stage: each is planned, run and recorded by itself.
  private static let mostInstances = 10_000

  /// Whether the parameter that `when` names is neither null nor false.
  func isThere(_ parameters: Parameters) throws -> Bool {
    guard let condition else { return true }
    let (key, isOptional) = Self.optional(condition.text)
    switch parameters[key] {
    case .null, .bool(false): return false
    case nil where isOptional: return false
    case nil:
      throw PipelineError(
        "stages/\(file):\(condition.line): when: no parameter “\(key)” in \(parameters.name)"
          + Spelling.didYouMean(key, among: parameters.keys))
    default: return true
    }
  }

  private func parameterKeys(_ parameters: Parameters) throws -> [String] {
    var keys: [String] = []
    for entry in self.parameters {
      let (key, isOptional) = Self.optional(entry.text)
      guard parameters[key] != nil else {
        if isOptional { continue }
        throw PipelineError(
          "stages/\(file):\(entry.line): no parameter “\(key)” in \(parameters.name)"
            + Spelling.didYouMean(key, among: parameters.keys))
      }
      guard key != Parameters.runtimeKey, !key.hasPrefix(Parameters.runtimeKey + ".") else {
        throw PipelineError(
          "stages/\(file):\(entry.line): every stage gets the runtime parameters, and they are no "
            + "reason to run again; leave \(key) out of `params`")
      }
      if !keys.contains(key) { keys.append(key) }
    }
    return keys.sorted()
  }

  /// A key without the `?` behind it that says that params.yaml may lack it.
  static func optional(_ key: String) -> (key: String, isOptional: Bool) {
    key.hasSuffix("?") ? (String(key.dropLast()), true) : (key, false)
  }

  private func values(of axis: Axis, _ parameters: Parameters) throws -> [JSONValue] {
    let location = "stages/\(file):\(axis.line)"
    var source = axis.source
    if case .string(let key) = source {
      guard let value = parameters[key] else {
        throw PipelineError(
          "\(location): foreach \(axis.name): no parameter “\(key)” in \(parameters.name)"
            + Spelling.didYouMean(key, among: parameters.keys))
      }
      source = value
    }
    let values: [JSONValue]
    switch source {
    case .int(let count) where count > 10_000:
      throw PipelineError(
        "\(location): foreach \(axis.name) should run over 10000 items at most, but is \(count)")
    case .int(let count) where (0...10_000).contains(count): values = (0..<count).map { .int($0) }
    case .array(let list): values = list
    default:
      throw PipelineError(
        "\(location): foreach \(axis.name) should run over a whole number (0 to n - 1) or a list, but is "
          + source.plainText)
    }
    guard !values.isEmpty else {
      throw PipelineError(
        "\(location): foreach \(axis.name) runs over nothing; give it at least one item")
    }
    var seen: Set<String> = []
    for value in values {
      let word: String? =
        switch value {
        case .int, .string: value.plainText
        default: nil
        }
      guard let word, !word.isEmpty, word.utf8.count <= 80,
        word.utf8.allSatisfy({ Self.isItemByte($0) }), !word.hasPrefix(".")
      else {
        throw PipelineError(
          "\(location): foreach \(axis.name): \(value.plainText) can't be an item: use whole numbers, or words of "
            + "letters, digits, -, _ and .")
      }
      guard seen.insert(word).inserted else {
        throw PipelineError("\(location): foreach \(axis.name): the item \(word) appears twice")
      }
    }
    return values
  }

  private static func isItemByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  private func outputPaths(
    _ item: [JSONValue.Member], _ parameters: Parameters
  ) throws -> [String] {
    let paths = try paths(outputs, "outs", item, parameters)
    for (path, entry) in zip(paths, outputs) {
      if let refusal = RelativePath.refusal(ofOutput: path) {
        throw PipelineError("stages/\(file):\(entry.line): outs: \(path): \(refusal)")
      }
    }
    return paths
  }

  private func keptPaths(
    _ item: [JSONValue.Member], _ parameters: Parameters
  ) throws -> [String] {
    let outputs = try paths(outputs, "outs", item, parameters)
    return try paths(kept, "keep", item, parameters).map { path in
      guard outputs.contains(where: { $0 == path || path.lies(inFolder: $0) }) else {
        throw PipelineError(
          "stages/\(file):\(kept.first?.line ?? 1): keep: \(path) is not a declared output and lies "
            + "in none (there are: \(outputs.joined(separator: ", ")))")
      }
      return path
    }
  }

  private func paths(
    _ entries: [Entry], _ key: String, _ item: [JSONValue.Member], _ parameters: Parameters
  ) throws -> [String] {
    var result: [String] = []
    for entry in entries {
      let location = "stages/\(file):\(entry.line)"
      guard let text = try Template(entry.text, location: location).filled(item, parameters) else {
        continue
      }
      guard let path = RelativePath.normalized(text) else {
        throw PipelineError("\(location): \(key): \(text) is not a path below the workspace")
      }
      guard !result.contains(path) else {
        throw PipelineError("\(location): \(key): \(path) appears twice")
      }
      result.append(path)
    }
    return result
  }
}

/// A text with `${key}` in it.
struct Template {
  private enum Part {
    case text(String)
    case key(String)
  }
  private var parts: [Part] = []
  private let location: String

  init(_ text: String, location: String) throws {
    self.location = location
    var rest = text[...]
    while let range = rest.firstRange(of: "${") {
      if range.lowerBound > rest.startIndex {
        parts.append(.text(String(rest[..<range.lowerBound])))
      }
      guard let end = rest[range.upperBound...].firstIndex(of: "}") else {
        throw PipelineError("\(location): “\(text)”: ${ is never closed by }")
      }
      parts.append(.key(rest[range.upperBound..<end].trimmingSpaces))
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
  }

  /// The text with values filled in; nil where it is exactly one key whose value is null.
  func filled(_ item: [JSONValue.Member], _ parameters: Parameters) throws -> String? {
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .key(let key):
        let (key, isOptional) = Declaration.optional(key)
        guard
          let value = item.first(where: { $0.key == key })?.value ?? parameters[key]
            ?? (isOptional ? .null : nil)
        else {
          throw PipelineError(
            "\(location): ${\(key)}: neither a parameter nor an axis of `foreach`"
              + Spelling.didYouMean(key, among: parameters.keys + item.map(\.key)))
        }
        switch value {
        case .null where parts.count == 1: return nil
        case .int, .double, .bool, .string: result += value.plainText
        default:
          throw PipelineError(
            "\(location): ${\(key)} is \(value.kind), which can't stand in a path (\(value.plainText))"
          )
        }
      }
    }
    return result
  }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
