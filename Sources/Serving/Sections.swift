// The parts of the page that change by themselves: what runs, what waits, the machine, the log. Each is a function of the
// situation and the view, so that a part is sent anew only when it reads otherwise.

import Foundation
import Notebook
import Pipeline
import Rendering

/// A part of the page: the id of its element, and what is in it.
struct Section: Sendable {
  /// What a part is drawn from that is dear to draw and cheap to compare.
  enum Source: Sendable, Equatable {
    case curves([Chart])
    case pictures(PictureGrid?, caption: Markup)
    case runs([RunRow], View, problem: String?)
  }

  let id: String
  /// The part reads the same as long as this is the same; nil where drawing it is as cheap.
  let source: Source?
  private let draw: @Sendable () -> Markup

  init(_ id: String, of source: Source? = nil, draw: @escaping @Sendable () -> Markup) {
    self.id = id
    self.source = source
    self.draw = draw
  }

  var body: Markup { draw() }
}

/// Makes the parts.
struct Sections: Sendable {
  let situation: Situation
  let view: View
  /// The rank that a score would have had, and of how many; nil where nobody knows.
  let rank: @Sendable (Double) -> (rank: Int, teams: Int)?

  /// All of them, in the order of the page.
  var all: [Section] {
    let charts = curveCharts
    let (grid, caption) = shownPictures
    let runs = situation.runs.rows
    return [
      Section("head") { head }, Section("said") { said }, Section("graph") { graph },
      Section("now") { now }, Section("controls") { controls }, Section("figures") { figures },
      Section("curves", of: .curves(charts)) { Self.curves(charts) },
      Section("baseline") { baselineForm }, Section("stages") { stages },
      Section("steps") { stepForm },
      Section("pictures", of: .pictures(grid, caption: caption)) { Self.pictures(grid, caption) },
      Section("machine") { machine }, Section("log") { log },
      Section("runs", of: .runs(runs, view, problem: situation.filterProblem)) { runTable },
      Section("compared") { comparison }, Section("pages") { pages },
    ]
  }

  // MARK: The head

  private var head: Markup {
    guard let run = situation.run else {
      return """
        <p class="eyebrow">Live</p><h1>\(situation.title)</h1>
        <p class="lead">Nothing has run yet. <code>work run all</code> starts, and this page follows.</p>
        """
    }
    let done = run.instances.count { $0.state.isGood }
    let left = run.secondsLeft.map { "about \(Format.duration(max(1, $0))) left" }
    let words = [
      "run \(run.run)", run.seconds.map { "\(Format.duration($0)) so far" },
      "\(done) of \(run.instances.count) done", left,
      run.overrides.isEmpty ? nil : run.overrides.joined(separator: ", "),
    ].compactMap { $0 }
    let settled =
      [
        "run \(run.run)", run.seconds.map { Format.duration($0) },
        "\(done) of \(run.instances.count) done",
      ].compactMap { $0 }
    return """
      <p class="eyebrow">Live</p><h1>\(situation.title)</h1>
      <p class="meta">\(badge(run))\((run.isAlive ? words : settled).map { "<span>\($0)</span>" as Markup })</p>
      \(notices(run))
      """
  }

  private func badge(_ run: LiveSnapshot) -> Markup {
    let style =
      run.isAlive ? "busy" : run.status == "ok" ? "good" : run.status == "failed" ? "bad" : "odd"
    return #"<span class="badge \#(style)">\#(run.isStopping ? "stopping" : run.status)</span>"#
  }

