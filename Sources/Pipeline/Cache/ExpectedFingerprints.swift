// The fingerprints that instances have now, or would have once what comes before them is taken from the
// cache: known without running or restoring anything, as far as results are known.

import Basics

/// Walks the graph and follows results from instance to instance.
struct ExpectedFingerprints {
  private enum Outputs {
    case cached(CacheEntry)
    /// Those that the lock vouches for; of others, what lies there.
    case inPlace([String: FileState])
  }

  private let staleness: Staleness
  private let cache: RunCache
  private var outputs: [String: Outputs] = [:]

  init(_ staleness: Staleness, _ cache: RunCache) {
    self.staleness = staleness
    self.cache = cache
  }

  /// The fingerprint of an instance; those before it in the graph have to be asked for first. Nil where what
  /// it reads isn't known.
  mutating func fingerprint(of instance: Instance) throws -> String? {
    var inputs: [String: String] = [:]
    for path in staleness.graph.files(of: instance) {
      guard let hash = try hash(of: path, for: instance) else { return nil }
      inputs[path] = hash
    }
    let fingerprint = Manifest(
      item: instance.item, outputs: instance.outputs, code: try staleness.code(of: instance),
      parameters: instance.parameters.map { .init($0, staleness.parameters[$0] ?? .null) },
      inputs: inputs
    ).fingerprint
    note(instance, fingerprint)
    return fingerprint
  }

  /// Looks again for an instance's result: it may have come meanwhile.
  mutating func note(_ instance: Instance, _ fingerprint: String) {
    if instance.isFrozen {
      // Neither run nor restored, so that what reads them gets what lies there.
      outputs[instance.name] = .inPlace([:])
    } else if let entry = cache.entry(fingerprint) {
      outputs[instance.name] = .cached(entry)
    } else if let entry = staleness.lock.entries[instance.name],
      entry.manifest.fingerprint == fingerprint
    {
      outputs[instance.name] = .inPlace(entry.outputs)
    }
  }

  private func hash(of path: String, for instance: Instance) throws -> String? {
    guard let producer = staleness.graph.producers(of: path, for: instance).first else {
      return try staleness.hashes.state(of: path)?.hash
    }
    switch outputs[producer] {
    case nil: return nil
    case .inPlace(let states):
      return try states[path]?.hash ?? staleness.hashes.state(of: path)?.hash
    case .cached(let entry):
      if let output = entry.outputs[path] { return output.hash }
      guard let output = entry.outputs.first(where: { path.lies(inFolder: $0.key) }),
        let tree = cache.store.bytes(output.value.hash).flatMap({ FolderTree($0) })
      else { return nil }
      return tree.hash(of: path.path(below: output.key) ?? "")
    }
  }
}
