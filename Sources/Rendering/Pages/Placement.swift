// Which output belongs to which cell: the record's events laid into the script's parts.

package import Notebook

/// A script's parts with what a run put into them.
package struct Placement {
  /// What a cell shows below its code.
  package enum Output: Equatable {
    case show(Display)
    case text(String)
    case warning(String)
    case failure(String)
  }

  /// One pass through a cell: a cell in a loop has several.
  package struct Run: Equatable {
    package var title: String?
    /// Seconds from the cell's begin to the next one's, or to the last event.
    package var seconds: Double?
    package var outputs: [Output] = []
  }

  package struct Cell: Equatable {
    package var lines: [Int]
    package var isTitled: Bool
    package var runs: [Run] = []
  }

  package enum Part: Equatable {
    case prose(String)
    case cell(Cell)
  }

  package private(set) var parts: [Part]
  /// What was shown before any cell began.
  package private(set) var preamble = Run()

  /// Lays the events of `record` into `script`.
  ///
  /// - Parameter line: the script's line for a line of the record's source.
  package init(_ record: Record, script: Script, line map: (Int) -> Int = { $0 }) {
    parts = script.parts.map { part in
      switch part {
      case .prose(let text, _): .prose(text)
      case .code(let lines, let isTitled): .cell(Cell(lines: lines, isTitled: isTitled))
      }
    }
    var current: Place?
    var openCell: (place: Place, at: Double)?
    var lastPrint: Place??
    func endCell(at: Double) {
      guard let open = openCell else { return }
      change(open.place) { $0.seconds = max(0, at - open.at) }
      openCell = nil
    }
    for event in record.events {
      switch event {
      case .begin: continue
      case .cell(let title, let line, let at):
        endCell(at: at)
        guard let part = script.part(at: map(line)) else {
          // A cell that the script doesn't hold (called from elsewhere) gets a part of its own.
          parts.append(.cell(Cell(lines: [], isTitled: true, runs: [Run(title: title)])))
          let place = Place(part: parts.count - 1, run: 0)
          (current, openCell) = (place, (place, at))
          lastPrint = nil
          continue
        }
        let place = Place(part: part, run: runCount(part))
        appendRun(Run(title: title), to: part)
        (current, openCell) = (place, (place, at))
        lastPrint = nil
      case .show(let display, let line, _, _):
        current = place(script.part(at: map(line)), current)
        append(.show(display), at: current)
        lastPrint = nil
      case .warning(let text, let line, _):
        current = place(script.part(at: map(line)), current)
        append(.warning(text), at: current)
        lastPrint = nil
      case .print(let text, let line, _):
        current = place(script.part(at: map(line)), current)
        // Text printed in a row is one block, whichever lines of the script printed it.
        if let last = lastPrint, last == current {
          change(current) {
            if case .text(let before)? = $0.outputs.last {
              $0.outputs[$0.outputs.count - 1] = .text(before + text)
            }
          }
        } else {
          append(.text(text), at: current)
        }
        lastPrint = .some(current)
      case .failed(let message, _, let at):
        endCell(at: at)
        append(.failure(message), at: current)
      case .finished(let at):
        endCell(at: at)
      }
    }
    if let last = record.events.last { endCell(at: last.at) }
  }

  private struct Place: Equatable {
    var part: Int
    var run: Int
  }

  /// Where an output goes whose call stands in `part`: a helper's output goes to the cell that called it.
  private mutating func place(_ part: Int?, _ current: Place?) -> Place? {
    guard let part else { return current }
    if let current, current.part == part { return current }
    if runCount(part) == 0 { appendRun(Run(), to: part) }
    return Place(part: part, run: runCount(part) - 1)
  }

  private func runCount(_ part: Int) -> Int {
    if case .cell(let cell) = parts[part] { cell.runs.count } else { 0 }
  }

  private mutating func appendRun(_ run: Run, to part: Int) {
    guard case .cell(var cell) = parts[part] else { return }
    cell.runs.append(run)
    parts[part] = .cell(cell)
  }

  private mutating func append(_ output: Output, at place: Place?) {
    change(place) { $0.outputs.append(output) }
  }

  private mutating func change(_ place: Place?, _ body: (inout Run) -> Void) {
    guard let place else { return body(&preamble) }
    guard case .cell(var cell) = parts[place.part] else { return }
    body(&cell.runs[place.run])
    parts[place.part] = .cell(cell)
  }
}
