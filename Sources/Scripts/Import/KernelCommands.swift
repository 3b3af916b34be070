// Commands of a notebook's kernel (`%matplotlib inline`, `!pip …`, `%%bash`, `x?`), which mean nothing in a
// script: they become comments.

import Foundation

enum KernelCommands {
  /// Commands for a whole cell whose body is code of the notebook's language all the same.
  private static let wrapping: Set<String> = [
    "capture", "debug", "memit", "prun", "snakeviz", "time", "timeit",
  ]

  /// A cell's code with comments where commands stood. Under a command for the whole cell that takes
  /// another language, or a file's text, all of the cell becomes comments.
  static func commented(_ source: String, _ language: ScriptLanguage) -> String {
    var lines = source.components(separatedBy: "\n")[...]
    var done: [String] = []
    while let first = lines.first {
      if !first.allSatisfy(\.isWhitespace) {
        guard first.hasPrefix("%%"), first.dropFirst(2).first?.isLetter == true else { break }
        let name = first.dropFirst(2).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard wrapping.contains(String(name)) else {
          return (done + lines.map { comment($0, language) }).joined(separator: "\n")
        }
      }
      done.append(comment(first, language))
      lines.removeFirst()
    }

    return (done + inPlace(Array(lines), language)).joined(separator: "\n")
  }

  /// Lines of code with comments where commands stood.
  private static func inPlace(_ lines: [String], _ language: ScriptLanguage) -> [String] {
    var done: [String] = []
    // The code that is left: what stands in a command opens no string and no bracket of it.
    var code = lines
    var starts = LineStart.all(of: code, language)
    var goesOn = false
    for (index, line) in lines.enumerated() {
      guard goesOn || (starts[index] == .statement && isCommand(line, language)) else {
        done.append(line)
        continue
      }
      done.append(inPlace(line, language, isFirst: !goesOn))
      // As IPython has it, a backslash takes the next line along.
      goesOn = line.hasSuffix("\\")
      code[index] = ""
      if !goesOn { starts = LineStart.all(of: code, language) }
    }
    return done
  }

  /// Whether a line at which a statement may begin is none.
  private static func isCommand(_ line: String, _ language: ScriptLanguage) -> Bool {
    let text = line.drop { $0 == " " || $0 == "\t" }
    guard language == .python else {
      let second = text.dropFirst().first
      return text.hasPrefix("%") && (second?.isLetter == true || second == "%")
    }
    // No statement of Python begins so, and none assigns something that does or ends in a question mark.
    return text.first.map { "%!?".contains($0) } == true
      || matches(text, #"^(\w|[., *]|\[[^\]]*\])+=\s*(!|%[A-Za-z])"#)
      || matches(text, #"^[A-Za-z_*][\w*.]*(\[-?\w+\][\w*.]*)*\?\??;?\s*$"#)
  }

  private static func matches(_ text: Substring, _ pattern: String) -> Bool {
    text.range(of: pattern, options: .regularExpression) != nil
  }

  /// A command as a comment; an indented one leaves its block a statement.
  private static func inPlace(
    _ line: String, _ language: ScriptLanguage, isFirst: Bool
  ) -> String {
    let indent = line.prefix { $0 == " " || $0 == "\t" }
    guard language == .python, isFirst, !indent.isEmpty else { return comment(line, language) }
    return "\(indent)pass  \(language.comment) \(line.dropFirst(indent.count))"
  }

  private static func comment(_ line: String, _ language: ScriptLanguage) -> String {
    guard !line.allSatisfy(\.isWhitespace) else { return line }
    let comment = "\(language.comment) \(line)"
    // A line that as a comment would begin a cell is commented twice.
    return PercentMark(comment, language) == nil ? comment : "\(language.comment) \(comment)"
  }
}
