// Which libcmark this program loads.

private import CCMark

extension Page {
  /// The library's version, as in "0.30.2".
  package static var libraryVersion: String { String(cString: cmark_version_string()) }
}
