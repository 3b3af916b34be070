// Exported notebooks: what nbformat demands, held to its rules here and to nbformat itself where Python has
// it; ids that stay; outputs in their cells.

import Basics
import Foundation
import Notebook
import Rendering
import TestSupport
import Testing

@Suite struct JupyterNotebookTests {
  static let displays: [Display] = [
    .text("plain\n"), .markdown("*m*\n\nmore"),
    .table(
      Table(
        title: "T", caption: "c", columns: ["a", "n"], rows: [["x<y", "1"], ["z", "22"], []])),
    .chart(
      Chart(
        title: "Loss & more", caption: "What to see.", x: .init("epoch"), y: .init("loss"),
        layers: [
          .bars(edges: [0, 1, 2], heights: [1, 3], name: "b"),
          .line(x: [0, 1, 2], y: [3, .nan, 1], name: "training"),
          .rule(x: 1, y: nil, label: "here"),
        ])),
    .picture(Picture(png: Data([0x89, 0x50]), width: 3, height: 2, label: "p")),
    .grid(
      PictureGrid(
        title: "G", caption: "c", columns: ["image", "mask"],
        rows: [[Picture(png: Data([1]), width: 1, height: 1, label: "one")]])),
    .grid(
      PictureGrid(
        title: "H",
        gallery: (0..<8).map { Picture(png: Data([1]), width: 1, height: 1, label: "\($0)") })),
    .figures([Figure("score", "0.73", note: "3 folds"), Figure("n", "4")]),
  ]

  static func record(_ end: RecordEvent = .finished(at: 9), source: String = SampleScript.source)
    -> Record
  {
    Record(
      header: RecordHeader(
        stage: "eda", instance: "eda", source: source,
        parameters: .object(["eda": .object(["bins": .int(4)])]), overridden: ["eda.bins"],
        startedAt: Date(timeIntervalSince1970: 1_795_000_000), environment: ["git": "abc"]),
      events: [
        .print("early\n", line: 13, at: 0), .cell(title: "One", line: 18, at: 1),
        .print("in one\nand on", line: 20, at: 1.5), .warning("beware", line: 20, at: 1.6),
      ] + displays.map { .show($0, line: 20, at: 1.7) } + [
        .cell(title: "Fold 0", line: 26, at: 3), .print("zero\n", line: 27, at: 3),
        .cell(title: "Fold 1", line: 26, at: 5), .print("eins\n", line: 27, at: 5), end,
      ])
  }

