// Records read back: whole, torn, damaged, of another version, with numbers that JSON doesn't have.

import Basics
import Foundation
import Notebook
import TestSupport
import Testing

@Suite struct RecordTests {
  let header = RecordHeader(
    stage: "eda", instance: "eda", source: "print(1)", parameters: .object(["seed": .int(42)]),
    startedAt: Date(timeIntervalSinceReferenceDate: 1000))

  /// A record's file as a stage writes it.
  func file(_ events: [RecordEvent]) throws -> Data {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var data = Data()
    for event in [.begin(header)] + events {
      data += try encoder.encode(event) + Data("\n".utf8)
    }
    return data
  }

  let events: [RecordEvent] = [
    .cell(title: "A", line: 3, at: 0.5), .print("one\n", line: 4, at: 0.75), .finished(at: 2),
  ]

  @Test func comesBackAsWritten() throws {
    let record = try Record(data: file(events), name: "r")
    #expect(record.header == header)
    #expect(record.events == events)
    #expect(record.outcome == .finished)
    #expect(record.seconds == 2)
  }

  @Test func tornLastLineIsLeftOutWherever() throws {
    let whole = try file(events)
    let lastLine = try file(Array(events.dropLast())).count
    for length in lastLine + 1..<whole.count - 1 {
      let record = try Record(data: whole.prefix(length), name: "r")
      #expect(record.events == Array(events.dropLast()))
      #expect(record.damagedLines == 0)
      #expect(record.outcome == .interrupted)
    }
  }

  @Test func damagedLineInTheMiddleIsCountedAndTheRestIsRead() throws {
    var lines = try file(events).split(separator: UInt8(ascii: "\n")).map { Data($0) }
    lines[2] = Data("{\"print\":{".utf8)
    let record = try Record(data: Data(lines.joined(separator: Data("\n".utf8))), name: "r")
    #expect(record.events == [events[0], events[2]])
    #expect(record.damagedLines == 1)
  }

  @Test func numbersThatAreNotFiniteSurvive() throws {
    let chart = Chart(
      title: "t", x: .init("x"), y: .init("y"),
      layers: [.line(x: [1, 2, 3], y: [.infinity, -.infinity, 5], name: nil)])
    let record = try Record(data: file([.show(.chart(chart), line: 1, at: 0)]), name: "r")
    #expect(record.events == [.show(.chart(chart), line: 1, at: 0)])
  }

  @Test func unknownVersionIsRefusedByNumber() throws {
    let text = try String(decoding: file(events), as: UTF8.self)
      .replacingOccurrences(of: "\"version\":1", with: "\"version\":7")
      .replacingOccurrences(of: "\"stage\"", with: "\"renamed\"")
    let error = #expect(throws: RecordError.self) {
      try Record(data: Data(text.utf8), name: "old.jsonl")
    }
    #expect(error?.description.contains("old.jsonl: a record of version 7") == true)
  }

  @Test(arguments: ["", "\n", "hello\n", "{\"finished\":{\"at\":1}}\n", "[1]\n", "{}\n"])
  func anythingElseIsNoRecord(_ text: String) throws {
    let error = #expect(throws: RecordError.self) {
      try Record(data: Data(text.utf8), name: "x.jsonl")
    }
    #expect(error?.description.contains("x.jsonl: not a record") == true)
  }

  @Test func missingFileIsNamed() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: RecordError.self) {
      try Record(contentsOf: folder.url.appendingPathComponent("none.jsonl"))
    }
    #expect(error?.description.contains("none.jsonl: can't read the record") == true)
  }

  @Test func ofDisplaysWithAKeyTheLastStands() throws {
    func shown(_ text: String, _ key: String?, line: Int = 1) -> RecordEvent {
      .show(.text(text), line: line, at: 0, key: key)
    }
    let events = [
      shown("a1", "a"), shown("plain", nil), shown("b1", "b"), shown("a2", "a"),
      shown("plain", nil),
    ]
    let record = try Record(data: file(events), name: "r")
    // In the place of the one before …
    #expect(record.events == [events[3], events[1], events[2], events[4]])
    // … unless another line shows it, or another cell has begun.
    for moved in [
      [shown("a1", "a"), shown("b", nil), shown("a2", "a", line: 2)],
      [shown("a1", "a"), .cell(title: "next", line: 5, at: 0), shown("a2", "a")],
    ] {
      #expect(Record(header: header, events: moved).events == Array(moved.dropFirst()))
    }
  }

  @Test func recordsFromBeforeKeysAndHashesAreRead() throws {
    let text = """
      {"begin":{"_0":{"version":1,"stage":"s","instance":"s","source":"","parameters":{},"overridden":[],\
      "startedAt":0,"environment":{}}}}
      {"show":{"_0":{"text":{"_0":"x"}},"line":3,"at":1}}

      """
    let record = try Record(data: Data(text.utf8), name: "r")
    #expect(record.damagedLines == 0 && record.header.code == nil)
    #expect(record.events == [.show(.text("x"), line: 3, at: 1)])
  }

  @Test func numbersOfStepsComeBack() throws {
    let events: [RecordEvent] = [
      .metrics(
        StepMetrics(
          step: 2, of: 9, unit: "round",
          values: [.init("a", 1), .init("b", nil), .init("c", .infinity)]),
        line: 3, at: 1), .metrics(StepMetrics(step: 3, values: []), line: 3, at: 2),
    ]
    let record = try Record(data: file(events), name: "r")
    #expect(record.events == events && record.seconds == 2 && record.damagedLines == 0)
    // The format, which other readers know.
    let text = """
      {"metrics":{"_0":{"step":1,"unit":"epoch","values":[{"name":"a","value":0.5},{"name":"b"}]},\
      "line":1,"at":0}}

      """
    let read = try Record(data: file([]) + Data(text.utf8), name: "r")
    #expect(
      read.events == [
        .metrics(StepMetrics(step: 1, values: [.init("a", 0.5), .init("b", nil)]), line: 1, at: 0)
      ])
  }

  @Test func figuresAreThoseShownLast() {
    let record = Record(
      header: header,
      events: [
        .show(.figures([Figure("a", "1")]), line: 1, at: 0),
        .show(.figures([Figure("b", "2")]), line: 2, at: 1), .print("x", line: 3, at: 2),
      ])
    #expect(record.figures == [Figure("b", "2")])
  }
}
