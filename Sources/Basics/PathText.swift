// Paths as text, taken apart by bytes, as the system does: to Swift a slash with an accent behind it is another
// character, so that “../´x” would be one plain name, and over some of those Foundation's words for paths trap.

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

extension StringProtocol {
  /// The names between a path's slashes, without empty ones.
  package var pathNames: [String] {
    utf8.split(separator: slash).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What stands behind a path's last slash, but for slashes at its end; empty where there is nothing but slashes.
  package var lastPathName: String { pathNames.last ?? "" }

  /// Whether a path lies in a folder, and isn't that folder itself.
  package func lies(inFolder folder: some StringProtocol) -> Bool { path(below: folder) != nil }

  /// The rest of a path that lies in a folder; nil for one that doesn't, and for the folder itself.
  package func path(below folder: some StringProtocol) -> String? {
    let rest = utf8.dropFirst(folder.utf8.count)
    guard utf8.starts(with: folder.utf8), rest.first == slash, rest.count > 1 else { return nil }
    return String(decoding: rest.dropFirst(), as: UTF8.self)
  }
}

extension String {
  /// What stands in front of a path's last slash; empty where it has none.
  package var pathFolder: String {
    utf8.lastIndex(of: slash).map { String(decoding: utf8[..<$0], as: UTF8.self) } ?? ""
  }

  /// A name without its ending and the dot before that; one that begins with its only dot has no ending.
  package var withoutNameEnding: String {
    guard let cut = utf8.lastIndex(of: dot), cut != utf8.startIndex else { return self }
    return String(decoding: utf8[..<cut], as: UTF8.self)
  }
}
