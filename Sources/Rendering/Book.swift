// The index of all pages: the stages in order, how each stands, and the graph between them.

import Basics
public import Foundation
public import Notebook

/// What binds the pages of a pipeline: the index, or one page with all of them in it.
public struct Book: Sendable {
  /// How a stage stands.
  public enum Status: String, Sendable {
    case done, failed, running, interrupted, stale
    case notRun = "not run"
  }

  /// One instance of a stage: a line of the index.
  public struct Instance: Sendable {
    /// "train@0", or the stage's name where it has just one.
    public var name: String
    /// How it stands.
    public var status: Status
    /// How long it took.
    public var seconds: Double?
    /// Its key figures.
    public var figures: [Figure]
    /// The page's address relative to the index; nil where there is no page.
    public var page: String?

    /// An instance as it stands.
    public init(
      name: String, status: Status, seconds: Double? = nil, figures: [Figure] = [],
      page: String? = nil
    ) {
      self.name = name
      self.status = status
      self.seconds = seconds
      self.figures = figures
      self.page = page
    }

    /// An instance as its record tells.
    public init(record: Record, isRunning: Bool = false, page: String?) {
      let status: Status =
        switch record.outcome {
        case .finished: .done
        case .failed: .failed
        case .interrupted: isRunning ? .running : .interrupted
        }
      self.init(
        name: record.header.instance, status: status, seconds: record.seconds,
        figures: record.figures, page: page)
    }
  }

  /// A stage with its instances, at least one, and the stages whose outputs it reads.
  public struct Stage: Sendable {
    /// The stage's name.
    public var name: String
    /// What it does, in a line.
    public var description: String?
    /// Names of the stages whose outputs it reads.
    public var after: [String]
    /// Its instances; one, but for a `foreach` stage.
    public var instances: [Instance]

    /// A stage of the index.
    public init(
      name: String, description: String? = nil, after: [String] = [], instances: [Instance]
    ) {
      self.name = name
      self.description = description
      self.after = after
      self.instances = instances
    }

    /// The worst that can be said of any instance.
    var status: Status {
      let order: [Status] = [.failed, .running, .interrupted, .stale, .notRun]
      return order.first { status in instances.contains { $0.status == status } }
        ?? (instances.isEmpty ? .notRun : .done)
    }
  }

  /// One run of the runner: a line of the table of runs.
  public struct Run: Sendable {
    /// Its folder's name.
    public var name: String
    /// When it began, in words.
    public var started: String
    /// How it ended, in a word.
    public var status: String
    /// What it was asked for, and which parameters were overridden.
    public var request: String
    /// What ran in it.
    public var ran: [String]
    /// Seconds of all that ran.
    public var seconds: Double?
    /// The score of the pipeline, where the run named one.
    public var score: Double?

    /// A run as its folder tells.
    public init(
      name: String, started: String, status: String, request: String, ran: [String],
      seconds: Double?, score: Double?
    ) {
      self.name = name
      self.started = started
      self.status = status
      self.request = request
      self.ran = ran
      self.seconds = seconds
      self.score = score
    }
  }

  /// A page that is bound in.
  public struct Chapter: Sendable {
    /// What ran.
    public var record: Record
    /// The script as it is now; nil where it is gone.
    public var script: String?
    /// The stage's process is still alive.
    public var isRunning: Bool

    /// The page of a record.
    public init(record: Record, script: String?, isRunning: Bool = false) {
      self.record = record
      self.script = script
      self.isRunning = isRunning
    }
  }

  /// The heading.
  public var title: String
  /// A line below it.
  public var description: String?
  /// The stages in the order in which they run.
  public var stages: [Stage]
  /// Pages that belong to no stage, such as a learning-rate range test's.
  public var tools: [Instance] = []
  /// Runs, the latest first.
  public var runs: [Run] = []

  /// An index of stages, in the order in which they run.
  public init(title: String, description: String? = nil, stages: [Stage]) {
    self.title = title
    self.description = description
    self.stages = stages
  }

