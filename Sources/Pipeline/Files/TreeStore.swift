// Listings of what hashes stand for, kept in `.work/trees/HASH`. A memory aid: without it, a change is told of
// the whole.

import Basics
import Foundation

/// The listings of a workspace.
struct TreeStore: Sendable {
  private let folder: URL

  init(_ workspace: Workspace) { folder = workspace.trees }

  /// The listing of a hash; nil where it was never kept, or is lost.
  func listing(_ hash: String) -> TreeListing? {
    guard let data = try? Data(contentsOf: file(of: hash)) else { return nil }
    return TreeListing(text: String(decoding: data, as: UTF8.self))
  }

  func holds(_ hash: String) -> Bool { WholeFile.exists(file(of: hash)) }

  func keep(_ listing: TreeListing, as hash: String) throws {
    try WholeFile.write(listing.text.utf8, to: file(of: hash), flushed: false)
  }

  /// Removes all listings but those of some hashes.
  func sweep(keeping hashes: Set<String>) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard !names.isEmpty else { return }
    let known = Set(hashes.map(Self.name))
    for name in names where !known.contains(name) {
      try WholeFile.remove(folder.appendingPathComponent(name))
    }
  }

  private func file(of hash: String) -> URL { folder.appendingPathComponent(Self.name(hash)) }

  /// A digest of raw bytes says so in front: "raw 12ab…".
  private static func name(_ hash: String) -> String { hash.replacing(" ", with: "-") }
}
