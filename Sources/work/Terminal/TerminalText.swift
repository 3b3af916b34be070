// What may reach a terminal: text, and the escape sequences of this program. Words of servers, files, stages
// and logs are text, whatever bytes they hold: they can neither move the cursor nor set the title or the clipboard.

import Foundation

/// Text with own escape sequences in it, told from foreign ones by a mark that nobody else knows.
enum TerminalText {
  /// Around each sequence of this program. Noncharacters, which no text holds, drawn anew by each process.
  private static let mark: String = {
    var scalars = String.UnicodeScalarView()
    while scalars.count < 12 {
      if let scalar = Unicode.Scalar(0xFDD0 + UInt32.random(in: 0..<32)) { scalars.append(scalar) }
    }
    return String(scalars)
  }()

  /// An escape sequence of this program, to be put into a text.
  static func own(_ sequence: String) -> String { mark + sequence + mark }

  /// The text as it is written: own sequences as they are, and foreign control characters as signs.
  static func written(_ text: String) -> String {
    let parts = text.components(separatedBy: mark)
    guard parts.count > 1 else { return shown(text) }
    // A mark is always one of a pair; what stands between a pair is ours.
    return parts.enumerated().map { $0.offset % 2 == 1 ? $0.element : shown($0.element) }.joined()
  }

  /// Foreign text with signs in place of what a terminal would obey, or what turns the order of letters around.
  /// Line breaks and tabs stay.
  static func shown(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { sign(for: $0) != nil }) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(sign(for: scalar) ?? scalar) }
    return String(scalars)
  }

  private static func sign(for scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0x09, 0x0A: nil
    // Unicode has pictures of the old control characters.
    case 0x00...0x1F: Unicode.Scalar(0x2400 + scalar.value)
    case 0x7F: "\u{2421}"
    case 0x80...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: "\u{FFFD}"
    default: nil
    }
  }
}
