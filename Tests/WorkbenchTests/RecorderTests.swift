// What a stage leaves behind as it runs: whole lines that Notebook and the runner read, also when it was
// killed, and progress that doesn't flood.

import Basics
import Foundation
import Notebook
import Synchronization
import TestSupport
import Testing
import Workbench

@Suite struct RecorderTests {
  @Test func headerTellsWhatRan() throws {
    let fixture = try OrderFixture(["overridden": #"["train.epochs"]"#])
    let stage = try fixture.stage()
    let header = try fixture.record().header
    #expect(
      header.stage == "train" && header.instance == stage.instance && header.source == "// source")
    #expect(header.parameters[path: "train.epochs"] == .int(3))
    #expect(header.overridden == ["train.epochs"])
    #expect(header.environment["git"] == "abc" && header.environment["threads"] == "3")
    #expect(header.environment["swift"]?.hasPrefix("6") == true)
    #expect(header.fingerprint == "f00d" && header.code == ["stages/train.swift": "c0de"])
    #expect(header.data == ["data/train": "da7a"])
  }

  @Test func wordsOfAScriptComeBackInOrder() throws {
    let fixture = try OrderFixture()
    let order = try Order(contentsOf: fixture.orderFile)
    let recorder = try Recorder(order: order, source: "")
    Recorder.current.withLock { $0 = recorder }
    defer { Recorder.current.withLock { $0 = nil } }
    let chart = Chart(
      title: "t", x: .init("x"), y: .init("y"),
      layers: [.line(x: [0, 1], y: [.infinity, -.infinity], name: "a/b")])
    cell("One\n\"two\"", line: 3)
    Workbench.print("a", 1, separator: "-", terminator: "!\n", line: 4)
    show(chart, line: 5)
    show([Figure("f", "1")], line: 6)
    show(markdown: "*m*", line: 7)
    #expect(recorder.lastLine == 7)
    // Nothing tells the end: so it looks after a kill.
    var record = try fixture.record()
    #expect(record.outcome == .interrupted && record.damagedLines == 0)
    func times(_ at: Double) -> [RecordEvent] {
      [
        .cell(title: "One\n\"two\"", line: 3, at: at), .print("a-1!\n", line: 4, at: at),
        .show(.chart(chart), line: 5, at: at), .show(.figures([Figure("f", "1")]), line: 6, at: at),
        .show(.markdown("*m*"), line: 7, at: at),
      ]
    }
    #expect(record.events == zip(record.events, record.events.indices).map { times($0.at)[$1] })
    #expect(record.events.count == 5 && record.events.map(\.at) == record.events.map(\.at).sorted())
    recorder.append { .finished(at: $0) }
    record = try fixture.record()
    #expect(record.outcome == .finished)
  }

  @Test func aDisplayThatChangesAllTheTimeIsWrittenNowAndThenAndAtTheEnd() throws {
    let fixture = try OrderFixture()
    let recorder = try Recorder(order: Order(contentsOf: fixture.orderFile), source: "")
    for number in 0..<500 {
      recorder.append { .show(.text("\(number)"), line: 1, at: $0, key: "curve") }
      recorder.append { .print("\(number)", line: 2, at: $0) }
    }
    let file = fixture.folder.url.appendingPathComponent("record.jsonl")
    func written() throws -> Int {
      try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\"show\"").count - 1
    }
    #expect(try written() < 100)
    recorder.append { .cell(title: "next", line: 3, at: $0) }
    let record = try fixture.record()
    let shown = record.events.compactMap {
      if case .show(.text(let text), _, _, _) = $0 { text } else { nil }
    }
    #expect(shown == ["499"])
    // It stands before the next cell, and is written once.
    guard case .cell? = record.events.last else {
      Issue.record("the cell is not the last event")
      return
    }
    let before = try written()
    recorder.append { .finished(at: $0) }
    #expect(try written() == before)
  }