  private func notices(_ run: LiveSnapshot) -> [Markup] {
    var notices: [Markup] = []
    for one in run.instances where one.state == .failed {
      notices.append(
        """
        <div class="banner bad"><strong>\(one.name) failed</strong><pre>\(one.error ?? "Its log says more.")</pre></div>
        """)
    }
    if run.status == "broken off" {
      notices.append(
        """
        <div class="banner"><strong>The runner is gone</strong>, as after a crash or a power cut. <code>work run</code> \
        goes on from the last checkpoint.</div>
        """)
    }
    for one in run.running {
      for remark in one.remarks.suffix(2) {
        notices.append(
          #"<div class="banner"><strong>\#(one.name)</strong><pre>\#(remark)</pre></div>"#)
      }
    }
    return notices
  }

  /// What a screen reader is told when it changes; progress is not among it.
  private var said: Markup {
    guard let run = situation.run else { return "" }
    let running = run.running.map(\.name).joined(separator: ", ")
    let done = run.instances.count { $0.state.isGood }
    return run.isAlive
      ? "\(done) of \(run.instances.count) done. \(running.isEmpty ? "Nothing runs at this moment" : "Now: \(running)")."
      : "The run has ended: \(run.status)."
  }

  // MARK: Stages

  private var graph: Markup {
    let stages = situation.stages.map { stage in
      Book.Stage(
        name: stage.name, after: stage.after,
        instances: instances(of: stage.name).map {
          Book.Instance(name: $0.name, status: Self.status($0.state))
        })
    }
    return Markup(
      made: Fragments.graph(
        Book(title: situation.title, stages: stages), anchors: stages.map { "stage-\($0.name)" }))
  }

  private func instances(of stage: String) -> [LiveSnapshot.Instance] {
    situation.run?.instances.filter { $0.stage == stage } ?? []
  }

  private static func status(_ state: LiveSnapshot.State) -> Book.Status {
    switch state {
    case .done, .fresh, .restored: .done
    case .failed: .failed
    case .running: .running
    case .interrupted, .brokenOff: .interrupted
    case .frozen: .stale
    case .waiting, .notStarted: .notRun
    }
  }

  private static func style(_ state: LiveSnapshot.State) -> String {
    switch state {
    case .done, .fresh, .restored: "good"
    case .failed: "bad"
    case .running: "busy"
    case .interrupted, .brokenOff, .frozen: "odd"
    case .waiting, .notStarted: ""
    }
  }

  private var stages: Markup {
    let lines = situation.stages.map { stage -> Markup in
      let all = instances(of: stage.name)
      let rows = all.map { one -> Markup in
        """
        <li>\(link(one.name)) <span class="badge \(Self.style(one.state))">\(one.state.rawValue)</span> \
        <span class="when">\(detail(one))</span></li>
        """
      }
      return """
        <li class="stage" id="stage-\(stage.name)"><div class="stage-head"><h3>\(stage.name)</h3><span class="when">\(stage.about)</span></div>
        <ul class="instances">\(rows)</ul></li>
        """
    }
    return #"<ol class="stages">\#(lines)</ol>"#
  }

  private func link(_ instance: String) -> Markup {
    situation.pages.contains("\(instance).html")
      ? #"<a href="/pages/\#(Self.address(instance)).html">\#(instance)</a>"# : "\(instance)"
  }

  static func address(_ name: String) -> String {
    name.addingPercentEncoding(
      withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "@._-")))
      ?? ""
  }

  private func detail(_ one: LiveSnapshot.Instance) -> String {
    var parts: [String] = []
    switch one.state {
    case .waiting:
      if !one.waitsFor.isEmpty { parts.append("waits for \(one.waitsFor.joined(separator: ", "))") }
      if let left = one.secondsLeft { parts.append("took \(Format.duration(left)) last time") }
    case .running:
      if let progress = one.progress { parts.append("\(Int(progress.share * 100)) %") }
    default:
      if let seconds = one.seconds { parts.append(Format.duration(seconds)) }
      if let memory = one.peakMemory { parts.append("\(Self.bytes(Int64(memory))) at most") }
    }
    if let course = one.course, !course.isAsPlanned { parts.append(course.description) }
    return parts.joined(separator: " · ")
  }

  // MARK: What runs

  private var now: Markup {
    guard let run = situation.run, run.isAlive else { return "" }
    let cards = run.running.map { one -> Markup in
      let left = one.secondsLeft.map { "about \(Format.duration(max(1, $0))) left" } ?? ""
      guard let progress = one.progress else {
        return """
          <article class="card"><div class="card-head"><h3>\(one.name)</h3><span class="when">\(left)</span></div>
          <p class="when">\(one.seconds.map { "for \(Format.duration($0))" } ?? "")</p></article>
          """
      }
      let percent = Int((progress.share * 100).rounded(.down))
      let isBytes = progress.unit == "bytes"
      func amount(_ value: Double) -> String {
        isBytes ? Self.bytes(Int64(max(-1e15, min(1e15, value)))) : Format.value(value.rounded())
      }
      let rate = progress.rate.map { rate in
        let text =
          isBytes ? Self.bytes(Int64(min(1e15, rate))) : Format.decimal(rate, rate < 10 ? 1 : 0)
        return isBytes ? "\(text)/s" : "\(text) \(progress.unit)/s"
      }
      let words = [
        "\(amount(Double(progress.done))) of \(amount(Double(progress.total)))"
          + (isBytes ? "" : " \(progress.unit)"), rate, progress.note,
      ].compactMap { $0 }.filter { !$0.isEmpty }
      return """
        <article class="card"><div class="card-head"><h3>\(one.name)</h3><span class="when">\(left)</span></div>
        <div class="bar" role="progressbar" aria-label="\(one.name)" aria-valuemin="0" aria-valuemax="100" aria-valuenow="\(percent)">\
        <div style="width:\(percent)%"></div></div>
        <p class="when"><strong>\(percent) %</strong>\(words.map { "<span>\($0)</span>" as Markup })</p></article>
        """
    }
    return cards.isEmpty
      ? #"<p class="quiet">Between two stages, or building them.</p>"#
      : #"<div class="cards">\#(cards)</div>"#
  }

  private var controls: Markup {
    guard let run = situation.run, run.isAlive else { return "" }
    guard let token = view.token else {
      return """
        <p class="quiet">Read only: the address that <code>work serve</code> prints has the token for the buttons.</p>
        """
    }
    let rows = run.running.filter(\.heeds).map { one -> Markup in
      let extend: Markup = """
        <label>Extend by <input id="epochs-\(one.name)" name="epochs" type="number" min="1" max="1000" value="5" required> epochs</label> \
        <button id="extend-\(one.name)">Extend</button>
        """
      let asked = one.asked.isEmpty ? "" : "asked: \(one.asked.joined(separator: ", "))"
      return """
        <div class="control"><span class="control-name">\(one.name)</span>
        \(form("stop-after-epoch", one.name, token, #"<button id="after-\#(one.name)">Stop after this epoch</button>"#))
        \(form("extend", one.name, token, extend))
        <span class="when">\(asked)</span></div>
        """
    }
    let stop = form(
      "stop", "", token,
      #"<button id="stop-now" class="danger"\#(run.isStopping ? " disabled" : "" as Markup)>\#(run.isStopping ? "Stopping …" : "Stop the run now")</button>"#,
      confirm: "Stop the run now? A training keeps a checkpoint, and work run goes on from there.")
    return
      #"<div class="controls" role="group" aria-label="What can be asked of the run">\#(rows)<div class="control">\#(stop)</div></div>"#
  }

  private func form(
    _ action: String, _ target: String, _ token: String, _ fields: Markup, confirm: String = ""
  ) -> Markup {
    """
    <form method="post" action="/ask"\(confirm.isEmpty ? "" : #" data-confirm="\#(confirm)""# as Markup)>\
    <input type="hidden" name="token" value="\(token)"><input type="hidden" name="action" value="\(action)">\
    <input type="hidden" name="target" value="\(target)">\(fields)</form>
    """
  }

  // MARK: Machine and log

  private var machine: Markup {
    let meters = situation.meters
    func meter(_ name: String, _ share: Double?, _ text: String) -> Markup {
      let percent = share.map { Int((max(0, min(1, $0)) * 100).rounded()) } ?? 0
      return """
        <div class="meter"><span>\(name)</span><div class="bar" role="meter" aria-label="\(name)" aria-valuemin="0" \
        aria-valuemax="100" aria-valuenow="\(percent)"><div style="width:\(percent)%"></div></div><span class="when">\(text)</span></div>
        """
    }
    func share(_ part: Int64?, _ all: Int64?) -> Double? {
      guard let part, let all, all > 0 else { return nil }
      return Double(part) / Double(all)
    }
    let used = meters.diskTotal.flatMap { total in meters.diskFree.map { total - $0 } }
    return """
      \(meter("Cores", meters.busy, meters.busy.map { "\(Int(($0 * 100).rounded())) % of \(meters.cores)" } ?? "\(meters.cores)"))
      \(meter("Memory", share(meters.memoryUsed, meters.memoryTotal), meters.memoryUsed.map { "\(Self.bytes($0)) of \(Self.bytes(meters.memoryTotal ?? 0))" } ?? "unknown"))
      \(meter("Disk", share(used, meters.diskTotal), meters.diskFree.map { "\(Self.bytes($0)) free" } ?? "unknown"))
      """
  }

  private var log: Markup {
    guard let run = situation.run, let log = situation.log else {
      return #"<p class="quiet">No log yet.</p>"#
    }
    let options = run.instances.filter { $0.state != .waiting && $0.state != .notStarted }
      .map { one -> Markup in
        #"<option value="\#(one.name)"\#(one.name == log.instance ? " selected" : "" as Markup)>\#(one.name)</option>"#
      }
    let lines = PrintedText.lines(log.text).suffix(200).joined(separator: "\n")
    return """
      <form method="get" action="/" class="inline" data-view><label for="log-of">Log of</label> \
      <select id="log-of" name="log" data-auto>\(options)</select> <noscript><button>Show</button></noscript></form>
      <pre class="tail" id="tail" tabindex="0" aria-label="The end of the log of \(log.instance)">\(lines.isEmpty ? "nothing printed so far" : lines)</pre>
      """
  }

  /// "812 B", "4.2 GB".
  static func bytes(_ count: Int64) -> String {
    let value = Double(count)
    let scales = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
    guard let (scale, name) = scales.first(where: { value >= $0.0 }) else { return "\(count) B" }
    return Format.decimal(value / scale, value / scale < 100 ? 1 : 0) + " \(name)"
  }

  private var pages: Markup {
    let links = situation.pages.map { name -> Markup in
      let title = name == "index.html" ? "All stages" : String(name.dropLast(5))
      return
        #"<li><a href="/pages/\#(Self.address(String(name.dropLast(5)))).html">\#(title)</a></li>"#
    }
    return links.isEmpty
      ? #"<p class="quiet">Pages appear as stages run.</p>"#
      : #"<ul class="links">\#(links)</ul>"#
  }

  /// The pictures to show, nil where there are none, and whose they are.
  private var shownPictures: (PictureGrid?, caption: Markup) {
    guard let shown = situation.pictures, let step = shownStep else { return (nil, "") }
    let name = shown.grids[step].step.map { ", \($0)" } ?? ""
    return (Self.sample(shown.grids[step]), "of \(link(shown.instance))\(name)")
  }

  private static func pictures(_ grid: PictureGrid?, _ caption: Markup) -> Markup {
    guard let grid, let html = try? Fragments.html(.grid(grid)) else {
      return #"<p class="quiet">Pictures appear when a training has begun.</p>"#
    }
    return #"<p class="when">\#(caption)</p>\#(Markup(made: html))"#
  }

  /// The place of the grid that is shown; nil where there is none. A step that isn't there yet stands for the last.
  private var shownStep: Int? {
    guard let grids = situation.pictures?.grids, !grids.isEmpty else { return nil }
    return view.step > 0 ? min(view.step, grids.count) - 1 : grids.count - 1
  }

  /// Where pictures have steps, such as epochs: a slider over them.
  private var stepForm: Markup {
    guard let grids = situation.pictures?.grids, grids.count > 1, let step = shownStep else {
      return ""
    }
    return """
      <form method="get" action="/" class="inline" data-view><label for="step">Over \(grids.count) validations</label> \
      <input type="range" id="step" name="step" min="1" max="\(grids.count)" step="1" value="\(step + 1)" data-auto> \
      <noscript><button>Show</button></noscript></form>
      """
  }

  /// The first few rows, or pictures of a gallery; all rows of a step, which are few.
  private static func sample(_ grid: PictureGrid) -> PictureGrid {
    var grid = grid
    grid.rows = grid.rows.prefix(grid.step == nil ? 4 : 12).map { Array($0.prefix(12)) }
    return grid
  }
}
