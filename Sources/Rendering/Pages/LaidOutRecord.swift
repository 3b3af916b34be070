// A record laid into the script that is to be shown: the one of today where its code is still that of the
// run, so that prose edited since shows, and the record's own copy otherwise.

import Notebook
import Scripts

/// A script and where the record's events lie in it.
struct LaidOutRecord {
  let script: Script
  let executed: ExecutedScript
  /// The script as it is now has other code than the one that ran.
  let isOutdated: Bool

  /// Lays a record into `current`, the script as it is now, or into its own copy.
  init(_ record: Record, current: String?) {
    let cellLines = record.events.compactMap { event -> Int? in
      if case .cell(_, let line, _) = event { line } else { nil }
    }
    let ran = Script(record.header.source, cellLines: Set(cellLines))
    if let current, current != record.header.source,
      let lines = Script(current).lineMap(from: ran)
    {
      script = Script(current, cellLines: Set(cellLines.compactMap { lines[$0] }))
      executed = ExecutedScript(record, script: script) { lines[$0] ?? 0 }
      isOutdated = false
    } else {
      script = ran
      executed = ExecutedScript(record, script: ran)
      isOutdated = current != nil && current != record.header.source
    }
  }
}
