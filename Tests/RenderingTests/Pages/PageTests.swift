// Pages: what is escaped, what lands where, how a run's end is told, that a file appears whole.

import Basics
import Foundation
import Notebook
import Rendering
import TestSupport
import Testing

@Suite struct PageTests {
  static let nasty =
    "<script>alert('x')</script><img src=http://example.com/x onerror=y> & \"q\" {{title}}"

  func record(
    _ events: [RecordEvent], source: String = SampleScript.source, stage: String = "eda",
    parameters: JSONValue = .object([:]), overridden: [String] = [],
    environment: [String: String] = [:]
  ) -> Record {
    Record(
      header: RecordHeader(
        stage: stage, instance: stage, source: source, parameters: parameters,
        overridden: overridden, startedAt: Date(timeIntervalSince1970: 1_795_000_000),
        environment: environment), events: events)
  }

  /// The order in which the texts stand on the page; all must be there.
  func expectOrder(_ texts: [String], in html: String) {
    var rest = html[...]
    for text in texts {
      guard let range = rest.range(of: text) else {
        Issue.record("\(text) is missing or comes too early")
        return
      }
      rest = rest[range.upperBound...]
    }
  }

  func body(_ html: String) -> Substring {
    html[(html.range(of: "</header>")?.upperBound ?? html.startIndex)...]
  }

  @Test func outputsLandInTheirCells() throws {
    let html = try Page.html(
      record: record([
        .cell(title: "One", line: 18, at: 1), .print("in one\n", line: 20, at: 1.5),
        .print("from helper\n", line: 9, at: 1.6), .print("after\n", line: 24, at: 2),
        .cell(title: "Fold 0", line: 26, at: 3), .print("zero\n", line: 27, at: 3),
        .cell(title: "Fold 1", line: 26, at: 5), .print("eins\n", line: 27, at: 5),
        .finished(at: 9),
      ]))
    expectOrder(
      [
        "<h3>One</h3>", ">2.0 s<", "in one\nfrom helper", "More prose", "after", "<h3>Fold 0</h3>",
        "zero", "<h3>Fold 1</h3>", ">4.0 s<", "eins", "About this run",
      ], in: String(body(html)))
    #expect(html.components(separatedBy: "<h3>Fold").count == 3)
  }

  @Test func nothingThatWasShownBecomesMarkup() throws {
    let nasty = Self.nasty
    let chart = Chart(
      title: nasty, caption: nasty, x: .init(nasty), y: .init(nasty),
      layers: [.line(x: [1, 2], y: [1, 2], name: nasty)])
    let picture = Picture(png: Data([1, 2]), width: 3, height: 3, label: nasty)
    let displays: [Display] = [
      .text(nasty), .markdown(nasty), .chart(chart), .picture(picture),
      .table(Table(title: nasty, caption: nasty, columns: [nasty], rows: [[nasty, nasty], []])),
      .grid(
        PictureGrid(
          title: nasty, caption: nasty, columns: [nasty], rows: [[picture], [picture, picture]])),
      .grid(PictureGrid(title: nasty, gallery: [picture])),
      .grid(PictureGrid(title: nasty, rows: [[picture]], step: nasty)),
      .grid(PictureGrid(title: nasty, rows: [[picture]], step: nasty + "2")),
      .figures([Figure(nasty, nasty, note: nasty)]),
    ]
    let html = try Page.html(
      record: record(
        [.cell(title: nasty, line: 18, at: 0)] + displays.map { .show($0, line: 19, at: 1) } + [
          .print(nasty, line: 19, at: 1), .warning(nasty, line: 19, at: 1),
          .failed(message: nasty, line: 19, at: 2),
        ],
        source: SampleScript.source
          + "\n// %% [markdown]\n// # \(nasty)\n// \(nasty)\n// ![x](http://example.com/y.png) [j](javascript:alert(1))\n// \(nasty)",
        stage: nasty, parameters: .object([nasty: .string(nasty)]), overridden: [nasty],
        environment: [nasty: nasty]))
    #expect(!html.contains("<script"))
    #expect(!html.contains("<img src=http"))
    #expect(!html.contains("javascript:"))
    let sources = html.components(separatedBy: "src=\"").dropFirst()
    #expect(sources.count == 7)
    #expect(sources.allSatisfy { $0.hasPrefix("data:image/png;base64,") })
    #expect(html.contains("{{title}}"))
  }

