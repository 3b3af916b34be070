// How wide a text will be, without a font at hand: estimates on the safe side, for layout of labels.

/// Estimated widths of text in a system sans-serif font, and what follows from them.
package enum TextMeasure {
  /// The estimated width of `text` in the unit of `size`, its font size.
  package static func width(_ text: some StringProtocol, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { $0 + em($1) } * size
  }

  private static func em(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "t", "f", "r", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]",
      " ", "/", "-", "·":
      0.36
    case "m", "w", "M", "W", "%", "@", "—", "…": 0.95
    case "⁰"..."₉": 0.4
    case "A"..."Z", "&", "+", "=", "−", "×", "<", ">", "–", "_": 0.71
    case "\u{300}"..."\u{36F}": 0
    case "\u{1100}"..."\u{10FFFF}": scalar.value >= 0x2E80 || scalar.value < 0x1200 ? 1.05 : 0.65
    default: 0.6
    }
  }

  /// `text` cut to `width`, ended by "…" where something is missing.
  package static func truncated(_ text: String, to width: Double, size: Double) -> String {
    guard self.width(text, size: size) > width else { return text }
    var kept = text
    while !kept.isEmpty, self.width(kept + "…", size: size) > width { kept.removeLast() }
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
  }

  /// `text` in lines no wider than `width`, broken at spaces; nil where it would take more than `lines`
  /// or a word alone is too wide.
  package static func wrapped(
    _ text: String, to width: Double, size: Double, lines limit: Int
  ) -> [String]? {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      guard self.width(word, size: size) <= width else { return nil }
      if let last = lines.last, self.width(last + " " + word, size: size) <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.count <= limit ? lines : nil
  }
}
