// The folders of Sources/Pipeline are floors: a file uses what its own folder and those below it declare, and
// nothing of those above. Read from the sources, so that an arrow up fails here.

import Foundation
import Testing

struct FloorsTests {
  /// From the ground up; docs/architecture.md says what each holds.
  static let floors = [
    "System", "Values", "Files", "Graph", "Code", "Project", "Staleness", "Runs", "Comparing",
    "Cache", "Programs", "Slurm", "Running", "Live", "Sweeps", "Verbs",
  ]

  @Test func noFileUsesAFloorAbove() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Pipeline").standardizedFileURL
    let manager = FileManager.default
    let folders = try manager.contentsOfDirectory(atPath: root.path).filter { !$0.hasPrefix(".") }
    #expect(Set(folders) == Set(Self.floors), "each folder is a floor, and each file is in one")
    let building = try Self.floors.map { floor in
      let folder = root.appendingPathComponent(floor)
      let files = try manager.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".swift") }.sorted()
      return try files.map { file in
        SourceFile(
          "\(floor)/\(file)",
          try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8))
      }
    }
    #expect(building.allSatisfy { !$0.isEmpty })
    #expect(arrowsUp(in: building) == [])
  }

  @Test(arguments: [
    ("let b: B? = nil", "struct B {}"),
    ("func f() { B.make() }", "final class B {}"),
    ("let text = \"a \\(B.name) c\"", "enum B {}"),
    ("func f() { helpful(1) }", "func helpful(_ n: Int) {}"),
    ("struct A {}\nfunc f(_ a: A) { a.climb() }", "extension A {\n  func climb() {}\n}"),
    ("struct A {}\nfunc f(_ a: A) { _ = a.height }", "extension A {\n  var height: Int { 3 }\n}"),
  ])
  func anArrowUpIsFound(low: String, high: String) {
    let building = [[SourceFile("Low/a", low)], [SourceFile("High/b", high)]]
    #expect(arrowsUp(in: building).count == 1)
  }

  @Test func anArrowDownIsNone() {
    let building = [
      [SourceFile("Low/b", "struct B {}")], [SourceFile("High/a", "let b: B? = nil")],
    ]
    #expect(arrowsUp(in: building) == [])
  }

  @Test(arguments: [
    "// B is above", "/* B /* and B */ B */", "let text = \"B\"", "let text = #\"B \\(B)\"#",
    "let text = \"\"\"\n  B \"B\" B\n  \"\"\"", "enum Inner { case B }",
    "func f(_ B: Int) -> Int { B }", "func f(B value: Int) {}",
  ])
  func whatIsNoUseIsNoArrow(low: String) {
    #expect(
      arrowsUp(in: [[SourceFile("Low/a", low)], [SourceFile("High/b", "struct B {}")]]) == [])
  }
}

/// Uses of a name that only a floor above declares, a line each.
private func arrowsUp(in building: [[SourceFile]]) -> [String] {
  var homes: [String: (floor: Int, file: String)] = [:]
  for (floor, files) in building.enumerated() {
    for file in files {
      for name in file.declared where homes[name] == nil { homes[name] = (floor, file.name) }
    }
  }
  // What a floor adds to a type of a floor below it is its own, too.
  for (floor, files) in building.enumerated() {
    for file in files {
      for (type, name) in file.added where homes[type].map({ $0.floor < floor }) ?? false {
        if homes[name] == nil { homes[name] = (floor, file.name) }
      }
    }
  }
  var arrows: [String] = []
  var introduced: Set<String> = []
  for (floor, files) in building.enumerated() {
    for file in files { introduced.formUnion(file.introduced) }
    for file in files {
      for name in file.used.subtracting(introduced).sorted() {
        guard let home = homes[name], home.floor > floor else { continue }
        arrows.append("\(file.name) uses \(name) of \(home.file)")
      }
    }
  }
  return arrows
}

/// The names in a file of Swift, without those in comments and texts; what a text interpolates counts.
private struct SourceFile {
  let name: String
  /// Types and functions that lie in no other type.
  private(set) var declared: Set<String> = []
  /// What extensions hold, with the type that they are added to.
  private(set) var added: [(type: String, name: String)] = []
  /// All that is declared anywhere, parameters and labels too.
  private(set) var introduced: Set<String> = []
  private(set) var used: Set<String> = []

