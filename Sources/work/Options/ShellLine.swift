// A command line as text, to be read by people and pasted into a shell.

import Basics

enum ShellLine {
  /// The line that a shell takes for `work` with these arguments; words are quoted where a shell needs it.
  static func work(_ arguments: some Sequence<String>) -> String {
    (["work"] + arguments).map(word).joined(separator: " ")
  }

  /// One word, quoted where a shell needs it.
  static func word(_ word: String) -> String {
    word.isEmpty || !word.utf8.allSatisfy(isPlain)
      ? "'" + word.replacingExactly("'", with: "'\\''") + "'" : word
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "-_./=@:,+".utf8.contains(byte)
    }
  }
}