  private func step(_ name: String, title: String = "Predictions", byte: UInt8) -> RecordEvent {
    let picture = Picture(png: Data([byte]), width: 3, height: 3, label: name)
    return .show(
      .grid(
        PictureGrid(
          title: title, caption: "What to see", columns: ["image"], rows: [[picture]], step: name)),
      line: 19, at: 1)
  }

  /// Grids of one title are one series, in which the last is chosen; a step that is shown again takes the place of itself.
  @Test func stepsOfOneTitleStandInOnePlace() throws {
    let html = try Page.html(
      record: record([
        .cell(title: "One", line: 18, at: 0), step("epoch 4", byte: 1), step("epoch 8", byte: 2),
        step("epoch 4", title: "Other", byte: 3), step("epoch 8", byte: 4),
        step("epoch 12", byte: 5), .finished(at: 2),
      ]))
    func png(_ byte: UInt8) -> String {
      "data:image/png;base64,\(Data([byte]).base64EncodedString())"
    }
    expectOrder(
      [
        "role=\"radiogroup\"", ">epoch 4</label>", ">epoch 8</label>", " checked><label",
        ">epoch 12</label>", png(1), png(4), png(5), "What to see", "Other", png(3),
      ], in: String(body(html)))
    #expect(!html.contains(png(2)))
    #expect(html.components(separatedBy: "<input type=\"radio\"").count == 4)
    #expect(html.components(separatedBy: " checked>").count == 2)
    let ids = html.components(separatedBy: "<label for=\"").dropFirst().compactMap {
      $0.split(separator: "\"").first
    }
    #expect(Set(ids).count == 3)
    for id in ids { #expect(html.contains("id=\"\(id)\"")) }
  }

  /// What is printed between the steps is one block behind them.
  @Test func printingGoesOnBesideSteps() throws {
    let html = try Page.html(
      record: record([
        .cell(title: "One", line: 18, at: 0), .print("one\n", line: 19, at: 1),
        step("epoch 1", byte: 1), .print("two\n", line: 19, at: 1), step("epoch 2", byte: 2),
        .print("three\n", line: 19, at: 1),
      ]))
    expectOrder(["role=\"radiogroup\"", "one\ntwo\nthree"], in: String(body(html)))
  }

  /// More than the style sheet has rules for: every so manieth, and the last.
  @Test func manySteps() throws {
    let html = try Page.html(
      record: record(
        [.cell(title: "One", line: 18, at: 0)] + (1...100).map { step("epoch \($0)", byte: 1) }))
    let steps = html.components(separatedBy: "<input type=\"radio\"").count - 1
    #expect(steps == 34)
    #expect(html.contains(">epoch 100</label>") && html.contains(">epoch 1</label>"))
    #expect(html.contains(".steps>input:nth-of-type(34):checked~.step:nth-of-type(34)"))
  }

  @Test func aPageLoadsNothing() throws {
    let html = try Page.html(record: record([.finished(at: 1)]))
    #expect(html.contains("default-src 'none'"))
    for word in ["<script", "<link", "@import", "url(", "src=\"http"] {
      #expect(!html.contains(word))
    }
  }

  @Test func failureIsTold() throws {
    let html = try Page.html(
      record: record([
        .cell(title: "One", line: 18, at: 0), .print("before\n", line: 20, at: 1),
        .failed(message: "disk full", line: 20, at: 3),
      ]))
    expectOrder(
      [
        "badge bad", "near line 20", "disk full", "#one", "cell failed", "before", "disk full",
        "Not reached.",
      ], in: html)
  }

  @Test func endsAreTold() throws {
    let events: [RecordEvent] = [
      .cell(title: "One", line: 18, at: 0), .print("x", line: 20, at: 1),
    ]
    #expect(try Page.html(record: record(events)).contains(">interrupted<"))
    let running = try Page.html(record: record(events), options: .init(isRunning: true))
    #expect(running.contains(">running<") && !running.contains(">interrupted<"))
    #expect(try Page.html(record: record(events + [.finished(at: 2)])).contains(">finished<"))
    var damaged = record(events)
    damaged.damagedLines = 2
    #expect(try Page.html(record: damaged).contains("2 lines of the record"))
  }

  @Test func currentProseIsUsedWhileTheCodeIsTheSame() throws {
    let events: [RecordEvent] = [
      .cell(title: "One", line: 18, at: 0), .print("in one\n", line: 20, at: 1),
      .print("after\n", line: 24, at: 2), .finished(at: 3),
    ]
    let edited = SampleScript.source.replacingOccurrences(
      of: "  // # Title", with: "  // # Better title\n  // New.\n  //")
    let html = try Page.html(record: record(events), script: edited)
    expectOrder(["<h1>Better title</h1>", "New.", "in one", "More prose", "after"], in: html)
    let changed = edited.replacingOccurrences(of: "let settings = 1", with: "let settings = 2")
    let old = try Page.html(record: record(events), script: changed)
    #expect(old.contains("<h1>Title</h1>") && old.contains("code has changed since this run"))
  }

  @Test func parametersAreListedAndOverridesMarked() throws {
    let html = try Page.html(
      record: record(
        [.finished(at: 1)],
        parameters: .object([
          "train": .object(["epochs": .int(3), "rate": .double(0.5), "list": .array([.int(1)])]),
          "seed": .null,
        ]),
        overridden: ["train.epochs"]))
    expectOrder(
      [
        "seed", ">null<", "train.epochs <span class=\"badge changed\">overridden</span>", ">3<",
        "train.list", ">[1]<", "train.rate", ">0.5<",
      ], in: html)
    #expect(html.components(separatedBy: "badge changed").count == 2)
  }

  func metrics(_ step: Int, _ loss: Double?, line: Int = 20) -> RecordEvent {
    .metrics(
      StepMetrics(step: step, of: 3, values: [.init("training loss", loss), .init("loss", 1)]),
      line: line, at: 1)
  }

  @Test func numbersToldByStepAreDrawnInTheirCell() throws {
    let html = try Page.html(
      record: record([
        .cell(title: "One", line: 18, at: 0), .print("first\n", line: 20, at: 1), metrics(1, 0.5),
        .print("second\n", line: 20, at: 1), metrics(2, 0.25),
        .print("third\n", line: 20, at: 1), .cell(title: "Fold 0", line: 26, at: 3),
        metrics(1, 0.5, line: 27), .cell(title: "Fold 1", line: 26, at: 3),
        metrics(1, 0.5, line: 27), .finished(at: 9),
      ]))
    // One chart a pass through a cell, where the numbers were first told; text around it stays together.
    let chart = "<div class=\"figure-title\">Loss</div>"
    expectOrder(
      [
        "<h3>One</h3>", "first", chart, "2: 0.25", "second\nthird", "<h3>Fold 0</h3>", chart,
        "<h3>Fold 1</h3>", chart,
      ], in: String(body(html)))
    #expect(html.components(separatedBy: chart).count == 4)
  }

  @Test func curvesGrowWhileTheStageRuns() throws {
    let events = [RecordEvent.cell(title: "One", line: 18, at: 0), metrics(1, nil)]
    let html = try Page.html(record: record(events), options: .init(isRunning: true))
    #expect(html.contains("1: 1<") && !html.contains("2: "))
    let grown = try Page.html(
      record: record(events + [metrics(2, 0.125)]), options: .init(isRunning: true))
    #expect(grown.contains("2: 0.125<"))
    // Numbers told before any cell began are drawn at the top.
    let early = try Page.html(record: record([metrics(1, 0.5, line: 13), .finished(at: 2)]))
    #expect(early.contains("figure-title\">Loss<"))
  }

  @Test func onlyAPageThatGrowsLoadsItselfAgain() throws {
    let events: [RecordEvent] = [.cell(title: "One", line: 18, at: 0)]
    let refresh = "http-equiv=\"refresh\""
    #expect(
      try Page.html(record: record(events), options: .init(isRunning: true)).contains(refresh))
    #expect(!(try Page.html(record: record(events)).contains(refresh)))
    let ended = record(events + [.finished(at: 2)])
    #expect(!(try Page.html(record: ended, options: .init(isRunning: true)).contains(refresh)))
  }

