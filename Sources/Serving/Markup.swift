// Markup that can be put together only so that text in it is escaped.

import Rendering

/// HTML. A literal is markup; what is put into it is escaped, unless it is markup itself.
struct Markup: ExpressibleByStringInterpolation, Sendable, Equatable {
  let html: String

  /// Markup that another maker of markup has made.
  init(made html: String) { self.html = html }

  init(stringLiteral html: String) { self.html = html }

  init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }

  struct StringInterpolation: StringInterpolationProtocol {
    var html = ""

    init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { html += literal }
    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
    mutating func appendInterpolation(_ text: String) { html += HTML.escape(text) }
    mutating func appendInterpolation(_ number: Int) { html += String(number) }
    mutating func appendInterpolation(_ parts: [Markup]) { for part in parts { html += part.html } }
    /// Markup where something is there, nothing where it isn't.
    mutating func appendInterpolation(_ markup: Markup?) { html += markup?.html ?? "" }
  }
}
