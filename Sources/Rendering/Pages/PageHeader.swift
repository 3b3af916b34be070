// The head of a page: how the run ended, when it was, and what a reader has to know before the rest.

import Notebook

/// What stands above a page's notebook.
struct PageHeader {
  let record: Record
  let isRunning: Bool
  /// The script as it is now has other code than the one that ran.
  let isOutdated: Bool
  /// The cell that failed.
  let failureAnchor: String?

  func outcome() -> [String: Any] {
    switch record.outcome {
    case .finished: ["label": "finished", "style": "good"]
    case .failed: ["label": "failed", "style": "bad"]
    case .interrupted:
      isRunning
        ? ["label": "running", "style": "busy"] : ["label": "interrupted", "style": "odd"]
    }
  }

  func meta() -> [String] {
    let start = Format.date(record.header.startedAt)
    let span = Format.duration(record.seconds)
    let commit = record.header.environment["git"].map { "commit \($0.prefix(10))" }
    return [start, record.outcome == .interrupted ? "\(span) recorded" : span]
      + [commit].compactMap { $0 }
  }

  func banners() -> [[String: Any]] {
    var banners: [[String: Any]] = []
    func add(_ style: String, _ head: String) { banners.append(["style": style, "head": head]) }
    switch record.outcome {
    case .finished: break
    case .failed(let message, let line): banners.append(failure(message, line: line))
    case .interrupted where isRunning:
      add("busy", "The stage is still running; this page shows what it has done so far.")
    case .interrupted:
      add("odd", "The run was interrupted; this page shows what it had done by then.")
    }
    if isOutdated {
      add("odd", "The script's code has changed since this run; the page shows the code that ran.")
    }
    if record.damagedLines > 0 {
      let count = Format.count(record.damagedLines)
      add("odd", "\(count) lines of the record can't be read and are left out.")
    }
    return banners
  }

  private func failure(_ message: String, line: Int?) -> [String: Any] {
    var banner: [String: Any] = [
      "style": "bad", "head": "The stage failed" + (line.map { " near line \($0)" } ?? ""),
      "text": PrintedText.lines(message).joined(separator: "\n"),
    ]
    if let failureAnchor { banner["link"] = failureAnchor }
    return banner
  }
}
