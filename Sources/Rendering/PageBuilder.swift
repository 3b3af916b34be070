// Puts a page together: header, contents, the notebook's parts, and what is known about the run.

import Basics
import Foundation
import Notebook

/// Builds one page.
struct PageBuilder {
  let record: Record
  let options: Page.Options
  let templates: Templates
  private let script: Script
  private let placement: Placement
  /// The script as it is now has other code than the one that ran.
  private let isOutdated: Bool
  private var ids: PageIDs
  private var entries: [[String: Any]] = []
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
    let laid = LaidOutRecord(record, current: current)
    script = laid.script
    placement = laid.placement
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
    var title: String?
    // A page numbers its headings once: prose below a section belongs to it in the contents.
    var hasSections = false
    var lastHeading: String?
    let displays = DisplayHTML(templates: templates)
    if !placement.preamble.outputs.isEmpty {
      body += cell(outputs: placement.preamble.outputs, displays, ["heading": nil])
    }
    for part in placement.parts {
      switch part {
      case .prose(let text):
        var ids = ids
        let prose = Markdown(text, takesTitle: title == nil) { ids.next($0) }
        self.ids = ids
        title = title ?? prose.title
        if !prose.html.isEmpty { body += "<div class=\"prose\">\(prose.html)</div>\n" }
        for heading in prose.headings where heading.level <= 3 {
          hasSections = hasSections || heading.level == 2
          entries.append(["id": heading.id, "text": heading.text, "level": heading.level - 1])
        }
        lastHeading = prose.headings.last?.text
      case .cell(let one):
        body += html(one, below: hasSections, after: lastHeading, displays)
        lastHeading = nil
      }
    }
    let about = about()
    let aboutID = ids.next("about")
    entries.append(["id": aboutID, "text": "About this run", "level": 1])
    let name = title ?? script.description ?? record.header.stage
    let contents = entries.count > 2 ? templates.fill("contents", ["entries": entries]) : ""
    let html = templates.fill(
      "article",
      [
        "title": name, "instance": record.header.instance, "bookLink": options.book,
        "description": script.description == name ? nil : script.description,
        "outcome": outcome(), "meta": meta(), "banner": banners(),
        "figuresHTML": displays.html(record.figures), "bodyHTML": body, "aboutHTML": about,
        "contentsHTML": contents, "aboutID": aboutID,
      ])
    return (name, html, contents)
  }

  // MARK: Cells

  private mutating func html(
    _ cell: Placement.Cell, below hasSections: Bool, after heading: String?, _ displays: DisplayHTML
  ) -> String {
    let code = script.highlighted.html(cell.lines)
    let level = hasSections ? 2 : 1
    guard !cell.runs.isEmpty else {
      guard cell.isTitled else {
        return self.cell(outputs: [], displays, ["codeHTML": code])
      }
      let title = cell.lines.compactMap { [script] in script.cellTitles[$0] }.first ?? "Cell"
      let id = ids.next(title)
      entries.append(["id": id, "text": title, "level": level, "style": "unreached"])
      let note = record.outcome == .finished ? "This cell did not run." : "Not reached."
      return self.cell(
        outputs: [], displays,
        [
          "heading": title, "anchor": id, "style": "unreached", "codeHTML": code,
          "note": note,
        ])
    }
    var html = ""
    for (index, run) in cell.runs.enumerated() {
      var fields: [String: Any?] = ["time": run.seconds.map(Format.duration)]
      let hasFailed = run.outputs.contains {
        if case .failure = $0 { true } else { false }
      }
      if index == 0 {
        fields["codeHTML"] = code
      }
      if let title = run.title {
        let id = ids.next(title)
        fields["anchor"] = id
        // A cell named as the prose above it needs no second heading.
        if title.lowercased() != heading?.lowercased() || index > 0 {
          fields["heading"] = title
          entries.append(
            ["id": id, "text": title, "level": level, "style": hasFailed ? "failed" : ""])
        }
        if hasFailed { failureAnchor = id }
      } else if hasFailed {
        failureAnchor = ids.next("failure")
        fields["anchor"] = failureAnchor
      }
      if hasFailed { fields["style"] = "failed" }
      html += self.cell(outputs: run.outputs, displays, fields)
    }
    return html
  }

  private func cell(
    outputs: [Placement.Output], _ displays: DisplayHTML, _ fields: [String: Any?]
  ) -> String {
    var fields = fields
    fields["outputsHTML"] = outputs.map { output in
      switch output {
      // What heads the page needn't stand a second time.
      case .show(.figures(record.figures)): ""
      case .show(let display): displays.html(display)
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

  // MARK: Header

  private func outcome() -> [String: Any] {
    switch record.outcome {
    case .finished: ["label": "finished", "style": "good"]
    case .failed: ["label": "failed", "style": "bad"]
    case .interrupted:
      options.isRunning
        ? ["label": "running", "style": "busy"] : ["label": "interrupted", "style": "odd"]
    }
  }

  private func meta() -> [String] {
    let start = Format.date(record.header.startedAt)
    let span = Format.duration(record.seconds)
    let commit = record.header.environment["git"].map { "commit \($0.prefix(10))" }
    return [start, record.outcome == .interrupted ? "\(span) recorded" : span]
      + [commit].compactMap { $0 }
  }

  private func banners() -> [[String: Any]] {
    var banners: [[String: Any]] = []
    switch record.outcome {
    case .finished: break
    case .failed(let message, let line):
      var banner: [String: Any] = [
        "style": "bad", "head": "The stage failed" + (line.map { " near line \($0)" } ?? ""),
        "text": PrintedText.lines(message).joined(separator: "\n"),
      ]
      if let failureAnchor { banner["link"] = failureAnchor }
      banners.append(banner)
    case .interrupted:
      banners.append(
        options.isRunning
          ? [
            "style": "busy",
            "head": "The stage is still running; this page shows what it has done so far.",
          ]
          : [
            "style": "odd",
            "head": "The run was interrupted; this page shows what it had done by then.",
          ])
    }
    if isOutdated {
      banners.append([
        "style": "odd",
        "head": "The script's code has changed since this run; the page shows the code that ran.",
      ])
    }
    if record.damagedLines > 0 {
      banners.append([
        "style": "odd",
        "head":
          "\(Format.count(record.damagedLines)) lines of the record can't be read and are left out.",
      ])
    }
    return banners
  }

  // MARK: About

  private func about() -> String {
    let parameters = Self.flattened(record.header.parameters)
    let overridden = record.header.overridden
    let keys = Set(parameters.map(\.key))
    // An override of a whole branch marks what lies below it.
    let facts = parameters.map { key, value -> [String: Any] in
      let isOverridden = overridden.contains { key == $0 || key.hasPrefix($0 + ".") }
      return ["key": key, "value": value, "isOverridden": isOverridden]
    }
    let others = overridden.filter { key in
      !keys.contains { $0 == key || $0.hasPrefix(key + ".") }
    }
    let note = others.isEmpty ? "" : "overridden too: " + others.joined(separator: ", ")
    let changed = facts.filter { $0["isOverridden"] as? Bool == true }.count
    let counted = [
      "\(facts.count)", changed > 0 ? "\(changed) overridden" : "", note,
    ].filter { !$0.isEmpty }.joined(separator: ", ")
    var html = ""
    if !facts.isEmpty || !others.isEmpty {
      html += templates.fill(
        "facts",
        ["head": "Parameters", "count": counted, "facts": facts, "isOpen": !overridden.isEmpty])
    }
    let environment = record.header.environment.sorted { $0.key < $1.key }.map {
      ["key": $0.key, "value": $0.value]
    }
    if !environment.isEmpty {
      html += templates.fill("facts", ["head": "Environment", "facts": environment])
    }
    let hashes = hashes()
    if !hashes.isEmpty {
      html += templates.fill("facts", ["head": "Code and data", "facts": hashes])
    }
    let setup = script.highlighted.html(script.setup)
    if !setup.isEmpty {
      html +=
        "<details class=\"code facts\"><summary>Setup code</summary><pre><code>\(setup)</code></pre></details>\n"
    }
    return html
  }

  /// What the outputs are a function of, beside the parameters.
  private func hashes() -> [[String: Any]] {
    let header = record.header
    let all = [("all of it", header.fingerprint ?? "")].filter { !$0.1.isEmpty }
    let code = (header.code ?? [:]).sorted { $0.key < $1.key }.map { ("code: \($0.key)", $0.value) }
    let data = (header.data ?? [:]).sorted { $0.key < $1.key }.map { ("data: \($0.key)", $0.value) }
    return (code + data + all).map { ["key": $0.0, "value": $0.1] }
  }

  /// Parameters as rows of dotted keys, in order of the keys; lists are set as JSON.
  static func flattened(_ value: JSONValue, below path: String = "") -> [(
    key: String, value: String
  )] {
    if case .object(let members) = value, !members.isEmpty {
      return members.sorted { $0.key < $1.key }.flatMap {
        flattened($0.value, below: path.isEmpty ? $0.key : "\(path).\($0.key)")
      }
    }
    if path.isEmpty { return [] }
    return [(path, text(value))]
  }

  private static func text(_ value: JSONValue) -> String {
    if case .string(let text) = value, !text.isEmpty { return text }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// Ids of headings: readable, and each used once.
struct PageIDs {
  private var used = UniqueNames()
  private let prefix: String

  init(prefix: String = "") { self.prefix = prefix }

  /// An id made of the letters and digits of `text`.
  mutating func next(_ text: String) -> String {
    let words = text.lowercased().unicodeScalars.split {
      !($0.properties.isAlphabetic || ("0"..."9").contains($0))
    }
    let base = words.map { String($0) }.joined(separator: "-")
    let stem = prefix + (base.isEmpty ? "section" : base)
    return used.next(stem)
  }
}
