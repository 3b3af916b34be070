// Which files `work export` has written, so that it replaces these, and nothing that somebody has changed since.

import Basics
import Foundation
import Hashing
import Pipeline

struct ExportedFiles {
  private let table: URL
  /// SHA-256 of each file as it was written, by its path.
  private var hashes: [String: String]

  init(_ workspace: Workspace) {
    table = workspace.work.appendingPathComponent("exports.json")
    hashes =
      (try? Data(contentsOf: table)).flatMap {
        try? JSONDecoder().decode([String: String].self, from: $0)
      } ?? [:]
  }

  /// Looks whether a file may be replaced.
  ///
  /// - Throws: `InputError` where there is one of somebody else's.
  func check(_ file: URL, force: Bool) throws {
    guard !force, let bytes = try WholeFile.contents(of: file),
      hashes[Self.key(file)] != Digest.hex(of: [UInt8](bytes))
    else { return }
    throw InputError(
      "\(file.path): is there already, and isn't what `work export` wrote; move it, name another place with --to, or "
        + "replace it with --force")
  }

  /// Notes that a file was written.
  mutating func note(_ file: URL) throws {
    hashes[Self.key(file)] = Digest.hex(of: [UInt8](try Data(contentsOf: file)))
    try WholeFile.write(json: hashes, to: table)
  }

  private static func key(_ file: URL) -> String { file.standardizedFileURL.path }
}
