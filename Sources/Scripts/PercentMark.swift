// The lines that begin the cells of a percent script.

import Foundation

/// The line that begins a cell of a percent script, as in `# %% Title [markdown] tags=["setup"]`.
package struct PercentMark: Sendable {
  package enum Kind: Sendable { case code, prose, raw }

  package var kind = Kind.code
  package var title: String?
  /// Everything behind the mark, as it stands there.
  package var text = ""
  var isSetup = false

  /// What stands before the first mark is code.
  init() {}

  /// Reads a line that begins outside of strings; nil where it is no mark. An indented one is none, since
  /// it would cut a block in two.
  package init?(_ line: String, _ language: ScriptLanguage) {
    guard line.hasPrefix(language.comment) else { return nil }
    let content = line.dropFirst(language.comment.count).drop { $0 == " " }
    guard content.hasPrefix("%%") else { return nil }
    // `%%time` is a command of IPython's, `%%%` a cell below another.
    var rest = content.drop { $0 == "%" }
    guard rest.first?.isWhitespace ?? true else { return nil }
    text = rest.trimmingCharacters(in: .whitespacesAndNewlines)
    if let metadata = rest.range(of: #"\b[A-Za-z_.]+="#, options: .regularExpression) {
      isSetup =
        rest[metadata.lowerBound...].range(
          of: #"tags=\[[^\]]*"setup""#, options: .regularExpression) != nil
      rest = rest[..<metadata.lowerBound]
    }
    if let type = rest.range(of: #"\[(markdown|md|raw|code)\]"#, options: .regularExpression) {
      switch rest[type] {
      case "[markdown]", "[md]": kind = .prose
      case "[raw]": kind = .raw
      default: break
      }
      rest.removeSubrange(type)
    }
    let name = rest.trimmingCharacters(in: .whitespaces)
    title = name.isEmpty ? nil : name
  }
}
