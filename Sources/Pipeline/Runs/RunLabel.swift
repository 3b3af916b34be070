// What a person says of a run: tags and a note, kept in `label.json` in the run's folder.

import Basics
import Foundation

/// Tags and a note.
public struct RunLabel: Sendable, Equatable, Codable {
  /// Names that stand for this run, each for no other.
  public var tags: [String] = []
  /// A line of prose.
  public var note: String?

  var isEmpty: Bool { tags.isEmpty && note == nil }

  static func file(_ folder: RunFolder) -> URL { folder.url.appendingPathComponent("label.json") }

  /// Reads a run's label; none where there is no file, or a damaged one.
  static func read(_ folder: RunFolder) -> RunLabel {
    let file = file(folder)
    guard WholeFile.exists(file), let data = try? Data(contentsOf: file) else { return RunLabel() }
    return (try? JSONDecoder().decode(RunLabel.self, from: data)) ?? RunLabel()
  }

  func write(_ folder: RunFolder) throws {
    if isEmpty {
      try WholeFile.remove(Self.file(folder))
    } else {
      try WholeFile.write(json: self, to: Self.file(folder))
    }
  }

  /// Fails for what can't be told from a run's id or `latest`.
  static func check(tag: String) throws {
    let isWord = tag.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
    guard isWord, let first = tag.first, first.isLetter, tag.utf8.count <= 60, tag != "latest"
    else {
      throw PipelineError(
        "“\(tag)” can't be a tag: use letters, digits, -, _ and ., a letter first, and not `latest`"
      )
    }
  }
}
