// The table of runs with its filter, and some of them side by side.

import Foundation
import Pipeline
import Rendering

extension Sections {
  /// More rows than this need a filter.
  private static let mostRows = 50

  var runTable: Markup {
    let rows = situation.runs.rows
    let lines = rows.prefix(Self.mostRows).map { row -> Markup in
      let isChosen = view.compared.contains(row.id)
      let style =
        row.outcome == "ok"
        ? "good" : row.outcome == "failed" ? "bad" : row.outcome == "running" ? "busy" : "odd"
      let overrides = row.overrides.sorted { $0.key < $1.key }
        .map { "\($0.key)=\(Self.plain($0.value))" }.joined(separator: " ")
      let about = [overrides, row.tags.joined(separator: ", "), row.note ?? ""]
        .filter { !$0.isEmpty }.joined(separator: " · ")
      return """
        <tr><td><input type="checkbox" name="compare" value="\(row.id)" id="pick-\(row.id)" data-auto \
        aria-label="compare the run of \(Self.label(row))"\(isChosen ? " checked" : "" as Markup)></td>\
        <td>\(Self.label(row))</td><td><span class="badge \(style)">\(row.outcome)</span></td>\
        <td class="n">\(row.seconds.map { Format.duration($0) } ?? "")</td>\
        <td class="n">\(row.metrics["evaluate.score"].map { Format.decimal($0, 4) } ?? "")</td>\
        <td>\(about)</td></tr>
        """
    }
    let problem: Markup? = situation.filterProblem.map {
      #"<p class="banner bad" role="alert"><strong>That filter means nothing:</strong> \#($0)</p>"#
    }
    let more =
      rows.count > Self.mostRows
      ? "The latest \(Self.mostRows) of \(Format.count(rows.count)); the filter finds the others."
      : ""
    return """
      <form method="get" action="/" class="inline" data-view><label for="where">Only runs where</label> \
      <input id="where" name="where" value="\(view.filter)" placeholder="score > 0.8 and filters == 16" \
      spellcheck="false" autocomplete="off" maxlength="400"> <button>Filter</button></form>
      \(problem)
      <form method="get" action="/" data-view data-clears="compare"><div class="table scroll" tabindex="0"><table><thead><tr>\
      <th scope="col"><span class="hidden">compare</span></th><th scope="col">started (UTC)</th><th scope="col">ended</th>\
      <th scope="col" class="n">took</th><th scope="col" class="n">score</th><th scope="col">overrides, tags, note</th></tr></thead>
      <tbody>\(lines)</tbody></table></div>
      <noscript><button>Compare</button></noscript></form>
      <p class="quiet">\(lines.isEmpty ? "No run is recorded, or none fits." : more)</p>
      """
  }

  var comparison: Markup {
    let rows = view.compared.compactMap { id in allRuns.first { $0.id == id } }
    guard rows.count > 1 else {
      return
        #"<p class="quiet">Choose two to \#(View.mostCompared) runs of the table to see what differs.</p>"#
    }
    let table = RunTable(rows: rows)
    let heads = rows.map { #"<th scope="col">\#(Self.label($0))</th>"# as Markup }
    func line(_ name: String, _ cells: [String], isNumber: Bool) -> Markup {
      let parts = cells.map { cell -> Markup in
        isNumber ? #"<td class="n">\#(cell)</td>"# : "<td>\(cell)</td>"
      }
      return #"<tr><th scope="row">\#(name)</th>\#(parts)</tr>"#
    }
    var lines = table.changedParameters.map { key in
      line(key, rows.map { $0.parameters[key].map(Self.plain) ?? "–" }, isNumber: false)
    }
    if lines.isEmpty { lines = [line("parameters", rows.map { _ in "the same" }, isNumber: false)] }
    let metrics = table.metrics.filter { !$0.contains("@") }
    lines += metrics.map { name in
      line(name, rows.map { $0.metrics[name].map(Format.value) ?? "–" }, isNumber: true)
    }
    let score = "evaluate.score"
    if let first = rows[0].metrics[score] {
      let differences = rows.map { row -> String in
        guard let value = row.metrics[score] else { return "–" }
        let difference = value - first
        return row.id == rows[0].id
          ? "" : (difference > 0 ? "+" : "") + Format.decimal(difference, 4)
      }
      lines.append(line("score, against the first", differences, isNumber: true))
    }
    return """
      <div class="table scroll" tabindex="0"><table class="compare"><thead><tr><th scope="col">what differs</th>\(heads)</tr></thead>
      <tbody>\(lines)</tbody></table></div>
      """
  }

  /// A value in JSON as a person would write it.
  private static func plain(_ json: String) -> String {
    json.hasPrefix("\"")
      ? (try? JSONDecoder().decode(String.self, from: Data(json.utf8))) ?? json : json
  }

  /// Also those that the filter leaves out.
  private var allRuns: [RunRow] { situation.allRuns }
}
