// Names: of archives, of what operating systems leave in them, and of entries from before UTF-8.

import Basics
import Foundation

/// Endings of archives and compressed files that can be unpacked, longer ones first.
private let archiveEndings = [
  ".tar.bz2", ".tar.zst", ".tar.gz", ".tar.xz", ".tbz2", ".tgz", ".txz", ".zip", ".rar", ".tar",
  ".bz2", ".zst", ".7z",
  ".gz", ".xz",
]

/// A file's name without the ending of an archive; nil where it has none.
package func withoutArchiveEnding(_ name: String) -> String? {
  let lower = name.lowercased()
  return archiveEndings.first { lower.hasSuffix($0) && lower.count > $0.count }
    .map { String(name.dropLast($0.count)) }
}

/// What archives begin with: zip, 7z, rar, gzip, bzip2, xz and zstd; of tar, what stands further behind is looked at, too.
func beginsAsArchive(_ beginning: [UInt8]) -> Bool {
  let marks: [[UInt8]] = [
    Array("PK".utf8), [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], Array("Rar!".utf8), [0x1F, 0x8B],
    Array("BZh".utf8), [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x28, 0xB5, 0x2F, 0xFD],
  ]
  return marks.contains { beginning.starts(with: $0) }
    || beginning.dropFirst(257).starts(with: Array("ustar".utf8))
}

/// Whether an entry is bookkeeping of an operating system, which nobody means to hand on.
func isLeftover(_ path: String) -> Bool {
  let parts = path.pathNames
  guard let last = parts.last else { return false }
  return parts.contains("__MACOSX") || last.hasPrefix("._")
    || [".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini"].contains(last.lowercased())
}

/// A name's bytes as code page 437, which a name without the mark of UTF-8 is in by the specification (PKWARE's
/// APPNOTE.TXT, appendix D).
func codePage437(_ bytes: UnsafePointer<CChar>) -> String {
  String(
    String.UnicodeScalarView(
      UnsafeBufferPointer(start: bytes, count: strlen(bytes)).map { byte in
        let code = UInt8(bitPattern: byte)
        return code < 0x80 ? UnicodeScalar(code) : upperHalf[Int(code) - 0x80]
      }))
}

private let upperHalf = Array(
  ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
    + "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").unicodeScalars)
