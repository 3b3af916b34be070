// Printed text as a terminal would leave it on the screen.

/// Cleans text that was meant for a terminal.
package enum PrintedText {
  /// More lines than this are cut in the middle; the record has them all.
  static let lineLimit = 1000

  /// The lines of `text` without escape sequences, with what a carriage return overwrote left out.
  package static func lines(_ text: String) -> [String] {
    var lines = withoutEscapes(text).split(separator: "\n", omittingEmptySubsequences: false).map {
      line in
      let whole = line.hasSuffix("\r") ? line.dropLast() : line
      return String(whole.split(separator: "\r", omittingEmptySubsequences: false).last ?? "")
    }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    guard lines.count > lineLimit else { return lines }
    let left = lines.count - lineLimit
    return lines.prefix(lineLimit * 3 / 4)
      + ["", "… \(Format.count(left)) lines left out here; the record holds them …", ""]
      + lines.suffix(lineLimit / 4)
  }

  private static func withoutEscapes(_ text: String) -> String {
    guard text.unicodeScalars.contains("\u{1B}") || text.unicodeScalars.contains("\r") else {
      return text
    }
    var result = String.UnicodeScalarView()
    var scalars = text.unicodeScalars.makeIterator()
    var next = scalars.next()
    while let scalar = next {
      next = scalars.next()
      if scalar == "\r", next == "\n" { continue }
      guard scalar == "\u{1B}" else {
        result.append(scalar)
        continue
      }
      // CSI: ESC [ … final byte in @ to ~; other escapes are two characters.
      if next == "[" {
        next = scalars.next()
        while let part = next, !("@"..."~").contains(part) { next = scalars.next() }
      }
      next = scalars.next()
    }
    return String(result)
  }
}
