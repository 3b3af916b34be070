// `work cache push` and `pull`: results between the cache and a remote. Objects go before the entry that
// speaks of them, so that either side is consistent wherever this breaks off; the next call goes on.

extension Runner {
  /// Sends results that a remote doesn't have.
  ///
  /// - Parameters:
  ///   - verify: also reads what the remote has of the results that are here, and sends anew what isn't
  ///     whole there.
  ///   - interruption: looked at between objects.
  ///   - progress: told after each object.
  /// - Throws: `PipelineError` where another run owns the workspace, the remote can't be reached, or the
  ///   transfer was interrupted.
  public func push(
    to remote: any CacheRemote, verify: Bool = false,
    interruption: Interruption = Interruption(), progress: (CacheTransfer) -> Void = { _ in }
  ) async throws -> CacheTransfer {
    let owner = try WorkspaceOwner(workspace.owner)
    defer { withExtendedLifetime(owner) {} }
    let cache = RunCache(workspace, hashes) { _ in }
    let objects = ObjectTransfer(remote, cache.store, interruption, step: step)
    let there = try await remote.names(beginningWith: "entries/")
    let entries = cache.entries()
    var present = entries.filter { there.contains(CacheEntry.name($0.fingerprint)) }
    let missing = entries.filter { !there.contains(CacheEntry.name($0.fingerprint)) }
    var broken: [CacheEntry] = []
    var transfer = CacheTransfer()
    guard !missing.isEmpty || (verify && !present.isEmpty) else {
      return CacheTransfer(present: present.count)
    }
    var inventory = Inventory(
      try await remote.names(beginningWith: "objects/").compactMap { ObjectStore.hash(ofName: $0) },
      isBelieved: !verify)
    if verify {
      let all = present
      present = []
      transfer.totalBytes = all.reduce(0) { $0 + objects.size(of: $1) }
      for entry in all {
        let done = transfer.doneBytes
        if try await objects.isWhole(entry, &inventory, &transfer, progress) {
          present.append(entry)
        } else {
          broken.append(entry)
        }
        transfer.doneBytes = done + objects.size(of: entry)
      }
    }
    transfer.present = present.count
    let wanted = missing + broken
    transfer.totalBytes += wanted.reduce(0) { $0 + objects.size(of: $1) }
    for (index, entry) in wanted.enumerated() {
      let (earlier, size) = (transfer, objects.size(of: entry))
      do {
        try await objects.send(entry, &inventory, &transfer, progress)
        transfer.doneBytes = earlier.doneBytes + size
        if index < missing.count { transfer.results += 1 } else { transfer.repaired += 1 }
      } catch let miss as CacheMiss {
        cache.doubt(entry)
        transfer.leaveOut(
          "\(entry.instance) of run \(entry.run): \(miss.words) here", since: earlier, planned: size
        )
      }
    }
    return transfer
  }

  /// Fetches results that the cache doesn't have; `work run` then takes them from there.
  ///
  /// - Parameters:
  ///   - all: everything that the remote has; else the results of the present parameters, code and inputs,
  ///     each found by means of those before it.
  ///   - interruption: looked at between objects.
  ///   - progress: told after each object.
  /// - Throws: `PipelineError` as `push` does.
  public func pull(
    from remote: any CacheRemote, all: Bool = false, interruption: Interruption = Interruption(),
    progress: (CacheTransfer) -> Void = { _ in }
  ) async throws -> CacheTransfer {
    let owner = try WorkspaceOwner(workspace.owner)
    defer { withExtendedLifetime(owner) {} }
    hashes.forget()
    let cache = RunCache(workspace, hashes) { _ in }
    let objects = ObjectTransfer(remote, cache.store, interruption, step: step)
    let there = Set(
      try await remote.names(beginningWith: "entries/")
        .compactMap(CacheEntry.fingerprint(ofName:)))
    var transfer = CacheTransfer()

    func fetch(_ fingerprint: String) async throws {
      if cache.entry(fingerprint) != nil {
        transfer.present += 1
        return
      }
      let earlier = transfer
      guard let entry = try await objects.entry(fingerprint) else {
        transfer.leftOut.append("\(fingerprint.prefix(12)): what says what it is is damaged there")
        return
      }
      do {
        try await objects.fetch(
          entry, trusting: !cache.isInDoubt(fingerprint), &transfer, progress)
        transfer.doneBytes = transfer.totalBytes
        transfer.results += 1
      } catch let miss as CacheMiss {
        transfer.leaveOut(
          "\(entry.instance) of run \(entry.run): \(miss.words) there", since: earlier,
          planned: transfer.totalBytes - earlier.totalBytes)
      }
    }

    var expected = ExpectedFingerprints(try staleness(), cache)
    var asked: Set<String> = []
    for instance in graph.instances {
      guard let fingerprint = try expected.fingerprint(of: instance), there.contains(fingerprint)
      else { continue }
      asked.insert(fingerprint)
      try await fetch(fingerprint)
      expected.note(instance, fingerprint)
    }
    if all { for fingerprint in there.subtracting(asked).sorted() { try await fetch(fingerprint) } }
    hashes.save()
    return transfer
  }
}

extension CacheMiss {
  fileprivate var words: String {
    "object \(hash.prefix(12)) is \(isDamaged ? "damaged" : "missing")"
  }
}
