// The seam between the run cache and a place where it is shared with others.

public import Foundation

/// A place that keeps files under names, such as a folder or a bucket.
///
/// Names are relative paths of ASCII letters, digits, `-`, `.`, `_`, `@` and `/`; what lies under a name is
/// never changed, only written once more with the same bytes.
public protocol CacheRemote: Sendable {
  /// Where it is, for messages; without secrets.
  var place: String { get }

  /// The names there are that begin with `prefix`.
  ///
  /// - Throws: `PipelineError` in words, as all of these, where the place can't be reached or refuses.
  func names(beginningWith prefix: String) async throws -> Set<String>

  /// Puts a file there, whole or not at all.
  func put(_ file: URL, as name: String) async throws

  /// Fetches what lies under a name into `file`, whole or not at all.
  ///
  /// - Returns: whether there was something under that name.
  func get(_ name: String, to file: URL) async throws -> Bool
}

/// The SHA-256 of a file's content as 64 hexadecimal digits, read now: for a remote that states it.
package func contentDigest(of file: URL) throws -> String {
  try FileHashes.contents(file.path).hex
}
