// The header of a stage script: YAML in its first comment block, between two lines of `---`.

import Basics
import Foundation

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
  var isFrozen = false

  static let keys = ["desc", "deps", "params", "outs", "keep", "foreach", "frozen"]

  /// Reads a script's header.
  ///
  /// - Parameters:
  ///   - file: the script's file name below `stages`.
  /// - Throws: `PipelineError` with file and line.
  init(file: String, text: String) throws {
    let place = "stages/\(file)"
    let header = try Header(text, place: place, isSwift: file.hasSuffix(".swift"))
    self.file = file
    language = header.interpreter.map { .script(interpreter: $0) } ?? .swift
    stage = file.hasPrefix(".") ? file : String(file.prefix { $0 != "." })
    guard Self.isName(stage) else {
      throw PipelineError(
        "\(place): “\(stage)” is no name for a stage: letters, digits, - and _ are; not `all`")
    }

    let document = try YAMLDocument(header.yaml, name: place, firstLine: header.firstLine)
    guard case .object(let members) = document.value else {
      throw PipelineError("\(place):\(header.firstLine): the header should hold `key: value` lines")
    }
    func line(_ key: String) -> Int { document.lines[key] ?? header.firstLine }
    for member in members {
      let key = member.key
      switch key {
      case "desc":
        guard case .string(let text) = member.value else {
          throw Self.wrong(place, line(key), key, "a line of text", member.value)
        }
        summary = text
      case "frozen":
        guard case .bool(let flag) = member.value else {
          throw Self.wrong(place, line(key), key, "true or false", member.value)
        }
        isFrozen = flag
      case "deps": dependencies = try Self.entries(member.value, key, place, line)
      case "params": parameters = try Self.entries(member.value, key, place, line)
      case "outs": outputs = try Self.entries(member.value, key, place, line)
      case "keep": kept = try Self.entries(member.value, key, place, line)
      case "foreach":
        guard case .object(let axes) = member.value, (1...2).contains(axes.count) else {
          throw Self.wrong(
            place, line(key), key, "one or two axes, as in {fold: folds.count}", member.value)
        }
        self.axes = axes.map {
          Axis(name: $0.key, source: $0.value, line: line("foreach.\($0.key)"))
        }
      default:
        throw PipelineError(
          "\(place):\(line(key)): “\(key)” is no key of a header"
            + Spelling.didYouMean(key, among: Self.keys)
            + " (there are: \(Self.keys.joined(separator: ", ")))")
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
    _ value: JSONValue, _ key: String, _ place: String, _ line: (String) -> Int
  ) throws -> [Entry] {
    switch value {
    case .null: return []
    case .string(let text): return [Entry(text: text, line: line(key))]
    case .array(let values):
      return try values.enumerated().map { index, value in
        guard case .string(let text) = value else {
          throw wrong(place, line("\(key).\(index)"), key, "a list of texts", value)
        }
        return Entry(text: text, line: line("\(key).\(index)"))
      }
    default: throw wrong(place, line(key), key, "a list", value)
    }
  }

  private static func wrong(
    _ place: String, _ line: Int, _ key: String, _ wanted: String, _ value: JSONValue
  ) -> PipelineError {
    PipelineError(
      "\(place):\(line): \(key) should be \(wanted), but has \(value.kind) (\(value.words))")
  }
}

/// The comment block, found and stripped of its comment marks.
private struct Header {
  var yaml = ""
  /// The line, from 1, on which `yaml` begins.
  var firstLine = 1
  var interpreter: [String]?

  init(_ text: String, place: String, isSwift: Bool) throws {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    if let first = lines.first, first.hasPrefix("#!") {
      let words = first.dropFirst(2).split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }
      )
      if !isSwift {
        guard let program = words.first else {
          throw PipelineError("\(place):1: #! names no interpreter")
        }
        // As the kernel does it: all that follows the program is one argument.
        let rest = words.dropFirst().joined(separator: " ")
        interpreter = rest.isEmpty ? [String(program)] : [String(program), rest]
      }
      lines = lines.dropFirst()
    }
    if !isSwift, interpreter == nil {
      throw PipelineError(
        "\(place):1: a stage in another language than Swift begins with a #! line that names its "
          + "interpreter, as in #!/usr/bin/env python3")
    }
    let mark = isSwift ? "//" : "#"
    func content(_ line: Substring) -> String? {
      guard line.hasPrefix(mark) else { return nil }
      let rest = line.dropFirst(mark.count)
      return String(rest.hasPrefix(" ") ? rest.dropFirst() : rest).trimmedEnd
    }
    while let line = lines.first, line.allSatisfy(\.isWhitespace) { lines = lines.dropFirst() }
    guard let opening = lines.first, content(opening) == "---" else {
      throw PipelineError(
        "\(place):\(lines.startIndex + 1): no header: the script should begin with `\(mark) ---`, a "
          + "comment block with desc, deps, params and outs, and `\(mark) ---`")
    }
    let opened = lines.startIndex + 1
    lines = lines.dropFirst()
    firstLine = lines.startIndex + 1
    var collected: [String] = []
    while let line = lines.first {
      guard let text = content(line) else { break }
      lines = lines.dropFirst()
      if text == "---" {
        yaml = collected.joined(separator: "\n")
        return
      }
      collected.append(text)
    }
    throw PipelineError(
      "\(place):\(opened): the header that begins here is never closed by `\(mark) ---`")
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
