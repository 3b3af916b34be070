// The commit that is checked out, for records of runs. Read from the files of git, since starting it takes longer.

import Foundation

/// The commit that a repository has checked out, read from its files; nil where it isn't one.
func gitCommit(_ root: URL) -> String? {
  let git = root.appendingPathComponent(".git", isDirectory: true)
  func text(_ path: String) -> String? {
    (try? String(contentsOf: git.appendingPathComponent(path), encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
  guard let head = text("HEAD") else { return nil }
  guard head.hasPrefix("ref: ") else { return head }
  let name = String(head.dropFirst(5))
  if let commit = text(name) { return commit }
  let packed = text("packed-refs")?.split(separator: "\n").first { $0.hasSuffix(" \(name)") }
  return packed.map { String($0.prefix { $0 != " " }) }
}
