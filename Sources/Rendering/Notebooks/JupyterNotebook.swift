// An executed record as a Jupyter notebook (nbformat 4.5): the script's prose and code as cells, what they
// showed as outputs, and what is known of the run as metadata.

import Basics
public import Foundation
public import Notebook
import Scripts

/// Writes executed records as `.ipynb` files.
public enum JupyterNotebook {
  /// The notebook of a record, in UTF-8. The same arguments give the same bytes, and a cell keeps its id as
  /// long as its title (or its place among cells of the same title) stays.
  ///
  /// - Parameters:
  ///   - script: the script's text as it is now; its prose is used where its code is still that of the run.
  /// - Throws: an error of the template library or of the encoder, which would be a mistake in this module.
  public static func data(record: Record, script: String? = nil) throws -> Data {
    var builder = NotebookBuilder(record, current: script, templates: try Templates.shared())
    let json = try JSONEncoder.ofRecords(isPretty: true).encode(builder.notebook())
    return json + Data("\n".utf8)
  }

  /// Writes the notebook of a record, whole or not at all.
  ///
  /// - Throws: `FileError` where the file can't be written.
  public static func write(record: Record, script: String? = nil, to url: URL) throws {
    try WholeFile.write(
      String(decoding: data(record: record, script: script), as: UTF8.self), to: url)
  }
}

/// Builds one notebook.
private struct NotebookBuilder {
  private let record: Record
  private let script: Script
  private let executed: ExecutedScript
  private let bundle: MIMEBundle
  private var ids = CellIDs()
  private var executionCount = 0
  private var cells: [JSONValue] = []

  init(_ record: Record, current: String?, templates: Templates) {
    self.record = record
    let laid = LaidOutRecord(record, current: current)
    script = laid.script
    executed = laid.executed
    bundle = MIMEBundle(displays: DisplayHTML(templates: templates))
  }

  mutating func notebook() -> JSONValue {
    if let header = script.header {
      add("raw", id: "header", source: (["---"] + header.yaml + ["---"]).joined(separator: "\n"))
    }
    for piece in pieces() {
      switch piece {
      case .setup(let lines):
        let isInside = script.frame.map { lines.first.map($0.contains) ?? false } ?? false
        code(
          source(lines), id: "setup", isInside ? .continued : .setup, ran: true,
          outputs: takePreamble())
      case .part(let index): part(executed.parts[index])
      }
    }
    for case .cell(let cell) in executed.parts.dropFirst(script.parts.count) {
      // Called from elsewhere, so the script has no code for it.
      part(.cell(cell))
    }
    if hasPreamble { code([], id: "output", .continued, ran: true, outputs: takePreamble()) }
    return .object([
      "nbformat": .int(4), "nbformat_minor": .int(5), "metadata": metadata(),
      "cells": .array(cells),
    ])
  }

  // MARK: Cells

  private enum Piece {
    case part(Int)
    case setup([Int])
  }

  /// The script's parts and the code around them, in the order of lines. The lines that open and close
  /// `Stage.run` are left out; a brace that closes a block goes with the cell before it.
  private func pieces() -> [Piece] {
    let frame = script.frame
    var starts: [(line: Int, piece: Piece)] = []
    for (index, part) in script.parts.enumerated() {
      switch part {
      case .prose(_, let line): starts.append((line, .part(index)))
      case .code(let lines, _): if let line = lines.first { starts.append((line, .part(index))) }
      }
    }
    var open: [Int] = []
    var last = (isInside: false, next: 0)
    func close() {
      let hasText = open.contains { !script.lines[$0 - 1].allSatisfy(\.isWhitespace) }
      if hasText, let first = open.first { starts.append((first, .setup(open))) }
      open = []
    }
    for line in script.setup {
      if line == frame?.lowerBound || line == frame?.upperBound { continue }
      let isInside = frame.map { $0.contains(line) } ?? false
      let next = starts.firstIndex { $0.line > line } ?? -1
      if isInside != last.isInside || next != last.next { close() }
      last = (isInside, next)
      open.append(line)
    }
    close()
    return starts.sorted { $0.line < $1.line }.map(\.piece)
  }

  private mutating func part(_ part: ExecutedScript.Part) {
    switch part {
    case .prose(let text):
      let heading = text.split(separator: "\n").first { $0.hasPrefix("#") }
      add("markdown", id: heading.map { "about \($0)" } ?? "prose", source: text)
    case .cell(let cell):
      // The source's title first: it is the same whatever the run came to.
      let title =
        cell.lines.compactMap { [script] in script.cellTitles[$0] }.first ?? cell.runs.first?.title
      let shown = cell.runs.enumerated().flatMap { index, run -> [ExecutedScript.Output] in
        // A cell in a loop ran several times, each time with its own title.
        let head = cell.runs.count > 1 ? run.title.map { "**\($0)**" } : nil
        return (head.map { [.show(.markdown($0))] } ?? []) + run.outputs
      }
      var outputs = takePreamble()
      outputs += shown.flatMap(self.outputs)
      // Code without a title and without outputs ran if the stage got that far; nobody wrote it down.
      let ran = !cell.runs.isEmpty || (!cell.isTitled && record.outcome == .finished)
      code(
        source(cell.lines), id: title ?? "code", cell.isTitled ? nil : .continued, ran: ran,
        outputs: outputs, seconds: seconds(of: cell))
    }
  }