  func notebook(_ record: Record) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: JupyterNotebook.data(record: record))
  }

  @Test(arguments: [
    RecordEvent.finished(at: 9), .failed(message: "disk full\nbuy another", line: 27, at: 9),
    .print("killed after this", line: 27, at: 9),
  ])
  func followsTheRulesOfTheFormat(_ end: RecordEvent) throws {
    let problems = NotebookRules.problems(of: try notebook(Self.record(end)))
    #expect(problems == [])
  }

  @Test(.enabled(if: Nbformat.python != nil, "no Python with nbformat"))
  func nbformatAcceptsIt() throws {
    let folder = try TemporaryFolder()
    for end in [RecordEvent.finished(at: 9), .failed(message: "x", line: nil, at: 9)] {
      let file = folder.url.appendingPathComponent("eda.ipynb")
      try JupyterNotebook.write(record: Self.record(end), to: file)
      #expect(try Nbformat.validate(file) == "valid\n")
    }
  }

  @Test func proseCodeAndOutputsAreInOrder() throws {
    let cells = try notebook(Self.record()).members("cells")
    #expect(
      cells.map { $0.text("id") } == [
        "header", "setup", "setup-2", "about-title", "one", "prose", "code", "fold-fold", "setup-3",
      ])
    #expect(
      cells.map { $0.text("cell_type") } == [
        "raw", "code", "code", "markdown", "code", "markdown", "code", "code", "code",
      ])
    #expect(cells[0].joined("source").hasPrefix("---\ndesc: \"Depth and salt\"\n"))
    #expect(cells[2].joined("source") == "let settings = 1")
    #expect(cells[3].joined("source") == "# Title\n\nSome *prose*.")
    #expect(cells[4].joined("source").hasPrefix("cell(\"One\")\n// an ordinary comment"))
    #expect(cells.allSatisfy { !$0.joined("source").contains("Stage.run") })
    #expect(cells.compactMap { $0["execution_count"] } == (1...6).map { .int($0) })
    let outputs = cells[4].members("outputs")
    #expect(outputs.count == 2 + Self.displays.count)
    #expect(
      outputs[0].joined("text") == "in one\nand on" && outputs[1].text("name") == "stderr")
    let data = outputs.dropFirst(2).map { output -> [String] in
      guard case .object(let data)? = output["data"] else { return [] }
      return data.keys.sorted()
    }
    #expect(
      data == [
        ["text/plain"], ["text/markdown", "text/plain"], ["text/html", "text/plain"],
        ["image/svg+xml", "text/plain"], ["image/png", "text/plain"], ["text/html", "text/plain"],
        ["text/html", "text/plain"], ["text/html", "text/plain"],
      ])
    #expect(
      cells[7].members("outputs").map { $0.joined("text") + $0.joined("data", "text/markdown") }
        == ["**Fold 0**", "zero\n", "**Fold 1**", "eins\n"])
  }

  @Test func numbersToldByStepAreCharts() throws {
    var record = Self.record()
    for step in 1...3 {
      let values = [
        StepMetrics.Value("training loss", 1 / Double(step)), .init("score of fold", nil),
        .init("learning rate", 0.1),
      ]
      record.events.insert(
        .metrics(StepMetrics(step: step, of: 3, values: values), line: 20, at: 1.7),
        at: 1 + step)
    }
    let outputs = try notebook(record).members("cells")[4].members("outputs")
    let titles = outputs.compactMap { output -> String? in
      guard case .object(let data)? = output["data"], data["image/svg+xml"] != nil else {
        return nil
      }
      return output.joined("data", "text/plain").components(separatedBy: "\n")[0]
    }
    #expect(titles == ["Training loss", "Learning rate", "Loss & more"])
    #expect(NotebookRules.problems(of: try notebook(record)) == [])
  }

  @Test func chartsStandForThemselves() throws {
    let outputs = try notebook(Self.record()).members("cells")[4].members("outputs")
    let svg = outputs[5].joined("data", "image/svg+xml")
    let tree = SVGTree(svg)
    #expect(tree.problem == nil)
    #expect(tree.all("text").map(\.text).contains("Loss & more"))
    #expect(tree.all("text").map(\.text).contains { $0.hasPrefix("What to see.") })
    // Nothing but colours in it: renderers of SVG know no variables.
    #expect(!svg.contains("var(") && !svg.contains("color-mix") && !svg.contains("inherit"))
    #expect(!svg.contains("http://www.w3.org/1999") && !svg.contains("url("))
  }

  @Test func whatFailedAndWhatWasNotReachedIsTold() throws {
    let record = Record(
      header: Self.record().header,
      events: [
        .cell(title: "One", line: 18, at: 0), .print("before\n", line: 20, at: 1),
        .failed(message: "disk full", line: 20, at: 3),
      ])
    let notebook = try notebook(record)
    let cells = notebook.members("cells")
    let failed = try #require(cells.first { $0.text("id") == "one" })
    let error = try #require(failed.members("outputs").last)
    #expect(error.text("output_type") == "error" && error.text("evalue") == "disk full")
    #expect(error.members("traceback").last == .string("near line 20 of the script"))
    let unreached = try #require(cells.first { $0.text("id") == "fold-fold" })
    #expect(unreached["execution_count"] == .null && unreached.members("outputs") == [])
    #expect(notebook[path: "metadata.work.outcome"] == .string("failed"))
    #expect(notebook[path: "metadata.work.overridden"] == .array([.string("eda.bins")]))
  }

  @Test func theSameRecordGivesTheSameBytesAndEditsElsewhereKeepIds() throws {
    let data = try JupyterNotebook.data(record: Self.record())
    #expect(try JupyterNotebook.data(record: Self.record()) == data)
    let edited = SampleScript.source.replacingOccurrences(
      of: "// Some *prose*.", with: "// Other prose.\n  // Of two lines.")
    let again = try JSONDecoder().decode(
      JSONValue.self, from: JupyterNotebook.data(record: Self.record(), script: edited))
    let before = try JSONDecoder().decode(JSONValue.self, from: data)
    #expect(
      again.members("cells").map { $0.text("id") } == before.members("cells").map { $0.text("id") })
    #expect(again.members("cells")[3].joined("source") == "# Title\n\nOther prose.\nOf two lines.")
  }
}

