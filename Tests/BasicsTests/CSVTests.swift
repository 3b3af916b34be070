// Tables as competitions ship them: quoting, line ends, damage, and back through a file.

import Foundation
import TestSupport
import Testing
import Basics

@Suite struct CSVTests {
  func read(_ text: String) throws -> CSV { try CSV(Data(text.utf8), name: "t.csv") }

  func failure(_ data: Data) throws -> String {
    let error = try #require(throws: InputError.self) { try CSV(data, name: "t.csv") }
    #expect(error.exit == .badInput)
    return error.description
  }

  @Test func fieldsAreQuotedByRFC4180() throws {
    let table = try read("a,b\n\"x, \"\"y\"\"\",\"\"\n,\"two\nlines\"\n")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [["x, \"y\"", ""], ["", "two\nlines"]])
  }

  @Test(arguments: ["\n", "\r\n", "\r"], [true, false])
  func anyLineEnd(_ end: String, last: Bool) throws {
    let table = try read(["id,z", "a,1", "b,2"].joined(separator: end) + (last ? end : ""))
    #expect(table.rows == [["a", "1"], ["b", "2"]])
    #expect(table.lines == [2, 3])
  }

  @Test func byteOrderMarkIsNoPartOfTheFirstColumn() throws {
    let table = try CSV(Data([0xEF, 0xBB, 0xBF]) + Data("id,z\na,1\n".utf8), name: "t.csv")
    #expect(try table.column("id") == ["a"])
    // … and a quoted one stays quoted.
    #expect(try read("\u{FEFF}\"i,d\",z\n").columns == ["i,d", "z"])
    // … and may come behind an empty line.
    #expect(try read("\n\u{FEFF}id,z\na,1\n").columns == ["id", "z"])
  }

  @Test(arguments: [
    ("id;z\na;1\n", "semicolons stand between its fields"), ("id\tz\n", "tabs stand"),
    (",z\n0,1\n", "one without a name, as of an index of pandas"),
  ])
  func whyAColumnIsMissingIsTold(_ text: String, _ words: String) throws {
    let error = #expect(throws: InputError.self) { try read(text).column("id") }
    #expect(error?.description.contains(words) == true, "\(error as Any)")
  }

  @Test func columnsThatASpreadsheetLeavesBehindAreTold() throws {
    let error = #expect(throws: InputError.self) { try read("id,z,,\na,1,,\n") }
    #expect(error?.description.contains("2 of its 4 columns have no name") == true)
  }

  @Test func emptyLinesAreNoRowsButCount() throws {
    #expect(try read("\n\nid,z\n\na,1\n\n\n").lines == [5])
    let one = try read("id\n\na\n\"\"\n\n")
    #expect(one.rows == [["a"], [""]])
    #expect(one.lines == [3, 4])
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func linesCountThoseWithinFields(_ end: String) throws {
    let text = ["id,z", "\"a", "b", "c\",1", "d,2", "e"].joined(separator: end)
    #expect(try failure(Data(text.utf8)) == "t.csv:6: 1 fields where the header has 2")
    #expect(try read(text + ",3").lines == [2, 5, 6])
  }

  @Test(arguments: [
    ("", "t.csv: is empty"),
    ("\n\r\n", "t.csv: is empty"),
    ("a,b\n1,2,3\n", "t.csv:2: 3 fields where the header has 2"),
    ("a,b\n1,2\n\n3\n", "t.csv:4: 1 fields where the header has 2"),
    ("\na,b,a\n", "t.csv:2: the column “a” appears twice"),
    ("a,b\n1,2\n3,\"4\n5,6\n", "t.csv:3: a quotation mark that is never closed"),
    ("a,b\n1,\"", "t.csv:2: a quotation mark that is never closed"),
    ("a,b\n1,x\"y\"\n", "t.csv:2: a quotation mark in the middle of a field"),
    ("a,b\n\"1\"x,2\n", "t.csv:2: text after a quoted field"),
    ("a,b\n\"1\" ,2\n", "t.csv:2: text after a quoted field"),
  ])
  func damageIsToldWithItsLine(_ text: String, _ message: String) throws {
    #expect(try failure(Data(text.utf8)) == message)
  }

  @Test func otherEncodingsAreRefused() throws {
    let latin1 = Data("id,z\ncaf".utf8) + Data([0xE9]) + Data(",1\n".utf8)
    let utf16 = try #require("id,z\na,1\n".data(using: .utf16))
    for data in [latin1, utf16] { #expect(try failure(data) == "t.csv: not a text in UTF-8") }
  }

  @Test func missingFileIsNamed() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("none.csv")
    let error = try #require(throws: InputError.self) { try CSV(contentsOf: url) }
    #expect(error.description.hasPrefix("\(url.path): can't be read"))
  }

  @Test func missingColumnNamesThoseThatThereAre() throws {
    let error = try #require(throws: InputError.self) { try read("id,z\n").column("ID") }
    #expect(error.description.hasPrefix("t.csv: no column “ID” (there are: id, z)"))
  }

  @Test func numbersTellTheLineOfWhatIsNone() throws {
    #expect(try read("z\n1\n-2.5\n3e2\n").numbers("z") == [1, -2.5, 300])
    for bad in ["", "x", "nan", "inf", "1,5", "1 000"] {
      let error = try #require(throws: InputError.self) {
        try read("id,z\na,1\nb,\"\(bad)\"\n").numbers("z")
      }
      #expect(error.description == "t.csv:3: “\(bad)” in z is not a number")
    }
  }

  @Test func keyThatStandsTwiceIsToldWithItsLine() throws {
    #expect(try read("id,z\na,1\nb,2\n").dictionary("id", "z") == ["a": "1", "b": "2"])
    let error = try #require(throws: InputError.self) {
      try read("id,z\na,1\nb,2\n\na,1\n").dictionary("id", "z")
    }
    #expect(error.description == "t.csv:5: “a” appears twice")
  }

  @Test(arguments: 1...40)
  func whatIsWrittenIsRead(_ seed: Int) throws {
    var random = Steps(state: UInt64(seed))
    let pieces = [
      "", "a", "1 2 3", ",", "\"", "\"\u{301}", "\n", "\r", "\r\n", " ", "é", "{id}", "\0", "👩‍🔬",
    ]
    func field() -> String {
      (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random)! }
        .joined()
    }
    let columns = Int.random(in: 1...4, using: &random)
    var table = CSV(columns: (0..<columns).map { "\($0)" + field() })
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      table.append((0..<columns).map { _ in field() })
    }

    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("t.csv")
    try table.write(to: url)
    let back = try CSV(contentsOf: url)
    // By scalars: Swift takes differently composed characters for equal.
    func scalars(_ rows: [[String]]) -> [[[Unicode.Scalar]]] {
      rows.map { $0.map { Array($0.unicodeScalars) } }
    }
    #expect(scalars([back.columns] + back.rows) == scalars([table.columns] + table.rows))
    #expect(back.lines == back.lines.sorted() && back.lines.first ?? 2 >= 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["t.csv"])
  }
}

/// A generator for tests: SplitMix64.
struct Steps: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
