// The index of all pages: the stages in order, how each stands, and the graph between them.

public import Foundation
public import Notebook

/// The index page of a pipeline.
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

  /// The heading.
  public var title: String
  /// A line below it.
  public var description: String?
  /// The stages in the order in which they run.
  public var stages: [Stage]

  /// An index of stages, in the order in which they run.
  public init(title: String, description: String? = nil, stages: [Stage]) {
    self.title = title
    self.description = description
    self.stages = stages
  }

  /// The index as a complete HTML document. The same book gives the same bytes.
  ///
  /// - Throws: an error of the template library, which would be a mistake in this module.
  public func html() throws -> String {
    let templates = try Templates.shared()
    let displays = DisplayHTML(templates: templates)
    var ids = PageIDs()
    let anchors = stages.map { ids.next($0.name) }
    let done = stages.filter { $0.status == .done }.count
    let spent = stages.flatMap(\.instances).compactMap(\.seconds).reduce(0, +)
    let summary =
      "\(done) of \(stages.count) stages done"
      + (spent > 0 ? ", \(Format.duration(spent)) in all" : "")
    return templates.fill(
      "book",
      [
        "title": title, "description": description, "summary": summary,
        "graphHTML": StageGraph(self, anchors: anchors).html(), "styleHTML": Style.sheet,
        "stages": zip(stages, anchors).map { fields($0, anchor: $1, templates, displays) },
      ])
  }

  /// Writes the index, whole or not at all.
  ///
  /// - Throws: `RenderingError` where the file can't be written.
  public func write(to url: URL) throws { try WholeFile.write(html(), to: url) }

  private func fields(
    _ stage: Stage, anchor: String, _ templates: Templates, _ displays: DisplayHTML
  ) -> [String: Any] {
    let isSingle = stage.instances.count == 1
    let seconds = stage.instances.compactMap(\.seconds)
    var fields: [String: Any] = [
      "name": stage.name, "anchor": anchor, "status": stage.status.rawValue,
      "style": stage.status.style, "hasInstances": !isSingle && !stage.instances.isEmpty,
      "stageFiguresHTML": displays.html(isSingle ? stage.instances[0].figures : []),
      "instances": stage.instances.map { instance -> [String: Any] in
        var fields: [String: Any] = [
          "name": instance.name, "status": instance.status.rawValue,
          "style": instance.status.style,
        ]
        if let page = instance.page { fields["href"] = Self.address(page) }
        let figures = instance.figures.prefix(2).map { "\($0.name) \($0.value)" }
        let time = instance.seconds.map { [Format.duration($0)] } ?? []
        fields["time"] = (time + figures).joined(separator: " · ")
        return fields
      },
    ]
    if let description = stage.description { fields["about"] = description }
    if !seconds.isEmpty { fields["duration"] = Format.duration(seconds.reduce(0, +)) }
    if isSingle, let page = stage.instances[0].page { fields["href"] = Self.address(page) }
    return fields
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
