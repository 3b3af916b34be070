// The HTML of the pages, as Mustache templates. `{{x}}` is escaped; only names that end in HTML are
// set as they are, and these come from another template, the chart drawer, the highlighter or libcmark.

import Mustache

/// The parsed templates.
struct Templates: Sendable {
  private let library: MustacheLibrary

  /// All templates; parsed once.
  static func shared() throws -> Templates { try parsed.get() }

  private static let parsed = Result { try Templates() }

  private init() throws {
    var library = MustacheLibrary()
    for (name, text) in Self.sources { try library.register(text, named: name) }
    self.library = library
  }

  /// Fills a template; fields that are nil or empty text count as absent.
  func fill(_ name: String, _ fields: [String: Any?]) -> String {
    let present = fields.compactMapValues { value -> Any? in
      if let text = value as? String, text.isEmpty { return nil }
      return value
    }
    return library.render(present, withTemplate: name) ?? ""
  }

  static let sources: [String: String] = [
    "page": page, "article": article, "book": book, "cell": cell, "chart": chart, "table": table,
    "grid": grid, "series": series, "figures": figures, "facts": facts, "contents": contents,
    "sweep": sweep,
  ]

  private static let head = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
    {{#refresh}}<meta http-equiv="refresh" content="{{refresh}}">
    {{/refresh}}

    """

  private static let page =
    head + """
      <title>{{title}} · {{instance}}</title>
      <style>{{{styleHTML}}}</style>
      </head>
      <body>
      <div class="layout">
      <main>
      {{{articleHTML}}}
      </main>
      {{#contentsHTML}}<aside class="contents"><nav aria-label="Contents"><p class="contents-head">Contents</p>{{{contentsHTML}}}</nav></aside>
      {{/contentsHTML}}
      </div>
      </body>
      </html>

      """

  private static let article = """
    <header>
    <p class="eyebrow">{{#bookLink}}<a href="{{bookLink}}">All stages</a> <span aria-hidden="true">/</span> {{/bookLink}}{{instance}}</p>
    <h1>{{title}}</h1>
    {{#description}}<p class="lead">{{description}}</p>
    {{/description}}
    <p class="meta"><span class="badge {{outcome.style}}">{{outcome.label}}</span>{{#meta}}<span>{{.}}</span>{{/meta}}</p>
    {{#banner}}<div class="banner {{style}}" role="status"><strong>{{head}}</strong>{{#text}}<pre>{{text}}</pre>{{/text}}{{#link}}<a href="#{{link}}">Go to the cell</a>{{/link}}</div>
    {{/banner}}
    {{{figuresHTML}}}
    </header>
    {{#contentsHTML}}<details class="contents-fold"><summary>Contents</summary><nav aria-label="Contents">{{{contentsHTML}}}</nav></details>
    {{/contentsHTML}}
    {{{bodyHTML}}}
    <footer>
    <h2 id="{{aboutID}}">About this run</h2>
    {{{aboutHTML}}}
    </footer>

    """

  private static let book =
    head + """
      <title>{{title}}</title>
      <style>{{{styleHTML}}}</style>
      </head>
      <body>
      <div class="layout">
      <main class="book">
      <header id="top">
      <h1>{{title}}</h1>
      {{#description}}<p class="lead">{{description}}</p>
      {{/description}}
      {{#summary}}<p class="meta"><span>{{summary}}</span></p>{{/summary}}
      </header>
      {{{graphHTML}}}
      <ol class="stages">
      {{#stages}}<li class="stage {{style}}" id="{{anchor}}">
      <div class="stage-head"><h2>{{#href}}<a href="{{href}}">{{name}}</a>{{/href}}{{^href}}{{name}}{{/href}}</h2><span class="badge {{style}}">{{status}}</span>{{#duration}}<span class="when">{{duration}}</span>{{/duration}}</div>
      {{#about}}<p>{{about}}</p>
      {{/about}}
      {{#hasInstances}}<ul class="instances">{{#instances}}<li>{{#href}}<a href="{{href}}">{{name}}</a>{{/href}}{{^href}}{{name}}{{/href}} <span class="badge {{style}}">{{status}}</span>{{#time}} <span class="when">{{time}}</span>{{/time}}</li>{{/instances}}</ul>
      {{/hasInstances}}
      {{{stageFiguresHTML}}}
      </li>
      {{/stages}}
      </ol>
      {{#hasTools}}<section class="tools"><h2 id="{{toolsID}}">Beside the stages</h2>
      <ul class="instances">{{#tools}}<li>{{#href}}<a href="{{href}}">{{name}}</a>{{/href}} <span class="badge {{style}}">{{status}}</span>{{#time}} <span class="when">{{time}}</span>{{/time}}</li>{{/tools}}</ul></section>
      {{/hasTools}}
      {{#runsHTML}}<section class="runs"><h2 id="{{runsID}}">Runs</h2>
      {{{runsHTML}}}</section>
      {{/runsHTML}}
      {{#chapters}}<article class="chapter" id="{{id}}">
      {{{articleHTML}}}
      </article>
      {{/chapters}}
      </main>
      {{#contentsHTML}}<aside class="contents"><nav aria-label="Contents"><p class="contents-head">Contents</p>{{{contentsHTML}}}</nav></aside>
      {{/contentsHTML}}
      </div>
      </body>
      </html>

      """

  private static let sweep =
    head + """
      <title>{{title}}</title>
      <style>{{{styleHTML}}}</style>
      </head>
      <body>
      <div class="layout">
      <main>
      <header>
      <p class="eyebrow"><a href="index.html">All stages</a></p>
      <h1>{{title}}</h1>
      <p class="lead">{{lead}}</p>
      <p class="meta"><span class="badge {{status.style}}">{{status.label}}</span>{{#meta}}<span>{{.}}</span>{{/meta}}</p>
      {{{figuresHTML}}}
      </header>
      {{{remarksHTML}}}
      <h2 id="settings">Settings</h2>
      {{{settingsHTML}}}
      {{#plotHTML}}<h2 id="all">All settings at once</h2>
      <figure class="plot">
      <div class="scroll" tabindex="0">{{{plotHTML}}}</div>
      <figcaption>A line is a setting; it crosses each axis at its value and ends at its score. The stronger a line, the better its rank; the thick one is the best.</figcaption>
      </figure>
      {{/plotHTML}}
      {{#hasEffects}}<h2 id="effects">What each parameter does</h2>
      {{#effects}}<section class="effect" id="{{id}}">
      <div class="stage-head"><h3>{{name}}</h3><span class="badge {{style}}">{{verdict}}</span></div>
      <p>{{sentence}}</p>
      {{{chartHTML}}}
      {{{tableHTML}}}
      </section>
      {{/effects}}
      {{/hasEffects}}
      </main>
      </div>
      </body>
      </html>

      """

  private static let cell = """
    <section class="cell {{style}}"{{#anchor}} id="{{anchor}}"{{/anchor}}>
    {{#codeHTML}}<details class="code"><summary>{{#heading}}<h3>{{heading}}</h3>{{/heading}}<span class="fold">Code</span>{{#time}}<span class="time">{{time}}</span>{{/time}}</summary><pre><code>{{{codeHTML}}}</code></pre></details>
    {{/codeHTML}}{{^codeHTML}}<div class="head">{{#heading}}<h3>{{heading}}</h3>{{/heading}}{{#time}}<span class="time">{{time}}</span>{{/time}}</div>
    {{/codeHTML}}
    {{#note}}<p class="note">{{note}}</p>
    {{/note}}
    {{{outputsHTML}}}
    </section>

    """

  private static let chart = """
    <figure class="plot">
    {{#title}}<div class="figure-title">{{title}}</div>
    {{/title}}
    {{{wideHTML}}}{{{narrowHTML}}}
    {{#caption}}<figcaption>{{caption}}</figcaption>
    {{/caption}}
    </figure>

    """

  private static let table = """
    <figure class="table">
    {{#title}}<div class="figure-title">{{title}}</div>
    {{/title}}
    <div class="scroll" tabindex="0"><table><thead><tr>{{#heads}}<th scope="col"{{#numeric}} class="n"{{/numeric}}>{{text}}</th>{{/heads}}</tr></thead>
    <tbody>{{#rows}}<tr>{{#cells}}<td{{#numeric}} class="n"{{/numeric}}>{{text}}</td>{{/cells}}</tr>
    {{/rows}}</tbody></table></div>
    {{#caption}}<figcaption>{{caption}}</figcaption>
    {{/caption}}
    </figure>

    """

  private static let grid = """
    <figure class="pictures">
    {{#title}}<div class="figure-title">{{title}}</div>
    {{/title}}
    {{#isGallery}}<div class="gallery">{{#gallery}}{{{pictureHTML}}}{{/gallery}}</div>
    {{/isGallery}}
    {{^isGallery}}<div class="scroll tracks" tabindex="0" style="--n:{{columnCount}}">{{#tracks}}<table>{{#hasHeads}}<thead><tr>{{#heads}}<th scope="col">{{.}}</th>{{/heads}}</tr></thead>{{/hasHeads}}
    <tbody>{{#rows}}<tr>{{#cells}}<td>{{{pictureHTML}}}</td>{{/cells}}</tr>{{/rows}}</tbody></table>{{/tracks}}</div>
    {{/isGallery}}
    {{#caption}}<figcaption>{{caption}}</figcaption>
    {{/caption}}
    </figure>

    """

  private static let series = """
    <figure class="pictures series">
    <div class="figure-title">{{title}}</div>
    <div class="steps" role="radiogroup" aria-label="{{title}}">
    {{#steps}}<input type="radio" name="{{group}}" id="{{id}}"{{#isLast}} checked{{/isLast}}><label for="{{id}}">{{label}}</label>
    {{/steps}}{{#steps}}<div class="step">{{{gridHTML}}}</div>
    {{/steps}}</div>
    {{#caption}}<figcaption>{{caption}}</figcaption>
    {{/caption}}
    </figure>

    """

  private static let figures = """
    <dl class="figures">{{#figures}}<div><dt>{{name}}</dt><dd><span class="value">{{value}}</span>{{#remark}}<span class="remark">{{remark}}</span>{{/remark}}</dd></div>{{/figures}}</dl>

    """

  private static let facts = """
    <details class="facts"{{#isOpen}} open{{/isOpen}}><summary>{{head}}{{#count}}<span class="time">{{count}}</span>{{/count}}</summary>
    <div class="scroll" tabindex="0"><table><tbody>{{#facts}}<tr><th scope="row">{{key}}{{#isOverridden}} <span class="badge changed">overridden</span>{{/isOverridden}}</th><td>{{value}}</td></tr>
    {{/facts}}</tbody></table></div></details>

    """

  private static let contents = """
    <ul>{{#entries}}<li class="l{{level}} {{style}}"><a href="#{{id}}">{{text}}</a></li>{{/entries}}</ul>
    """
}
