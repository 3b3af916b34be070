// What the cache holds, for `work cache`.

import Foundation

/// The cache in numbers.
public struct CacheState: Sendable, Codable, Equatable {
  /// One stage's part.
  public struct Stage: Sendable, Codable, Equatable {
    /// Its name.
    public var stage: String
    /// Results of all its instances.
    public var results: Int
    /// Of those, results of the parameters, code and inputs that it has now.
    public var current: Int
    /// Bytes of the outputs, what results have in common counted each time.
    public var bytes: Int64
  }

  /// By stage, in the order of their names.
  public var stages: [Stage] = []
  /// Files that outputs consist of, and trees of folders, each once.
  public var objects = 0
  /// Bytes of all objects.
  public var bytes: Int64 = 0
  /// Of those, bytes that the workspace or another place has as hard links, so that they cost nothing.
  public var sharedBytes: Int64 = 0
}

extension Runner {
  /// Looks at the cache, and changes nothing.
  public func cacheState() throws -> CacheState {
    hashes.forget()
    let cache = RunCache(workspace, hashes) { _ in }
    var expected = ExpectedFingerprints(try staleness(), cache)
    let current = Set(try graph.instances.compactMap { try expected.fingerprint(of: $0) })
    var state = CacheState()
    for (stage, entries) in Dictionary(grouping: cache.entries(), by: \.stage)
      .sorted(by: { $0.key < $1.key })
    {
      state.stages.append(
        .init(
          stage: stage, results: entries.count,
          current: entries.count { current.contains($0.fingerprint) },
          bytes: entries.reduce(0) { $0 + $1.size }))
    }
    for hash in cache.store.all() {
      guard let status = cache.store.status(hash) else { continue }
      state.objects += 1
      state.bytes += status.size
      if status.names > 1 { state.sharedBytes += status.size }
    }
    return state
  }
}