  private static let types: Set<String> = [
    "struct", "class", "enum", "protocol", "actor", "typealias",
  ]
  private static let members: Set<String> = ["func", "var", "let", "case"]

  init(_ name: String, _ text: String) {
    self.name = name
    var scanner = Scanner(bytes: Array(text.utf8))
    scanner.scanCode(until: nil)
    var before = Scanner.Word(text: "", depth: 0, start: 0, end: 0)
    var extended: String?
    for word in scanner.words {
      defer { before = word }
      used.insert(word.text)
      if word.depth == 0, before.text != "extension" { extended = nil }
      if before.text == "extension" { extended = word.text }
      // `class func` and `class var` declare no type.
      let isMember = Self.members.contains(before.text)
      let isType = Self.types.contains(before.text) && !Self.members.contains(word.text)
      if word.depth == 0, isType || before.text == "func" { declared.insert(word.text) }
      if word.depth == 1, isType || isMember, let extended { added.append((extended, word.text)) }
      if isType || isMember || word.isLabel { introduced.insert(word.text) }
      // `write(json value: …)` has two names for its parameter.
      if word.isLabel, word.start == before.end + 1 { introduced.insert(before.text) }
    }
  }

  private struct Scanner {
    struct Word {
      var text: String
      /// Braces around it.
      var depth: Int
      /// Where it is.
      var start: Int
      var end: Int
      /// Whether a colon follows.
      var isLabel = false
    }

    let bytes: [UInt8]
    var position = 0
    var depth = 0
    var words: [Word] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    private func has(_ text: StaticString, at place: Int) -> Bool {
      let count = text.utf8CodeUnitCount
      guard place + count <= bytes.count else { return false }
      return (0..<count).allSatisfy { bytes[place + $0] == text.utf8Start[$0] }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...: true
      default: false
      }
    }

    /// Goes over code up to the parenthesis that closes an interpolation, or to the end.
    mutating func scanCode(until closing: UInt8?) {
      var parentheses = 0
      while position < bytes.count {
        let byte = bytes[position]
        if has("//", at: position) {
          while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        } else if has("/*", at: position) {
          skipComment()
        } else if byte == 0x22 || byte == 0x23, skipString() {
          continue
        } else if Self.isWord(byte) {
          takeWord()
        } else {
          if byte == closing, parentheses == 0 { return }
          switch byte {
          case 0x28: parentheses += 1
          case 0x29: parentheses -= 1
          case 0x7B: depth += 1
          case 0x7D: depth -= 1
          default: break
          }
          position += 1
        }
      }
    }

    private mutating func takeWord() {
      let start = position
      while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
      let isLabel = position < bytes.count && bytes[position] == 0x3A
      words.append(
        Word(
          text: String(decoding: bytes[start..<position], as: UTF8.self), depth: depth,
          start: start, end: position, isLabel: isLabel))
    }

    private mutating func skipComment() {
      var depth = 0
      repeat {
        if has("/*", at: position) {
          depth += 1
          position += 2
        } else if has("*/", at: position) {
          depth -= 1
          position += 2
        } else {
          position += 1
        }
      } while depth > 0 && position < bytes.count
    }

    /// Goes over a text with all that it interpolates; false where none begins here.
    private mutating func skipString() -> Bool {
      var hashes = 0
      while position + hashes < bytes.count, bytes[position + hashes] == 0x23 { hashes += 1 }
      guard position + hashes < bytes.count, bytes[position + hashes] == 0x22 else { return false }
      position += hashes
      let quotes = has("\"\"\"", at: position) ? 3 : 1
      position += quotes
      while position < bytes.count {
        if bytes[position] == 0x5C, isFollowed(byHashes: hashes, at: position + 1) {
          position += 1 + hashes
          if position < bytes.count, bytes[position] == 0x28 {
            position += 1
            scanCode(until: 0x29)
          }
          position += 1
        } else if quotes == 3 ? has("\"\"\"", at: position) : bytes[position] == 0x22,
          isFollowed(byHashes: hashes, at: position + quotes)
        {
          position += quotes + hashes
          return true
        } else {
          position += 1
        }
      }
      return true
    }

    private func isFollowed(byHashes count: Int, at place: Int) -> Bool {
      place + count <= bytes.count && bytes[place..<(place + count)].allSatisfy { $0 == 0x23 }
    }
  }
}
