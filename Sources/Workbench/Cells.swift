// The words that a script uses to build its page: `cell`, `show` and a `print` that lands on it.

import Foundation
public import Notebook
import Synchronization

/// Begins a code cell: from here on, time, output and failure belong to it.
public func cell(_ title: String, line: Int = #line) {
  record { .cell(title: title, line: line, at: $0) }
}

/// Shows a chart on the page. With a `key` it takes the place of what was shown with that key before: so a
/// curve can grow while the stage runs. The page follows, about once a second at most.
public func show(_ chart: Chart, key: String? = nil, line: Int = #line) {
  show(.chart(chart), key: key, line: line)
}

/// Shows a table on the page; `key` is as for a chart.
public func show(_ table: Table, key: String? = nil, line: Int = #line) {
  show(.table(table), key: key, line: line)
}

/// Shows rows or a gallery of pictures on the page.
public func show(_ grid: PictureGrid, line: Int = #line) { show(.grid(grid), line: line) }

/// Shows one picture on the page.
public func show(_ picture: Picture, line: Int = #line) { show(.picture(picture), line: line) }

/// Shows key figures, large; those of the last such call also head the page.
/// `key` is as for a chart.
public func show(_ figures: [Figure], key: String? = nil, line: Int = #line) {
  show(.figures(figures), key: key, line: line)
}

/// Shows prose that depends on what was computed.
public func show(markdown text: String, line: Int = #line) { show(.markdown(text), line: line) }

private func show(_ display: Display, key: String? = nil, line: Int) {
  record { .show(display, line: line, at: $0, key: key) }
}

/// Prints to the stage's log, and on the page below the cell. A full disk loses the line, never the
/// stage's result.
public func print<each Item>(
  _ items: repeat each Item, separator: String = " ", terminator: String = "\n", line: Int = #line
) {
  var words: [String] = []
  for item in repeat each items { words.append(String(describing: item)) }
  let text = words.joined(separator: separator) + terminator
  try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  record { .print(text, line: line, at: $0) }
}

/// Prints to the stage's log alone, where what is long does no harm: `work log STAGE` has it, the page
/// hasn't.
public func log(_ text: String) {
  try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
}

private func record(_ event: (Double) -> RecordEvent) {
  Recorder.current.withLock { $0 }?.append(event)
}