extension JSONValue {
  func members(_ path: String) -> [JSONValue] {
    if case .array(let members)? = self[path: path] { members } else { [] }
  }

  func text(_ path: String) -> String {
    if case .string(let text)? = self[path: path] { text } else { "" }
  }

  /// Text that is stored line by line; keys one below the other, since MIME types hold points and slashes.
  func joined(_ keys: String...) -> String {
    var value = self
    for key in keys {
      guard case .object(let members) = value, let next = members[key] else { return "" }
      value = next
    }
    guard case .array(let lines) = value else { return "" }
    return lines.map { if case .string(let line) = $0 { line } else { "" } }.joined()
  }
}

/// The rules of nbformat's schema for version 4.5 that a notebook of ours can break.
enum NotebookRules {
  static func problems(of notebook: JSONValue) -> [String] {
    guard case .object(let root) = notebook else { return ["not an object"] }
    var problems: [String] = []
    if Set(root.keys) != ["nbformat", "nbformat_minor", "metadata", "cells"] {
      problems.append("keys \(root.keys.sorted())")
    }
    if root["nbformat"] != .int(4) || root["nbformat_minor"] != .int(5) {
      problems.append("version")
    }
    if notebook[path: "metadata.kernelspec.name"] == nil
      || notebook[path: "metadata.kernelspec.display_name"] == nil
      || notebook[path: "metadata.language_info.name"] == nil
    {
      problems.append("metadata")
    }
    var ids: Set<String> = []
    for cell in notebook.members("cells") {
      let id = cell.text("id")
      if id.range(of: "^[a-zA-Z0-9_-]{1,64}$", options: .regularExpression) == nil {
        problems.append("id “\(id)”")
      }
      if !ids.insert(id).inserted { problems.append("id “\(id)” appears twice") }
      guard case .object(let members) = cell else { continue }
      var wanted: Set<String> = ["cell_type", "id", "metadata", "source"]
      if cell.text("cell_type") == "code" { wanted.formUnion(["execution_count", "outputs"]) }
      if Set(members.keys) != wanted { problems.append("\(id): keys \(members.keys.sorted())") }
      if !isText(members["source"]) { problems.append("\(id): source") }
      problems += cell.members("outputs").flatMap(Self.problems(ofOutput:)).map { "\(id): \($0)" }
    }
    return problems
  }

  private static func problems(ofOutput output: JSONValue) -> [String] {
    guard case .object(let members) = output else { return ["output"] }
    let kind = output.text("output_type")
    let wanted: [String: Set<String>] = [
      "stream": ["name", "text"], "display_data": ["data", "metadata"],
      "error": ["ename", "evalue", "traceback"],
    ]
    guard let keys = wanted[kind] else { return ["output_type “\(kind)”"] }
    var problems: [String] = []
    if Set(members.keys) != keys.union(["output_type"]) {
      problems.append("\(kind): keys \(members.keys.sorted())")
    }
    if kind == "stream",
      !isText(members["text"]) || !["stdout", "stderr"].contains(output.text("name"))
    {
      problems.append("stream")
    }
    if case .object(let data)? = members["data"] {
      for member in data where !isText(member.value) { problems.append(member.key) }
    }
    return problems
  }

  private static func isText(_ value: JSONValue?) -> Bool {
    switch value {
    case .string?: true
    case .array(let lines)?:
      lines.enumerated().allSatisfy { index, line in
        guard case .string(let text) = line else { return false }
        return index == lines.count - 1 || text.hasSuffix("\n")
      }
    default: false
    }
  }
}

/// Jupyter's own validator, where a Python with nbformat is at hand (`WORK_PYTHON` may name one).
enum Nbformat {
  static let python: String? = {
    let candidates = [ProcessInfo.processInfo.environment["WORK_PYTHON"], "/usr/bin/python3"]
    return candidates.compactMap { $0 }.first {
      (try? run($0, ["-c", "import nbformat; nbformat.validate; print('here')"])) == "here\n"
    }
  }()

  static func validate(_ file: URL) throws -> String {
    let script = """
      import sys, warnings, nbformat
      warnings.simplefilter("error")
      notebook = nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT)
      nbformat.validate(notebook)
      print("valid")
      """
    return try run(python ?? "", ["-c", script, file.path])
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