  /// The index as a complete HTML document. The same book gives the same bytes.
  ///
  /// - Parameter chapters: pages to bind in, by instance; links lead to them instead of to files.
  /// - Throws: an error of the template library, which would be a mistake in this module.
  public func html(chapters: [Chapter] = []) throws -> String {
    let templates = try Templates.shared()
    let displays = DisplayHTML(templates: templates)
    var ids = PageIDs()
    let anchors = stages.map { ids.next($0.name) }
    let (toolsID, runsID) = (ids.next("tools"), ids.next("runs"))
    let bound = chapters.map {
      ($0.record.header.instance, ids.next("page \($0.record.header.instance)"))
    }
    let places = Dictionary(bound, uniquingKeysWith: { first, _ in first })
    let done = stages.filter { $0.status == .done }.count
    let spent = stages.flatMap(\.instances).compactMap(\.seconds).reduce(0, +)
    let summary =
      "\(done) of \(stages.count) stages done"
      + (spent > 0 ? ", \(Format.duration(spent)) in all" : "")
    var entries: [[String: Any]] = []
    if !chapters.isEmpty { entries.append(["id": "top", "text": "The stages", "level": 1]) }
    if !runs.isEmpty { entries.append(["id": runsID, "text": "Runs", "level": 1]) }
    let articles = zip(chapters, bound).map { chapter, place -> [String: Any] in
      var builder = PageBuilder(
        record: chapter.record, current: chapter.script,
        options: Page.Options(isRunning: chapter.isRunning, book: "#top"), templates: templates,
        chapter: place.1)
      let article = builder.article()
      entries.append(["id": place.1, "text": place.0, "level": 1])
      return ["id": place.1, "articleHTML": article.html]
    }
    let isRunning = stages.contains { $0.status == .running }
    return templates.fill(
      "book",
      [
        "title": title, "description": description, "summary": summary,
        "graphHTML": StageGraph(self, anchors: anchors).html(), "styleHTML": Style.sheet,
        "stages": zip(stages, anchors).map {
          fields($0, anchor: $1, templates, displays, places)
        },
        "hasTools": tools.isEmpty ? nil : true, "toolsID": toolsID,
        "tools": tools.map { fields($0, places) },
        "runsHTML": runs.isEmpty ? "" : displays.html(runTable), "runsID": runsID,
        "chapters": articles,
        "contentsHTML": chapters.isEmpty ? "" : templates.fill("contents", ["entries": entries]),
        "refresh": isRunning && chapters.isEmpty ? "\(PageBuilder.refresh)" : nil,
      ])
  }

  /// The runs, each with what it took and what came of it.
  private var runTable: Table {
    Table(
      caption: "The latest first; a run that found nothing to do leaves no line.",
      columns: ["started", "asked for", "ran", "took", "score", "ended"],
      rows: runs.map { run in
        [
          run.started, run.request,
          run.ran.count > 4 ? "\(run.ran.count) instances" : run.ran.joined(separator: ", "),
          run.seconds.map(Format.duration) ?? "", run.score.map { Format.decimal($0, 4) } ?? "",
          run.status,
        ]
      })
  }

  /// Writes the index, whole or not at all.
  ///
  /// - Throws: `FileError` where the file can't be written.
  public func write(chapters: [Chapter] = [], to url: URL) throws {
    try WholeFile.write(html(chapters: chapters), to: url)
  }

  private func fields(
    _ stage: Stage, anchor: String, _ templates: Templates, _ displays: DisplayHTML,
    _ places: [String: String]
  ) -> [String: Any] {
    let isSingle = stage.instances.count == 1
    let seconds = stage.instances.compactMap(\.seconds)
    var fields: [String: Any?] = [
      "name": stage.name, "anchor": anchor, "status": stage.status.rawValue,
      "style": stage.status.style, "hasInstances": !isSingle && !stage.instances.isEmpty,
      "stageFiguresHTML": displays.html(isSingle ? stage.instances[0].figures : []),
      "instances": stage.instances.map { self.fields($0, places) },
    ]
    if let description = stage.description { fields["about"] = description }
    if !seconds.isEmpty { fields["duration"] = Format.duration(seconds.reduce(0, +)) }
    if isSingle { fields["href"] = Self.address(stage.instances[0], places) }
    return fields.compactMapValues { $0 }
  }

  private func fields(_ instance: Instance, _ places: [String: String]) -> [String: Any] {
    var fields: [String: Any] = [
      "name": instance.name, "status": instance.status.rawValue, "style": instance.status.style,
    ]
    if let address = Self.address(instance, places) { fields["href"] = address }
    let figures = instance.figures.prefix(2).map { "\($0.name) \($0.value)" }
    let time = instance.seconds.map { [Format.duration($0)] } ?? []
    fields["time"] = (time + figures).joined(separator: " · ")
    return fields
  }

  /// Where an instance's page is: in this document, or in a file of its own.
  private static func address(_ instance: Instance, _ places: [String: String]) -> String? {
    places[instance.name].map { "#\($0)" } ?? (places.isEmpty ? instance.page.map(address) : nil)
  }

  /// A relative path as an address: what a name could smuggle in (a scheme, a query) is quoted.
  static func address(_ page: String) -> String {
    let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: ":;"))
    return page.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
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
