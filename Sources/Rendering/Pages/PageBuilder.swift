// Puts a page together: header, contents, the notebook's parts, and what is known about the run.

import Foundation
import Notebook
import Scripts

/// Builds one page.
struct PageBuilder {
  let record: Record
  let options: Page.Options
  let templates: Templates
  private let script: Script
  private let highlighted: HighlightedSource
  private let executed: ExecutedScript
  /// The script as it is now has other code than the one that ran.
  private let isOutdated: Bool
  private var ids: PageIDs
  private let displays: DisplayHTML
  /// The contents.
  private var entries: [[String: Any]] = []
  private var title: String?
  /// Prose had a section: cells below it belong to it in the contents.
  private var hasSections = false
  /// The last heading of the prose right above.
  private var lastHeading: String?
  private var failureAnchor: String?

  /// - Parameter chapter: where the page is a part of another one, what its ids begin with.
  init(
    record: Record, current: String?, options: Page.Options, templates: Templates,
    chapter: String? = nil
  ) {
    self.record = record
    ids = PageIDs(prefix: chapter.map { $0 + "-" } ?? "")
    self.options = options
    self.templates = templates
    displays = DisplayHTML(templates: templates)
    let laid = LaidOutRecord(record, current: current)
    script = laid.script
    highlighted = HighlightedSource(laid.script.source)
    executed = laid.executed
    isOutdated = laid.isOutdated
  }

  /// The page's HTML; a builder builds once.
  mutating func html() -> String {
    let article = article()
    return templates.fill(
      "page",
      [
        "title": article.title, "instance": record.header.instance, "articleHTML": article.html,
        "contentsHTML": article.contents, "styleHTML": Style.sheet,
        "refresh": isGrowing ? "\(Self.refresh)" : nil,
      ])
  }

  /// Seconds until a browser looks again at the page of a stage that runs.
  static let refresh = 5

  private var isGrowing: Bool { options.isRunning && record.outcome == .interrupted }

  /// What a page holds, without the document around it; a builder builds once.
  mutating func article() -> (title: String, html: String, contents: String) {
    var body = ""
    if !executed.preamble.outputs.isEmpty {
      body += cell(outputs: executed.preamble.outputs, ["heading": nil])
    }
    for part in executed.parts {
      switch part {
      case .prose(let text): body += html(prose: text)
      case .cell(let one):
        body += html(one)
        lastHeading = nil
      }
    }
    let aboutID = ids.next("about")
    enter("About this run", id: aboutID, level: 1)
    let name = title ?? script.description ?? record.header.stage
    let contents = entries.count > 2 ? templates.fill("contents", ["entries": entries]) : ""
    let header = PageHeader(
      record: record, isRunning: options.isRunning, isOutdated: isOutdated,
      failureAnchor: failureAnchor)
    let about = AboutRun(
      record: record, setupHTML: highlighted.html(script.setup), templates: templates)
    let html = templates.fill(
      "article",
      [
        "title": name, "instance": record.header.instance, "bookLink": options.book,
        "description": script.description == name ? nil : script.description,
        "outcome": header.outcome(), "meta": header.meta(), "banner": header.banners(),
        "figuresHTML": displays.html(record.figures), "bodyHTML": body, "aboutHTML": about.html(),
        "contentsHTML": contents, "aboutID": aboutID,
      ])
    return (name, html, contents)
  }

  private mutating func enter(_ text: String, id: String, level: Int, style: String? = nil) {
    var entry: [String: Any] = ["id": id, "text": text, "level": level]
    if let style { entry["style"] = style }
    entries.append(entry)
  }

  private mutating func html(prose text: String) -> String {
    var ids = ids
    let prose = Markdown(text, takesTitle: title == nil) { ids.next($0) }
    self.ids = ids
    title = title ?? prose.title
    for heading in prose.headings where heading.level <= 3 {
      hasSections = hasSections || heading.level == 2
      enter(heading.text, id: heading.id, level: heading.level - 1)
    }
    lastHeading = prose.headings.last?.text
    return prose.html.isEmpty ? "" : "<div class=\"prose\">\(prose.html)</div>\n"
  }

  // MARK: Cells

  private mutating func html(_ cell: ExecutedScript.Cell) -> String {
    let code = highlighted.html(cell.lines)
    if !cell.runs.isEmpty {
      var html = ""
      for (index, run) in cell.runs.enumerated() {
        html += self.html(run, isFirst: index == 0, code: code)
      }
      return html
    }
    return cell.isTitled ? unreached(cell, code: code) : self.cell(outputs: [], ["codeHTML": code])
  }

  /// The level in the contents of a cell's title.
  private var cellLevel: Int { hasSections ? 2 : 1 }

  private mutating func unreached(_ cell: ExecutedScript.Cell, code: String) -> String {
    let title = cell.lines.compactMap { [script] in script.cellTitles[$0] }.first ?? "Cell"
    let id = ids.next(title)
    enter(title, id: id, level: cellLevel, style: "unreached")
    let note = record.outcome == .finished ? "This cell did not run." : "Not reached."
    return self.cell(
      outputs: [],
      ["heading": title, "anchor": id, "style": "unreached", "codeHTML": code, "note": note])
  }

  private mutating func html(_ run: ExecutedScript.Run, isFirst: Bool, code: String) -> String {
    var fields: [String: Any?] = ["time": run.seconds.map(Format.duration)]
    let hasFailed = run.outputs.contains { if case .failure = $0 { true } else { false } }
    if isFirst { fields["codeHTML"] = code }
    if hasFailed { fields["style"] = "failed" }
    if let title = run.title {
      let id = ids.next(title)
      fields["anchor"] = id
      // A cell named as the prose above it needs no second heading.
      if title.lowercased() != lastHeading?.lowercased() || !isFirst {
        fields["heading"] = title
        enter(title, id: id, level: cellLevel, style: hasFailed ? "failed" : "")
      }
      if hasFailed { failureAnchor = id }
    } else if hasFailed {
      failureAnchor = ids.next("failure")
      fields["anchor"] = failureAnchor
    }
    return cell(outputs: run.outputs, fields)
  }

  private mutating func cell(
    outputs: [ExecutedScript.Output], _ fields: [String: Any?]
  ) -> String {
    var fields = fields
    var ids = ids
    defer { self.ids = ids }
    fields["outputsHTML"] = outputs.map { output in
      switch output {
      // What heads the page needn't stand a second time.
      case .show(.figures(record.figures)): ""
      case .show(let display): displays.html(display)
      case .series(let grids): displays.html(grids, name: ids.next(grids[0].title))
      case .curves(let curves): curves.charts.map(displays.html).joined()
      case .text(let text): DisplayHTML.printed(text)
      case .warning(let text): Self.box("warning", "Warning", text)
      case .failure(let text): Self.box("failure", "Failed here", text)
      }
    }.joined()
    return templates.fill("cell", fields)
  }

  private static func box(_ style: String, _ head: String, _ text: String) -> String {
    var box = ElementWriter()
    box.element("div", ["class": "box \(style)", "role": "note"]) {
      $0.leaf("strong", [:], text: head)
      $0.leaf("pre", [:], text: PrintedText.lines(text).joined(separator: "\n"))
    }
    return box.text + "\n"
  }
}
