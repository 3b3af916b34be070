// The header of a stage script: YAML in its first comment block, between two lines of `---`.

import Basics
import Foundation
import Scripts

/// What a script declares of itself, before parameters and items are filled in.
struct Declaration: Sendable {
  /// A text of the header with its line in the script, for errors.
  struct Entry: Sendable {
    var text: String
    var line: Int
  }

  /// An axis of `foreach`: its name and what it runs over.
  struct Axis: Sendable {
    var name: String
    var source: JSONValue
    var line: Int
  }

  /// How the script becomes a process.
  enum Language: Sendable, Equatable {
    /// Compiled by SwiftPM; the product is named as the stage.
    case swift
    /// Run by the interpreter that its `#!` line names.
    case script(interpreter: [String])
  }

  var stage: String
  /// The script's file name below `stages`.
  var file: String
  var language: Language
  var summary = ""
  var dependencies: [Entry] = []
  var parameters: [Entry] = []
  var outputs: [Entry] = []
  var kept: [Entry] = []
  var axes: [Axis] = []
  /// A parameter without which there is no such stage; nil: there always is.
  var condition: Entry?
  /// Names and patterns of environment variables with credentials.
  var secrets: [Entry] = []
  var isFrozen = false

  /// Reads a script's header.
  ///
  /// - Parameters:
  ///   - file: the script's file name below `stages`.
  /// - Throws: `PipelineError` with file and line.
  init(file: String, text: String) throws {
    let location = "stages/\(file)"
    let header = try Header(text, location: location, isSwift: file.hasSuffix(".swift"))
    self.file = file
    language = header.interpreter.map { .script(interpreter: $0) } ?? .swift
    stage = file.hasPrefix(".") ? file : String(file.prefix { $0 != "." })
    guard Self.isName(stage) else {
      throw PipelineError(
        "\(location): “\(stage)” can't name a stage: use letters, digits, - and _, and not `all`")
    }

    let document = try YAMLDocument(header.yaml, name: location, firstLine: header.firstLine)
    guard case .object(let members) = document.value else {
      throw PipelineError(
        "\(location):\(header.firstLine): the header should hold `key: value` lines")
    }
    func line(_ key: String) -> Int { document.lines[key] ?? header.firstLine }
    for member in members {
      let key = member.key
      switch key {
      case "desc":
        guard case .string(let text) = member.value else {
          throw Self.wrong(location, line(key), key, "a line of text", member.value)
        }
        summary = text
      case "frozen":
        guard case .bool(let flag) = member.value else {
          throw Self.wrong(location, line(key), key, "true or false", member.value)
        }
        isFrozen = flag
      case "deps": dependencies = try Self.entries(member.value, key, location, line)
      case "params": parameters = try Self.entries(member.value, key, location, line)
      case "outs": outputs = try Self.entries(member.value, key, location, line)
      case "secrets": secrets = try Self.entries(member.value, key, location, line)
      case "keep": kept = try Self.entries(member.value, key, location, line)
      case "when":
        guard case .string(let text) = member.value, !text.isEmpty else {
          throw Self.wrong(
            location, line(key), key, "a key of params.yaml, as in when: pseudo", member.value)
        }
        condition = Entry(text: text, line: line(key))
      case "foreach":
        guard case .object(let axes) = member.value, (1...2).contains(axes.count) else {
          throw Self.wrong(
            location, line(key), key, "one or two axes, as in {fold: folds.count}", member.value)
        }
        self.axes = axes.map {
          Axis(name: $0.key, source: $0.value, line: line("foreach.\($0.key)"))
        }
      default:
        throw PipelineError(
          "\(location):\(line(key)): “\(key)” is no key of a header"
            + Spelling.didYouMean(key, among: ScriptHeader.keys)
            + " (there are: \(ScriptHeader.keys.joined(separator: ", ")))")
      }
    }
  }

  /// Whether a stage may be called so.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(isNameByte) && text != "all"
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
    default: false
    }
  }

  private static func entries(
    _ value: JSONValue, _ key: String, _ location: String, _ line: (String) -> Int
  ) throws -> [Entry] {
    switch value {
    case .null: return []
    case .string(let text): return [Entry(text: text, line: line(key))]
    case .array(let values):
      return try values.enumerated().map { index, value in
        guard case .string(let text) = value else {
          throw wrong(location, line("\(key).\(index)"), key, "a list of texts", value)
        }
        return Entry(text: text, line: line("\(key).\(index)"))
      }
    default: throw wrong(location, line(key), key, "a list", value)
    }
  }

  private static func wrong(
    _ location: String, _ line: Int, _ key: String, _ wanted: String, _ value: JSONValue
  ) -> PipelineError {
    PipelineError(
      "\(location):\(line): \(key) should be \(wanted), but has \(value.kind) (\(value.plainText))")
  }
}

/// The comment block, found and stripped of its comment marks, and the interpreter that a script names.
private struct Header {
  var yaml: String
  /// The line, from 1, on which `yaml` begins.
  var firstLine: Int
  var interpreter: [String]?

  init(_ text: String, location: String, isSwift: Bool) throws {
    let lines = ScriptHeader.lines(of: text)
    if !isSwift { interpreter = try Self.interpreter(lines.first ?? "", location: location) }
    do {
      let header = try ScriptHeader(lines, isSwift ? .swift : .python)
      yaml = header.yaml.joined(separator: "\n")
      firstLine = header.firstLine
    } catch {
      let mark = isSwift ? "//" : "#"
      switch error {
      case .missing(let line):
        throw PipelineError(
          "\(location):\(line): no header: the script should begin with `\(mark) ---`, a "
            + "comment block with desc, deps, params and outs, and `\(mark) ---`")
      case .unclosed(let line):
        throw PipelineError(
          "\(location):\(line): the header that begins here is never closed by `\(mark) ---`")
      }
    }
  }

  /// What the script's first line names, as the kernel reads it: all that follows the program is one argument.
  private static func interpreter(_ line: Substring, location: String) throws -> [String] {
    guard line.hasPrefix("#!") else {
      throw PipelineError(
        "\(location):1: a stage in another language than Swift begins with a #! line that names its "
          + "interpreter, as in #!/usr/bin/env python3")
    }
    let words = line.dropFirst(2).split { $0 == " " || $0 == "\t" || $0 == "\r" }
    guard let program = words.first else {
      throw PipelineError("\(location):1: #! names no interpreter")
    }
    let rest = words.dropFirst().joined(separator: " ")
    return rest.isEmpty ? [String(program)] : [String(program), rest]
  }
}
