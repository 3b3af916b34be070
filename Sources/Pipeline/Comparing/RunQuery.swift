// The expression of `work runs --where`: comparisons of columns, numbers and texts, joined by and, or, not
// and parentheses. It computes nothing else, so it can do no harm.
//
//     or         = and { "or" and }
//     and        = not { "and" not }
//     not        = "not" not | "(" or ")" | comparison
//     comparison = operand ("==" | "!=" | "<" | "<=" | ">" | ">=") operand
//     operand    = number | text in quotation marks | true | false | name | name in backticks

import Foundation

/// A parsed expression. A comparison with something that a run doesn't have never holds.
package struct RunQuery: Sendable {
  private indirect enum Node: Sendable {
    case or(Node, Node)
    case and(Node, Node)
    case not(Node)
    case comparison(Operand, Comparison, Operand)
  }

  private enum Operand: Sendable {
    case constant(RunValue)
    case column(RunColumn)
  }

  private enum Comparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  private let root: Node

  /// Parses an expression with the columns that a table has.
  ///
  /// - Throws: `PipelineError` that points at the column of the text where it goes wrong.
  package init(_ text: String, _ table: RunTable) throws {
    var parser = try Parser(text: text, table: table)
    root = try parser.expression()
  }

  /// Whether the expression holds of a run.
  package func holds(_ row: RunRow) -> Bool { Self.holds(root, row) }

  private static func holds(_ node: Node, _ row: RunRow) -> Bool {
    switch node {
    case .or(let a, let b): holds(a, row) || holds(b, row)
    case .and(let a, let b): holds(a, row) && holds(b, row)
    case .not(let a): !holds(a, row)
    case .comparison(let a, let comparison, let b):
      compare(value(a, row), comparison, value(b, row))
    }
  }

  private static func value(_ operand: Operand, _ row: RunRow) -> RunValue? {
    switch operand {
    case .constant(let value): value
    case .column(let column): RunTable.value(row, column)
    }
  }

  private static func compare(_ a: RunValue?, _ comparison: Comparison, _ b: RunValue?) -> Bool {
    switch (a, b) {
    case (.number(let a)?, .number(let b)?): return compare(a, comparison, b)
    case (.flag(let a)?, .flag(let b)?):
      return comparison == .equal ? a == b : comparison == .unequal && a != b
    case (.list(let list)?, .text(let text)?), (.text(let text)?, .list(let list)?):
      return comparison == .equal
        ? list.contains(text) : comparison == .unequal && !list.contains(text)
    case (nil, _), (_, nil): return false
    case (let a?, let b?): return compare(a.plainText, comparison, b.plainText)
    }
  }

  private static func compare<Value: Comparable>(
    _ a: Value, _ comparison: Comparison, _ b: Value
  ) -> Bool {
    switch comparison {
    case .equal: a == b
    case .unequal: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }

  // MARK: Parsing

  private struct Token {
    enum Kind: Equatable {
      case number(Double)
      case text(String)
      /// A bare word; `name` is one in backticks, which is no keyword.
      case word(String)
      case name(String)
      case symbol(String)
      case end
    }
    var kind: Kind
    /// From 1, in characters.
    var column: Int
  }

  private struct Parser {
    let text: String
    let table: RunTable
    private var tokens: [Token]
    private var next = 0
    private var depth = 0

    init(text: String, table: RunTable) throws {
      self.text = text
      self.table = table
      tokens = try Self.tokens(text)
    }

    private var token: Token { tokens[next] }

    mutating func expression() throws -> Node {
      let node = try or()
      guard token.kind == .end else {
        throw failure("there should be `and`, `or` or the end")
      }
      return node
    }

    private mutating func or() throws -> Node {
      var node = try and()
      while take(word: "or") || take(symbol: "||") { node = .or(node, try and()) }
      return node
    }

    private mutating func and() throws -> Node {
      var node = try not()
      while take(word: "and") || take(symbol: "&&") { node = .and(node, try not()) }
      return node
    }

    private mutating func not() throws -> Node {
      depth += 1
      defer { depth -= 1 }
      guard depth < 100 else { throw failure("this is nested too deeply") }
      if take(word: "not") || take(symbol: "!") { return .not(try not()) }
      guard take(symbol: "(") else { return try comparison() }
      let node = try or()
      guard take(symbol: ")") else { throw failure("there should be )") }
      return node
    }

    private mutating func comparison() throws -> Node {
      let left = try operand()
      guard case .symbol(let symbol) = token.kind,
        let comparison = Comparison(rawValue: symbol == "=" ? "==" : symbol)
      else { throw failure("there should be a comparison: ==, !=, <, <=, > or >=") }
      next += 1
      return .comparison(left, comparison, try operand())
    }

    private mutating func operand() throws -> Operand {
      let operand: Operand
      switch token.kind {
      case .number(let number): operand = .constant(.number(number))
      case .text(let text): operand = .constant(.text(text))
      case .word("true"): operand = .constant(.flag(true))
      case .word("false"): operand = .constant(.flag(false))
      case .word("and"), .word("or"), .word("not"), .symbol, .end:
        throw failure("there should be a name, a number or a text in quotation marks")
      case .word(let name), .name(let name):
        do { operand = .column(try table.column(name)) } catch let error as PipelineError {
          throw failure(error.description)
        }
      }
      next += 1
      return operand
    }

    private mutating func take(word: String) -> Bool { take(.word(word)) }
    private mutating func take(symbol: String) -> Bool { take(.symbol(symbol)) }
    private mutating func take(_ kind: Token.Kind) -> Bool {
      guard token.kind == kind else { return false }
      next += 1
      return true
    }

    private func failure(_ what: String) -> PipelineError {
      Self.failure(what, text, column: token.column)
    }

    private static func failure(_ what: String, _ text: String, column: Int) -> PipelineError {
      let line = String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
      return PipelineError(
        "--where: column \(column): \(what)\n  \(line)\n  \(String(repeating: " ", count: column - 1))^"
      )
    }

    private static func tokens(_ text: String) throws -> [Token] {
      let characters = Array(text)
      var tokens: [Token] = []
      var index = 0
      while index < characters.count {
        let first = characters[index]
        let start = index
        func add(_ kind: Token.Kind) { tokens.append(Token(kind: kind, column: start + 1)) }
        if first.isWhitespace {
          index += 1
        } else if "\"'`".contains(first) {
          guard let end = characters[(index + 1)...].firstIndex(of: first) else {
            throw failure("\(first) is never closed", text, column: start + 1)
          }
          let content = String(characters[(index + 1)..<end])
          add(first == "`" ? .name(content) : .text(content))
          index = end + 1
        } else if isWord(first) || first == "-" || first == "+" {
          index += 1
          while index < characters.count,
            isWord(characters[index]) || "+-".contains(characters[index])
          { index += 1 }
          let word = String(characters[start..<index])
          let number = first.isLetter ? nil : Double(word)
          add(number.map { .number($0) } ?? .word(word))
        } else {
          let two = String(characters[index..<min(index + 2, characters.count)])
          let symbol =
            ["==", "!=", "<=", ">=", "&&", "||"].contains(two) ? two : String(first)
          guard symbol.count == 2 || "<>=!()".contains(first) else {
            throw failure("“\(first)” means nothing here", text, column: start + 1)
          }
          add(.symbol(symbol))
          index += symbol.count
        }
      }
      tokens.append(Token(kind: .end, column: characters.count + 1))
      return tokens
    }

    private static func isWord(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || "_.@/,".contains(character)
    }
  }
}
