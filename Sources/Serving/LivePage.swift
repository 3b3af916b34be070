// The page around its parts.

import Pipeline
import Rendering

/// The live page as a whole.
enum LivePage {
  /// What may be loaded and run: our script by its hash, styles, pictures in the page, and events from here.
  static let policy =
    "default-src 'none'; script-src \(LiveScript.source); style-src 'unsafe-inline'; img-src data:; "
    + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  /// The same for rendered pages, which have no script.
  static let pagePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    + "frame-ancestors 'none'"

  /// The complete document.
  static func html(_ sections: Sections) -> String {
    let parts = Dictionary(
      sections.all.map { ($0.id, $0.body) }, uniquingKeysWith: { first, _ in first })
    func part(_ id: String, _ tag: String = "div", _ attributes: Markup = "") -> Markup {
      Markup(
        made: "<\(tag) id=\"\(id)\"\(attributes.html)>\(parts[id]?.html ?? "")</\(tag)>")
    }
    let document: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title(sections))</title>
      <link rel="icon" href="data:,">
      <style>\(Markup(made: Fragments.style + LiveStyle.sheet))</style>
      </head>
      <body>
      <div class="layout live">
      <main>
      \(part("head", "header"))
      <p class="meta"><span id="link" class="badge" role="status" data-on="">as of now</span></p>
      \(part("said", "p", #" class="hidden" role="status" aria-live="polite""#))
      \(part("graph"))
      \(part("now", "section", #" aria-label="What runs now""#))
      \(part("controls"))
      \(part("figures"))
      <section aria-labelledby="curves-title"><div class="head-row"><h2 id="curves-title">Curves</h2>\(part("baseline"))</div>
      \(part("curves"))</section>
      <section aria-labelledby="stages-title"><h2 id="stages-title">Stages</h2>\(part("stages"))</section>
      <div class="pair">
      <section aria-labelledby="log-title"><h2 id="log-title">Log</h2>\(part("log"))</section>
      <section aria-labelledby="machine-title"><h2 id="machine-title">Machine</h2>\(part("machine"))</section>
      </div>
      <section aria-labelledby="pictures-title"><div class="head-row"><h2 id="pictures-title">Pictures</h2>\(part("steps"))</div>
      \(part("pictures"))</section>
      <section aria-labelledby="runs-title"><h2 id="runs-title">Runs</h2>\(part("runs"))</section>
      <section aria-labelledby="compared-title"><h2 id="compared-title">Compared</h2>\(part("compared"))</section>
      <section aria-labelledby="pages-title"><h2 id="pages-title">Notebooks</h2>\(part("pages"))</section>
      </main>
      <div id="toast" class="toast" role="status" aria-live="assertive"></div>
      </div>
      <script>\(Markup(made: LiveScript.text))</script>
      </body>
      </html>
      """
    return document.html
  }

  /// What a tab shows: how far it is, of what.
  static func title(_ sections: Sections) -> String {
    let situation = sections.situation
    guard let run = situation.run, run.isAlive else { return situation.title }
    let one = run.running.first { $0.progress != nil }
    let share = one?.progress.map { "\(Int($0.share * 100)) % \(one?.name ?? "") · " } ?? ""
    return share + situation.title
  }
}
