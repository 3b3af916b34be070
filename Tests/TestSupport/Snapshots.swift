// Texts that people read, kept as files beside the tests: a change of one shows as a difference in review.

import Foundation

/// The recorded texts of a test target, in the folder `Snapshots` beside the file that uses them. To record
/// one anew, remove its file and run the test.
public struct Snapshots: Sendable {
  private let folder: URL

  /// - Parameter file: the test's source.
  public init(beside file: String = #filePath) {
    folder = URL(fileURLWithPath: file).deletingLastPathComponent()
      .appendingPathComponent("Snapshots", isDirectory: true)
  }

  /// Compares a text with the one that is recorded under a name. Where none is, records it.
  ///
  /// - Throws: `SnapshotProblem` where they differ; and while recording, since what was recorded has yet to
  ///   be looked at.
  public func check(_ text: String, _ name: String) throws {
    let file = folder.appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: file.path) else {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      throw SnapshotProblem("recorded \(file.path): look at it, then run the test again")
    }
    let recorded = try String(contentsOf: file, encoding: .utf8)
    guard recorded != text else { return }
    throw SnapshotProblem(
      """
      \(file.path), \(Self.firstDifference(recorded, text))
      If the new text is right, remove the file and run the test twice.
      """)
  }

  private static func firstDifference(_ old: String, _ new: String) -> String {
    let (old, new) = (lines(old), lines(new))
    let same = zip(old, new).prefix { $0 == $1 }.count
    func line(_ lines: [Substring]) -> String {
      same < lines.count ? "“\(lines[same])”" : "the end"
    }
    return "line \(same + 1): recorded \(line(old)), now \(line(new))"
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }
}

/// How a text differs from the recorded one.
public struct SnapshotProblem: Error, CustomStringConvertible {
  /// The file, the first line that differs, and what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