  private mutating func code(
    _ lines: [String], id: String, _ role: CellRole?, ran: Bool,
    outputs: [JSONValue], seconds: Double? = nil
  ) {
    if ran { executionCount += 1 }
    var work: [String: JSONValue] = [:]
    if let role { work["role"] = .string(role.rawValue) }
    if let seconds { work["seconds"] = .double(seconds) }
    var metadata: [String: JSONValue] = work.isEmpty ? [:] : ["work": .object(work)]
    if role == .setup { metadata["tags"] = .array([.string("setup")]) }
    add(
      "code", id: id, source: lines.joined(separator: "\n"), metadata: metadata,
      [
        "execution_count": ran ? .int(executionCount) : .null, "outputs": .array(outputs),
      ])
  }

  private mutating func add(
    _ kind: String, id: String, source: String, metadata: [String: JSONValue] = [:],
    _ more: [String: JSONValue] = [:]
  ) {
    let cell: [String: JSONValue] = [
      "cell_type": .string(kind), "id": .string(ids.next(id)), "metadata": .object(metadata),
      "source": MIMEBundle.lines(source),
    ]
    cells.append(.object(cell.merging(more) { $1 }))
  }

  private func seconds(of cell: ExecutedScript.Cell) -> Double? {
    let known = cell.runs.compactMap(\.seconds)
    return known.isEmpty ? nil : (known.reduce(0, +) * 1000).rounded() / 1000
  }

  /// Lines of the script, moved to the left together, without blank ones at the ends.
  private func source(_ numbers: [Int]) -> [String] {
    func isBlank(_ line: String) -> Bool { line.allSatisfy(\.isWhitespace) }
    func indent(_ line: String) -> Int { line.prefix { $0 == " " || $0 == "\t" }.count }
    var picked = numbers.compactMap { [script] in
      script.lines.indices.contains($0 - 1) ? script.lines[$0 - 1] : nil
    }
    while picked.last.map(isBlank) == true { picked.removeLast() }
    picked = Array(picked.drop(while: isBlank))
    let shared = picked.filter { !isBlank($0) }.map(indent).min() ?? 0
    return picked.map { isBlank($0) ? "" : String($0.dropFirst(shared)) }
  }

  // MARK: Outputs

  private var hasPreamble: Bool { !executed.preamble.outputs.isEmpty && !preambleIsTaken }
  private var preambleIsTaken = false

  /// What was shown before any cell began goes below the first code.
  private mutating func takePreamble() -> [JSONValue] {
    guard hasPreamble else { return [] }
    preambleIsTaken = true
    return executed.preamble.outputs.flatMap(outputs)
  }

  private func outputs(_ output: ExecutedScript.Output) -> [JSONValue] {
    switch output {
    case .show(let shown): [display(shown)]
    // A notebook has no place for steps: what came last.
    case .series(let grids): grids.suffix(1).map { display(.grid($0)) }
    case .curves(let curves): curves.charts.map { display(.chart($0)) }
    case .text(let text): [stream("stdout", text)]
    case .warning(let text): [stream("stderr", "warning: \(text)\n")]
    case .failure(let message): [failure(message)]
    }
  }

  private func display(_ display: Display) -> JSONValue {
    .object([
      "output_type": .string("display_data"), "data": .object(bundle.data(display)),
      "metadata": .object(bundle.metadata(display)),
    ])
  }

  private func failure(_ message: String) -> JSONValue {
    var trace = message.components(separatedBy: "\n")
    if case .failed(_, let line?) = record.outcome {
      trace.append("near line \(line) of the script")
    }
    return .object([
      "output_type": .string("error"), "ename": .string("StageFailure"),
      "evalue": .string(message), "traceback": .array(trace.map { .string($0) }),
    ])
  }

  private func stream(_ name: String, _ text: String) -> JSONValue {
    .object([
      "output_type": .string("stream"), "name": .string(name), "text": MIMEBundle.lines(text),
    ])
  }

  // MARK: Metadata

  private func metadata() -> JSONValue {
    let header = record.header
    let outcome =
      switch record.outcome {
      case .finished: "finished"
      case .failed: "failed"
      case .interrupted: "interrupted"
      }
    return .object([
      "kernelspec": .object([
        "name": .string("swift"), "display_name": .string("Swift"), "language": .string("swift"),
      ]),
      "language_info": .object([
        "name": .string("swift"), "file_extension": .string(".swift"),
        "mimetype": .string("text/x-swift"), "pygments_lexer": .string("swift"),
        "codemirror_mode": .string("swift"),
      ]),
      "title": .string(script.description ?? header.instance),
      "work": .object([
        "stage": .string(header.stage), "instance": .string(header.instance),
        "outcome": .string(outcome),
        "started": .string(header.startedAt.formatted(.iso8601)),
        "seconds": .double(record.seconds), "parameters": header.parameters,
        "overridden": .array(header.overridden.map { .string($0) }),
        "environment": .object(header.environment.mapValues { .string($0) }),
      ]),
    ])
  }
}

/// Ids as nbformat wants them: 1 to 64 ASCII letters, digits, - and _, each used once.
private struct CellIDs {
  private var used = UniqueNames()

  mutating func next(_ text: String) -> String {
    let words = text.lowercased().unicodeScalars.split {
      !(("a"..."z").contains($0) || ("0"..."9").contains($0))
    }
    let base = String(words.map { String($0) }.joined(separator: "-").prefix(56))
    let stem = base.isEmpty ? "cell" : base
    return used.next(stem)
  }
}