  @Test func hashesAndMachineAreListed() throws {
    var record = record(
      [.finished(at: 1)], environment: ["cpu": "Some CPU", "git": "0123456789abc"])
    record.header.fingerprint = "f00d"
    record.header.code = ["stages/eda.swift": "c0de"]
    record.header.data = ["data/train": "da7a"]
    expectOrder(
      [
        "<span>commit 0123456789</span>", "Environment", "Some CPU", "Code and data",
        "code: stages/eda.swift", "c0de", "data: data/train", "da7a", "f00d",
      ], in: try Page.html(record: record))
  }

  @Test func cellsThatTheScriptDoesNotHoldAreKept() throws {
    let html = try Page.html(
      record: record([
        .cell(title: "Elsewhere", line: 900, at: 0), .print("kept\n", line: 901, at: 1),
        .finished(at: 1),
      ]))
    expectOrder(["<h3>Elsewhere</h3>", "kept"], in: html)
  }

  @Test func theSameRecordGivesTheSameBytes() throws {
    let environment = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key\($0)", "\($0)") })
    let parameters = JSONValue.object(environment.mapValues { .string($0) })
    let first = try Page.html(
      record: record([.finished(at: 1)], parameters: parameters, environment: environment))
    for _ in 0..<5 {
      let again = Dictionary(uniqueKeysWithValues: environment.shuffled())
      #expect(
        try Page.html(
          record: record(
            [.finished(at: 1)], parameters: .object(again.mapValues { .string($0) }),
            environment: again)) == first)
    }
  }

  @Test func tablesAreCutWithAWord() throws {
    let table = Table(columns: ["n"], rows: (0..<1234).map { ["row\($0)"] })
    let html = try Page.html(
      record: record([.show(.table(table), line: 19, at: 0), .finished(at: 1)]))
    #expect(html.contains("row499<") && !html.contains("row500<"))
    #expect(html.contains("The first 500 of 1,234 rows."))
  }

  @Test func printedTextIsWhatATerminalShows() {
    #expect(
      PrintedText.lines("\u{1B}[1;31mred\u{1B}[0m\n10%\r20%\r30%\nwindows\r\nend\n\n") == [
        "red", "30%", "windows", "end",
      ])
    #expect(PrintedText.lines("") == [])
    let many = PrintedText.lines((0..<5000).map { "line \($0)\n" }.joined())
    #expect(many.count < 1100 && many.first == "line 0" && many.last == "line 4999")
    #expect(many.contains { $0.contains("4,000 lines left out") })
  }

  @Test func fileAppearsWhole() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("pages/eda.html")
    try Page.write(record: record([.finished(at: 1)]), to: file)
    try Page.write(record: record([.finished(at: 2)]), to: file)
    #expect(
      try String(contentsOf: file, encoding: .utf8) == Page.html(record: record([.finished(at: 2)]))
    )
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path)
        == ["eda.html"])
    let blocked = try folder.write("x", to: "file").appendingPathComponent("page.html")
    let error = #expect(throws: FileError.self) {
      try Page.write(record: record([]), to: blocked)
    }
    #expect(error?.description.contains("/file: can't be made a folder") == true)
  }

  @Test func figuresOfTheLastCallHeadThePage() throws {
    let html = try Page.html(
      record: record([
        .show(.figures([Figure("early", "1")]), line: 20, at: 0),
        .show(.figures([Figure("score", "0.7312", note: "3 folds")]), line: 20, at: 1),
        .finished(at: 1),
      ]))
    let header = String(
      html.prefix(upTo: html.range(of: "</header>")?.lowerBound ?? html.startIndex))
    #expect(header.contains("0.7312") && !header.contains("early"))
  }
}
