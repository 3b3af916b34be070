// YAML text to values, with the line of every key for errors. Scalars are typed by YAML 1.2's core
// schema: `yes` and `12:30` are text here, not a truth value and a number of seconds.

import Basics
import Foundation
import Yams

/// A document read from YAML.
struct YAMLDocument: Sendable {
  var value: JSONValue
  /// Lines (from 1) by key path, the components joined by dots; items of lists count from 0.
  var lines: [String: Int]

  /// Reads one document; an empty text is a section without members.
  ///
  /// - Parameters:
  ///   - name: the file, for errors.
  ///   - firstLine: the file's line on which `text` begins, counted from 1.
  /// - Throws: `PipelineError` with file and line.
  init(_ text: String, name: String, firstLine: Int = 1) throws {
    var reader = YAMLReader(name: name, offset: firstLine - 1)
    do {
      guard let node = try Yams.compose(yaml: text, .basic) else {
        value = .object([])
        lines = [:]
        return
      }
      value = try reader.value(of: node, at: "")
      if value == .null { value = .object([]) }
    } catch let error as YamlError {
      throw reader.translate(error)
    }
    lines = reader.lines
  }
}

private struct YAMLReader {
  let name: String
  let offset: Int
  var lines: [String: Int] = [:]
  /// Values so far. An alias (`*name`) repeats what it stands for, aliases of aliases by powers.
  private var count = 0
  private static let most = 100_000

  init(name: String, offset: Int) {
    self.name = name
    self.offset = offset
  }

  mutating func value(of node: Node, at path: String) throws -> JSONValue {
    let line = (node.mark?.line ?? 1) + offset
    if lines[path] == nil { lines[path] = line }
    count += 1
    guard count <= Self.most else {
      throw PipelineError(
        "\(name):\(line): holds more than \(Self.most) values, with what aliases (*name) repeat; write fewer"
      )
    }
    switch node {
    case .scalar(let scalar):
      guard scalar.style == .plain, scalar.tag.description != "tag:yaml.org,2002:str" else {
        return .string(scalar.string)
      }
      let value = JSONValue(scalar: scalar.string)
      if case .double(let number) = value, !number.isFinite {
        throw PipelineError(
          "\(name):\(line): \(path): \(scalar.string) is no finite number; put text in quotation marks"
        )
      }
      return value
    case .sequence(let sequence):
      var values: [JSONValue] = []
      for (index, item) in sequence.enumerated() {
        values.append(try value(of: item, at: Self.join(path, String(index))))
      }
      return .array(values)
    case .mapping(let mapping):
      var members: [JSONValue.Member] = []
      var seen: [String: Int] = [:]
      for (key, item) in mapping {
        let line = (key.mark?.line ?? 1) + offset
        guard case .scalar(let scalar) = key else {
          throw PipelineError("\(name):\(line): a key should be a word, not a list or a section")
        }
        guard scalar.string != "<<" else {
          throw PipelineError(
            "\(name):\(line): merge keys (<<) are not understood; write the keys out")
        }
        if let first = seen.updateValue(line, forKey: scalar.string) {
          throw PipelineError(
            "\(name):\(line): the key “\(scalar.string)” appears twice (first in line \(first))")
        }
        let keyPath = Self.join(path, scalar.string)
        lines[keyPath] = line
        members.append(.init(scalar.string, try value(of: item, at: keyPath)))
      }
      return .object(members)
    case .alias(let alias):
      throw PipelineError("\(name):\(line): *\(alias.anchor.rawValue) names no anchor")
    }
  }

  static func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : "\(path).\(key)"
  }

  func translate(_ error: YamlError) -> PipelineError {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let around = context.map { " (\($0.text), from line \($0.mark.line + offset))" } ?? ""
      return PipelineError("\(name):\(mark.line + offset): not valid YAML: \(problem)\(around)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      return PipelineError(
        "\(name):\(context.mark.line + offset): the key “\(duplicates.joined(separator: "”, “"))” "
          + "appears twice in its section (first here)")
    default:
      return PipelineError("\(name): not valid YAML: \(error)")
    }
  }
}

extension JSONValue {
  /// A plain scalar's value by YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution).
  init(scalar text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .bool(true)
    case "false", "False", "FALSE": self = .bool(false)
    default: self = Self.number(text) ?? .string(text)
    }
  }

  private static func number(_ text: String) -> JSONValue? {
    if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16).map { .int($0) } }
    if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8).map { .int($0) } }
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    if [".inf", ".Inf", ".INF"].contains(digits) { return .double(.infinity) }
    if [".nan", ".NaN", ".NAN"].contains(text) { return .double(.nan) }
    guard digits.contains(where: { "0"..."9" ~= $0 }),
      digits.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) })
    else { return nil }
    if let whole = Int(text) { return .int(whole) }
    let padded = digits.hasPrefix(".") ? "0" + digits : String(digits)
    let complete = padded.hasSuffix(".") ? padded + "0" : padded
    return Double(complete).map { .double(text.first == "-" ? -$0 : $0) }
  }
}
