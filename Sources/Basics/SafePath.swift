// Which names from outside, of archive entries or of files to download, are safe to write below a folder.

/// A relative path of plain components, as an archive or a server may name it.
package struct SafePath: Equatable, Sendable {
  /// The folders and the last name; never empty, none of them `.`, `..` or empty.
  package let components: [String]

  /// Takes a name apart, or says why it must not be written.
  package init(_ name: String) throws(Refusal) {
    if name.utf8.first == UInt8(ascii: "/") { throw Refusal("an absolute path") }
    if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
      throw Refusal("a name with a control character")
    }
    // No tool writes it on purpose, and some other systems take it for a separator.
    if name.utf8.contains(UInt8(ascii: "\\")) { throw Refusal("a name with a backslash") }
    let parts = name.pathNames.filter { $0 != "." }
    if parts.contains("..") { throw Refusal("a path that leaves the folder by “..”") }
    if parts.isEmpty { throw Refusal("an empty name") }
    components = parts
  }

  /// What is wrong with a name.
  package struct Refusal: Error, Equatable {
    package let what: String
    init(_ what: String) { self.what = what }
  }
}
