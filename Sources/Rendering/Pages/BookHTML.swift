// The index as HTML: its lines, the graph, the runs, and the pages that are bound in.

import Basics
public import Foundation
import Notebook

extension Book {
  /// The index as a complete HTML document. The same book gives the same bytes.
  ///
  /// - Parameter chapters: pages to bind in, by instance; links lead to them instead of to files.
  /// - Throws: an error of the template library, which would be a mistake in this module.
  public func html(chapters: [Chapter] = []) throws -> String {
    var builder = BookBuilder(self, templates: try Templates.shared())
    return builder.html(chapters)
  }

  /// Writes the index, whole or not at all.
  ///
  /// - Throws: `FileError` where the file can't be written.
  public func write(chapters: [Chapter] = [], to url: URL) throws {
    try WholeFile.write(html(chapters: chapters), to: url)
  }

  /// A relative path as an address: what a name could smuggle in (a scheme, a query) is quoted.
  static func address(_ page: String) -> String {
    let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: ":;"))
    return page.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
  }
}

/// Builds one book.
private struct BookBuilder {
  private let book: Book
  private let templates: Templates
  private let displays: DisplayHTML
  private var ids: PageIDs
  private let anchors: [String]
  private let toolsID: String
  private let runsID: String
  /// Where the bound pages begin, by instance.
  private var places: [String: String] = [:]
  private var contents: [[String: Any]] = []

  init(_ book: Book, templates: Templates) {
    self.book = book
    self.templates = templates
    displays = DisplayHTML(templates: templates)
    var ids = PageIDs()
    anchors = book.stages.map { ids.next($0.name) }
    (toolsID, runsID) = (ids.next("tools"), ids.next("runs"))
    self.ids = ids
  }

  /// The book's HTML; a builder builds once.
  mutating func html(_ chapters: [Book.Chapter]) -> String {
    var bound: [(name: String, id: String)] = []
    for chapter in chapters {
      let name = chapter.record.header.instance
      bound.append((name, ids.next("page \(name)")))
    }
    places = Dictionary(bound.map { ($0.name, $0.id) }) { first, _ in first }
    if !chapters.isEmpty { enter("The stages", id: "top") }
    if !book.runs.isEmpty { enter("Runs", id: runsID) }
    for place in bound { enter(place.name, id: place.id) }
    let articles = zip(chapters, bound).map { chapter, place in
      ["id": place.id, "articleHTML": article(chapter, id: place.id)]
    }
    let isRunning = book.stages.contains { $0.status == .running }
    return templates.fill(
      "book",
      [
        "title": book.title, "description": book.description, "summary": summary,
        "graphHTML": StageGraph(book, anchors: anchors).html(), "styleHTML": Style.sheet,
        "stages": zip(book.stages, anchors).map { fields($0, anchor: $1) },
        "hasTools": book.tools.isEmpty ? nil : true, "toolsID": toolsID,
        "tools": book.tools.map(fields),
        "runsHTML": book.runs.isEmpty ? "" : displays.html(runTable), "runsID": runsID,
        "chapters": articles,
        "contentsHTML": chapters.isEmpty ? "" : templates.fill("contents", ["entries": contents]),
        "refresh": isRunning && chapters.isEmpty ? "\(PageBuilder.refresh)" : nil,
      ])
  }

  private mutating func enter(_ text: String, id: String) {
    contents.append(["id": id, "text": text, "level": 1])
  }

  private func article(_ chapter: Book.Chapter, id: String) -> String {
    var builder = PageBuilder(
      record: chapter.record, current: chapter.script,
      options: Page.Options(isRunning: chapter.isRunning, book: "#top"), templates: templates,
      chapter: id)
    return builder.article().html
  }

  /// How many stages are done, and how long all took.
  private var summary: String {
    let done = book.stages.filter { $0.status == .done }.count
    let spent = book.stages.flatMap(\.instances).compactMap(\.seconds).reduce(0, +)
    return "\(done) of \(book.stages.count) stages done"
      + (spent > 0 ? ", \(Format.duration(spent)) in all" : "")
  }

  /// The runs, each with what it took and what came of it.
  private var runTable: Table {
    Table(
      caption: "The latest first; a run that found nothing to do leaves no line.",
      columns: ["started", "asked for", "ran", "took", "score", "ended"],
      rows: book.runs.map { run in
        [
          run.started, run.request,
          run.ran.count > 4 ? "\(run.ran.count) instances" : run.ran.joined(separator: ", "),
          run.seconds.map(Format.duration) ?? "", run.score.map { Format.decimal($0, 4) } ?? "",
          run.status,
        ]
      })
  }

  // MARK: Lines

  private func fields(_ stage: Book.Stage, anchor: String) -> [String: Any] {
    let isSingle = stage.instances.count == 1
    let seconds = stage.instances.compactMap(\.seconds)
    var fields: [String: Any?] = [
      "name": stage.name, "anchor": anchor, "status": stage.status.rawValue,
      "style": stage.status.style, "hasInstances": !isSingle && !stage.instances.isEmpty,
      "stageFiguresHTML": displays.html(isSingle ? stage.instances[0].figures : []),
      "instances": stage.instances.map(self.fields),
    ]
    if let description = stage.description { fields["about"] = description }
    if !seconds.isEmpty { fields["duration"] = Format.duration(seconds.reduce(0, +)) }
    if isSingle { fields["href"] = address(stage.instances[0]) }
    return fields.compactMapValues { $0 }
  }

  private func fields(_ instance: Book.Instance) -> [String: Any] {
    var fields: [String: Any] = [
      "name": instance.name, "status": instance.status.rawValue, "style": instance.status.style,
    ]
    if let address = address(instance) { fields["href"] = address }
    let figures = instance.figures.prefix(2).map { "\($0.name) \($0.value)" }
    let time = instance.seconds.map { [Format.duration($0)] } ?? []
    fields["time"] = (time + figures).joined(separator: " · ")
    return fields
  }

  /// Where an instance's page is: in this document, or in a file of its own.
  private func address(_ instance: Book.Instance) -> String? {
    if let place = places[instance.name] { return "#\(place)" }
    return places.isEmpty ? instance.page.map(Book.address) : nil
  }
}

extension Book.Status {
  var style: String {
    switch self {
    case .done: "good"
    case .failed: "bad"
    case .running: "busy"
    case .interrupted, .stale: "odd"
    case .notRun: ""
    }
  }
}