  @Test func pointsOfCurvesReachTheRunner() throws {
    let fixture = try OrderFixture()
    let stage = try fixture.stage()
    stage.metrics(["loss": 0.5, "score": .nan], step: 3, drawn: ["loss"])
    stage.metrics(["loss": .nan], step: 4, of: 9, unit: "round", drawn: ["loss"], line: 8)
    stage.metrics(["loss": nil], step: 5)
    #expect(
      try fixture.events() == [
        .object([
          "metric": .object(["loss": .double(0.5)]), "step": .int(3),
          "drawn": .array([.string("loss")]),
        ])
      ])
  }

  @Test func numbersOfStepsStayInTheRecord() throws {
    let fixture = try OrderFixture()
    let stage = try fixture.stage()
    stage.metrics(["loss": 0.5, "score": .nan], step: 3, line: 7)
    stage.metrics(["score": nil, "loss": .infinity], step: 4, of: 9, unit: "round", line: 8)
    #expect(stage.recorder.lastLine == 8)
    let told = try fixture.record().events.compactMap { event -> (StepMetrics, Int)? in
      if case .metrics(let metrics, let line, _) = event { (metrics, line) } else { nil }
    }
    #expect(told.map(\.1) == [7, 8])
    #expect(told.map(\.0.step) == [3, 4] && told.map(\.0.of) == [nil, 9])
    #expect(told.map(\.0.unit) == ["epoch", "round"])
    #expect(told.map { $0.0.values.map(\.name) } == [["loss", "score"], ["score", "loss"]])
    #expect(told[0].0.values[0].value == 0.5 && told[0].0.values[1].value?.isNaN == true)
    #expect(told[1].0.values.map(\.value) == [nil, .infinity])
  }

  @Test func theLastOfVeryManyStepsIsWrittenBeforeTheNextCell() throws {
    let fixture = try OrderFixture()
    let stage = try fixture.stage()
    let last = StepThinning.dense + 301
    for step in 1...last { stage.metrics(["loss": 0.5], step: step) }
    func steps() throws -> [Int] {
      try fixture.record().events.compactMap {
        if case .metrics(let metrics, _, _) = $0 { metrics.step } else { nil }
      }
    }
    #expect(try steps().last == last - 1)
    stage.recorder.append { .cell(title: "next", line: 3, at: $0) }
    #expect(try steps().last == last && steps().count == StepThinning.dense + 151)
    // The runner is told all of them.
    #expect(try fixture.events().count == last)
  }

  @Test func librariesAreNamedByTheirFiles() {
    let maps = """
      7f01-7f02 r-xp 00000000 08:01 12 /usr/lib/x86_64-linux-gnu/libpng16.so.16.39.0
      7f02-7f03 r--p 00000000 08:01 12 /usr/lib/x86_64-linux-gnu/libpng16.so.16.39.0
      7f03-7f04 r-xp 00000000 08:01 13 /usr/lib/openblas-pthread/libopenblasp-r0.3.21.so
      7f04-7f05 r-xp 00000000 08:01 14 /usr/lib/x86_64-linux-gnu/libc.so.6
      7f05-7f06 rw-p 00000000 00:00 0 [heap]

      """
    #expect(Libraries.names(inMaps: maps) == ["libopenblasp-r0.3.21.so", "libpng16.so.16.39.0"])
    #expect(Libraries.names(inMaps: "") == [])
  }

  @Test func filesOfTheKernelAreReadWhole() {
    // The stack is mapped above everything else, so it stands near the end.
    let maps = Libraries.text("/proc/self/maps")
    #expect(maps.utf8.count > 4096 && maps.contains("[stack]"))
    #expect(Libraries.text("/no/such/file") == "")
  }

  @Test func notANumberIsKept() throws {
    let fixture = try OrderFixture()
    let recorder = try Recorder(order: Order(contentsOf: fixture.orderFile), source: "")
    let chart = Chart(
      title: "t", x: .init("x"), y: .init("y"), layers: [.points(x: [0], y: [.nan], name: nil)])
    recorder.append { .show(.chart(chart), line: 1, at: $0) }
    let record = try fixture.record()
    var y: [Double] = []
    if case .show(.chart(let back), _, _, _)? = record.events.first,
      case .points(_, let found, _)? = back.layers.first
    {
      y = found
    }
    #expect(y.map(\.isNaN) == [true])
  }

  @Test func linesOfManyThreadsStayWhole() async throws {
    let fixture = try OrderFixture()
    let stage = try fixture.stage()
    let long = String(repeating: "x", count: 70_000)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for index in 0..<10 { stage.warn("\(task) \(index) \(long)") }
        }
      }
    }
    let record = try fixture.record()
    #expect(record.damagedLines == 0)
    let texts = record.events.compactMap {
      if case .warning(let text, _, _) = $0 { text } else { nil }
    }
    let wanted = (0..<8).flatMap { task in (0..<10).map { "\(task) \($0) \(long)" } }
    #expect(Set(texts) == Set(wanted) && texts.count == wanted.count)
    let told = try fixture.events().compactMap {
      if case .string(let text)? = $0["warning"] { text } else { nil }
    }
    #expect(Set(told) == Set(wanted) && told.count == wanted.count)
  }

  @Test func metricsAndMessagesReachTheRunner() throws {
    let fixture = try OrderFixture()
    let stage = try fixture.stage()
    stage.metric("score", 0.75)
    stage.message("a\nb")
    stage.metrics(["loss": 0.5, "broken": .infinity], step: 3)
    stage.metrics(["broken": .nan], step: 4)
    stage.metric("broken", .nan)
    let events = try fixture.events()
    #expect(
      events.prefix(3) == [
        .object(["metric": .object(["score": .double(0.75)])]),
        .object(["message": .string("a\nb")]),
        .object(["metric": .object(["loss": .double(0.5)]), "step": .int(3)]),
      ])
    #expect(events.dropFirst(3) == [.object(["warning": .string("the metric “broken” is nan")])])
    // The numbers of two steps, for the page, and the warning.
    #expect(try fixture.record().events.count == 3)
  }

  @Test func unwritableRecordIsNamed() throws {
    let fixture = try OrderFixture(["record": "\"/nowhere/at/all.jsonl\""])
    let error = try #require(throws: StageFailure.self) { try fixture.stage() }
    #expect(error.message.hasPrefix("/nowhere/at/all.jsonl: can't be written"))
  }
}

