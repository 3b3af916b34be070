// Which libcmark this program loads.

private import CCMark

/// The library that turns prose into HTML.
package enum MarkdownLibrary {
  /// Its version, as in "0.30.2".
  package static var version: String { String(cString: cmark_version_string()) }
}
