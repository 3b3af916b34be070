// The page of a sweep: its settings as a table and as lines over their parameters, and what each parameter does.

import Basics
public import Foundation
public import Notebook

/// What the page of a sweep shows.
public struct SweepPage: Sendable {
  /// How sure it is that a parameter matters.
  public enum Verdict: String, Sendable {
    case matters = "more than noise"
    case noise = "within the noise"
    case unknown = "noise not known"
  }

  /// What one parameter does.
  public struct Effect: Sendable {
    /// Its key.
    public var name: String
    /// How sure that is.
    public var verdict: Verdict
    /// The same in a sentence.
    public var sentence: String
    /// Scores over values; nil where there is nothing to draw.
    public var chart: Chart?
    /// The same in numbers.
    public var table: Table

    /// What a parameter does, in words and numbers.
    public init(name: String, verdict: Verdict, sentence: String, chart: Chart?, table: Table) {
      self.name = name
      self.verdict = verdict
      self.sentence = sentence
      self.chart = chart
      self.table = table
    }
  }

  /// The heading.
  public var title: String
  /// A line below it.
  public var lead: String
  /// How it stands, in a word.
  public var status: Book.Status
  /// The same in numbers.
  public var meta: [String] = []
  /// The best setting, and others worth a large number.
  public var figures: [Figure] = []
  /// What a reader should know or type, in Markdown.
  public var remarks = ""
  /// All settings, the best first.
  public var settings: Table
  /// Nil where too few settings are done.
  public var plot: ParallelPlot?
  /// Those that matter most first.
  public var effects: [Effect] = []

  /// The page of settings.
  public init(title: String, lead: String, status: Book.Status, settings: Table) {
    self.title = title
    self.lead = lead
    self.status = status
    self.settings = settings
  }

  /// The page as a complete HTML document. The same values give the same bytes.
  ///
  /// - Throws: an error of the template library, which would be a mistake in this module.
  public func html() throws -> String {
    let templates = try Templates.shared()
    let displays = DisplayHTML(templates: templates)
    var ids = PageIDs()
    return templates.fill(
      "sweep",
      [
        "title": title, "lead": lead, "styleHTML": Style.sheet,
        "status": ["label": status.rawValue, "style": status.style], "meta": meta,
        "figuresHTML": displays.html(figures),
        "remarksHTML": remarks.isEmpty ? "" : displays.html(.markdown(remarks)),
        "settingsHTML": displays.html(settings),
        "plotHTML": plot.map { ParallelSVG($0).svg } ?? "",
        "hasEffects": effects.isEmpty ? nil : true,
        "effects": effects.map { effect in
          [
            "id": ids.next(effect.name), "name": effect.name, "sentence": effect.sentence,
            "verdict": effect.verdict.rawValue, "style": effect.verdict.style,
            "chartHTML": effect.chart.map(displays.html) ?? "",
            "tableHTML": displays.html(effect.table),
          ]
        },
        "refresh": status == .running ? "\(PageBuilder.refresh)" : nil,
      ])
  }

  /// Writes the page, whole or not at all.
  ///
  /// - Throws: `FileError` where the file can't be written.
  public func write(to url: URL) throws { try WholeFile.write(html(), to: url) }
}

extension SweepPage.Verdict {
  fileprivate var style: String {
    switch self {
    case .matters: "good"
    case .noise: "odd"
    case .unknown: ""
    }
  }
}
