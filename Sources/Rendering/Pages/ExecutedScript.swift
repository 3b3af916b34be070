// Which output belongs to which cell: the record's events laid into the script's parts.

package import Notebook
package import Scripts

/// A script's parts with what a run put into them.
package struct ExecutedScript {
  /// What a cell shows below its code.
  package enum Output: Equatable {
    case show(Display)
    /// Grids of one title, one a step.
    case series([PictureGrid])
    /// Metrics reported step by step: one chart or several.
    case curves(Curves)
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

  private let script: Script
  private let map: (Int) -> Int
  /// Where the latest output went; nil before any cell began.
  private var current: Position?
  private var openCell: (position: Position, at: Double)?
  /// Where text was printed, as long as nothing else was shown since.
  private var lastPrint: Position??

  /// Lays the events of `record` into `script`.
  ///
  /// - Parameter line: the script's line for a line of the record's source.
  package init(_ record: Record, script: Script, line map: @escaping (Int) -> Int = { $0 }) {
    self.script = script
    self.map = map
    parts = script.parts.map { part in
      switch part {
      case .prose(let text, _): .prose(text)
      case .code(let lines, let isTitled): .cell(Cell(lines: lines, isTitled: isTitled))
      }
    }
    for event in record.events { take(event) }
    if let last = record.events.last { endCell(at: last.at) }
  }

  private mutating func take(_ event: RecordEvent) {
    switch event {
    case .begin: break
    case .cell(let title, let line, let at): beginCell(title, line: line, at: at)
    case .show(.grid(let grid), let line, _, _) where grid.step != nil: append(grid, line: line)
    case .show(let display, let line, _, _): append(.show(display), line: line)
    case .warning(let text, let line, _): append(.warning(text), line: line)
    case .metrics(let metrics, let line, _): draw(metrics, line: line)
    case .print(let text, let line, _): print(text, line: line)
    case .failed(let message, _, let at):
      endCell(at: at)
      append(.failure(message), at: current)
    case .finished(let at): endCell(at: at)
    }
  }

  // MARK: Cells

  private mutating func beginCell(_ title: String, line: Int, at: Double) {
    endCell(at: at)
    let position: Position
    if let part = script.part(at: map(line)) {
      position = Position(part: part, run: runCount(part))
      appendRun(Run(title: title), to: part)
    } else {
      // A cell that the script doesn't hold (called from elsewhere) gets a part of its own.
      parts.append(.cell(Cell(lines: [], isTitled: true, runs: [Run(title: title)])))
      position = Position(part: parts.count - 1, run: 0)
    }
    (current, openCell) = (position, (position, at))
    lastPrint = nil
  }

  private mutating func endCell(at: Double) {
    guard let open = openCell else { return }
    change(open.position) { $0.seconds = max(0, at - open.at) }
    openCell = nil
  }

  // MARK: Outputs

  private mutating func append(_ output: Output, line: Int) {
    current = position(line)
    append(output, at: current)
    lastPrint = nil
  }

  /// A grid of one step joins those of its title that the cell has shown.
  private mutating func append(_ grid: PictureGrid, line: Int) {
    current = position(line)
    var isJoined = false
    change(current) { run in
      for index in run.outputs.indices {
        guard case .series(let grids) = run.outputs[index], grids[0].title == grid.title else {
          continue
        }
        run.outputs[index] = .series(grids.filter { $0.step != grid.step } + [grid])
        isJoined = true
      }
    }
    guard !isJoined else { return }
    // In front of what is being printed, which goes on behind it as one block.
    if let last = lastPrint, last == current {
      change(current) { $0.outputs.insert(.series([grid]), at: max(0, $0.outputs.count - 1)) }
    } else {
      append(.series([grid]), at: current)
    }
  }

  /// Text printed in a row is one block, whichever lines of the script printed it.
  private mutating func print(_ text: String, line: Int) {
    current = position(line)
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
  }

  /// The metrics of all steps of a cell are drawn where the first of them were reported.
  private mutating func draw(_ metrics: StepMetrics, line: Int) {
    current = position(line)
    var isDrawn = false
    change(current) { run in
      for index in run.outputs.indices {
        guard case .curves(var curves) = run.outputs[index] else { continue }
        // Taken out while it grows, so that it isn't copied at every step.
        run.outputs[index] = .text("")
        curves.take(metrics)
        run.outputs[index] = .curves(curves)
        isDrawn = true
        return
      }
    }
    guard !isDrawn else { return }
    var curves = Curves()
    curves.take(metrics)
    append(.curves(curves), at: current)
    lastPrint = nil
  }

  private struct Position: Equatable {
    var part: Int
    var run: Int
  }

  /// Where an output of a line goes: a helper's output goes to the cell that called it.
  private mutating func position(_ line: Int) -> Position? {
    guard let part = script.part(at: map(line)) else { return current }
    if let current, current.part == part { return current }
    if runCount(part) == 0 { appendRun(Run(), to: part) }
    return Position(part: part, run: runCount(part) - 1)
  }

  private func runCount(_ part: Int) -> Int {
    if case .cell(let cell) = parts[part] { cell.runs.count } else { 0 }
  }

  private mutating func appendRun(_ run: Run, to part: Int) {
    guard case .cell(var cell) = parts[part] else { return }
    cell.runs.append(run)
    parts[part] = .cell(cell)
  }

  private mutating func append(_ output: Output, at position: Position?) {
    change(position) { $0.outputs.append(output) }
  }

  private mutating func change(_ position: Position?, _ body: (inout Run) -> Void) {
    guard let position else { return body(&preamble) }
    guard case .cell(var cell) = parts[position.part] else { return }
    body(&cell.runs[position.run])
    parts[position.part] = .cell(cell)
  }
}