@Suite struct ProgressTests {
  /// The most that may be told in a time: five a second, the first and the last.
  func limit(since start: ContinuousClock.Instant) -> Int {
    Int((ContinuousClock.now - start) / .milliseconds(200)) + 3
  }

  @Test func fewAreToldAndTheLastAlways() throws {
    let fixture = try OrderFixture()
    let start = ContinuousClock.now
    let progress = try fixture.stage().progress("read", total: 1000, unit: "images")
    for _ in 0..<1000 { progress.advance(note: "n") }
    let told = try fixture.progress()
    #expect(told.first == 0 && told.last == 1000 && told == told.sorted())
    #expect(told.count <= limit(since: start))
    #expect(
      try fixture.events().last
        == .object([
          "progress": .object([
            "label": .string("read"), "done": .int(1000), "total": .int(1000),
            "unit": .string("images"),
            "note": .string("n"),
          ])
        ]))
  }

  @Test(arguments: [0, 10, 100_000])
  func wrongTotalsDoNotFlood(_ total: Int) throws {
    let fixture = try OrderFixture()
    let start = ContinuousClock.now
    var progress: Workbench.Progress? = try fixture.stage().progress(
      "read", total: total, unit: "bytes")
    for done in 1...5000 { progress?.update(done: done) }
    progress = nil
    let told = try fixture.progress()
    #expect(told.first == 0 && told.last == 5000)
    #expect(told.count <= limit(since: start) + 1)
  }

  @Test func manyThreadsNeverSeemToGoBackwards() async throws {
    let fixture = try OrderFixture()
    let progress = try fixture.stage().progress("read", total: 4000, unit: "images")
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<500 { progress.advance() } }
      }
    }
    let told = try fixture.progress()
    #expect(told == told.sorted() && told.last == 4000 && told.filter { $0 == 4000 }.count == 1)
  }
}
