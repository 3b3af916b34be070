// `work cache push` and `pull`: results between the cache and a remote. Objects go before the entry that
// speaks of them, so that either side is consistent wherever this breaks off; the next call goes on.

import Foundation

/// How a push or pull stands, or ended.
public struct CacheTransfer: Sendable, Codable, Equatable {
  /// Results that are there now and were not before.
  public var results = 0
  /// Results that were there already.
  public var present = 0
  /// Results left out, since the side that has them lacks an object or has it damaged; with why.
  public var leftOut: [String] = []
  /// Objects that were sent or fetched.
  public var objects = 0
  /// Bytes of those.
  public var bytes: Int64 = 0
  /// Bytes of all results to be brought, as far as known; those that needn't travel are in `doneBytes`, too.
  public var totalBytes: Int64 = 0
  /// Bytes dealt with so far.
  public var doneBytes: Int64 = 0
}

extension Runner {
  /// Sends results that a remote doesn't have.
  ///
  /// - Parameters:
  ///   - interruption: looked at between objects.
  ///   - progress: told after each object.
  /// - Throws: `PipelineError` where another run owns the workspace, the remote can't be reached, or the
  ///   transfer was interrupted.
  public func push(
    to remote: any CacheRemote, interruption: Interruption = Interruption(),
    progress: (CacheTransfer) -> Void = { _ in }
  ) async throws -> CacheTransfer {
    let owner = try WorkspaceOwner(workspace.owner)
    defer { withExtendedLifetime(owner) {} }
    let cache = RunCache(workspace, hashes) { _ in }
    let courier = Courier(remote, cache.store, interruption, step: step)
    let there = try await remote.names(beginningWith: "entries/")
    let entries = cache.entries()
    let missing = entries.filter { !there.contains(CacheEntry.name($0.fingerprint)) }
    var transfer = CacheTransfer(present: entries.count - missing.count)
    guard !missing.isEmpty else { return transfer }
    var objects = Set(
      try await remote.names(beginningWith: "objects/").compactMap { ObjectStore.hash(ofName: $0) })
    transfer.totalBytes = missing.reduce(0) { $0 + $1.size }
    for entry in missing {
      do {
        try await courier.send(entry, there: &objects, &transfer, progress)
        transfer.results += 1
      } catch let miss as CacheMiss {
        transfer.leftOut.append("\(entry.instance) of run \(entry.run): \(miss.words)")
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
    let courier = Courier(remote, cache.store, interruption, step: step)
    let there = Set(
      try await remote.names(beginningWith: "entries/")
        .compactMap(CacheEntry.fingerprint(ofName:)))
    var transfer = CacheTransfer()

    func fetch(_ fingerprint: String) async throws {
      if cache.entry(fingerprint) != nil {
        transfer.present += 1
        return
      }
      do {
        try await courier.fetch(fingerprint, &transfer, progress)
        transfer.results += 1
      } catch let miss as CacheMiss {
        transfer.leftOut.append("\(fingerprint.prefix(12)): \(miss.words)")
      }
    }

    var foresight = Foresight(try evaluator(), cache)
    var asked: Set<String> = []
    for instance in graph.instances {
      guard let fingerprint = try foresight.fingerprint(of: instance), there.contains(fingerprint)
      else { continue }
      asked.insert(fingerprint)
      try await fetch(fingerprint)
      foresight.note(instance, fingerprint)
    }
    if all { for fingerprint in there.subtracting(asked).sorted() { try await fetch(fingerprint) } }
    hashes.save()
    return transfer
  }
}

/// Carries objects, several at a time.
private struct Courier {
  private let remote: any CacheRemote
  private let store: ObjectStore
  private let interruption: Interruption
  private let step: (String) throws -> Void
  /// Requests under way at a time: a remote far away answers slowly, but to many.
  private static let width = 8

  init(
    _ remote: any CacheRemote, _ store: ObjectStore, _ interruption: Interruption,
    step: @escaping (String) throws -> Void
  ) {
    self.remote = remote
    self.store = store
    self.interruption = interruption
    self.step = step
  }

  // MARK: Sending

  func send(
    _ entry: CacheEntry, there: inout Set<String>, _ transfer: inout CacheTransfer,
    _ progress: (CacheTransfer) -> Void
  ) async throws {
    var wanted: [String] = []
    for output in entry.contents {
      wanted += try files(of: output).filter { !there.contains($0) }
      if output.kind == .folder, !there.contains(output.hash) { wanted.append(output.hash) }
    }
    var seen: Set<String> = []
    wanted = wanted.filter { seen.insert($0).inserted }
    let sizes = try wanted.map { hash in
      guard let size = store.status(hash)?.size else {
        throw CacheMiss(hash: hash, isDamaged: false)
      }
      return size
    }
    transfer.doneBytes += max(0, entry.size - sizes.reduce(0, +))
    try await carry(wanted, "send an object", &transfer, progress) { [remote, store] hash in
      guard try store.isWhole(hash) else {
        try store.remove(hash)
        throw CacheMiss(hash: hash, isDamaged: true)
      }
      try await remote.put(
        URL(fileURLWithPath: store.place(hash)), as: ObjectStore.name(hash))
      return store.status(hash)?.size ?? 0
    }
    there.formUnion(wanted)
    try step("send an entry")
    let name = CacheEntry.name(entry.fingerprint)
    try await remote.put(
      URL(fileURLWithPath: store.folder).appendingPathComponent(name), as: name)
  }

  /// The hashes of the files that an output consists of.
  private func files(of output: CacheEntry.Output) throws -> [String] {
    guard output.kind == .folder else { return [output.hash] }
    guard let tree = store.bytes(output.hash).flatMap({ FolderTree($0) }) else {
      throw CacheMiss(hash: output.hash, isDamaged: store.contains(output.hash))
    }
    return tree.nodes.compactMap {
      if case .file(_, let hash) = $0 { Digest.hex(hash) } else { nil }
    }
  }

  // MARK: Fetching

  func fetch(
    _ fingerprint: String, _ transfer: inout CacheTransfer, _ progress: (CacheTransfer) -> Void
  ) async throws {
    let name = CacheEntry.name(fingerprint)
    let file = URL(fileURLWithPath: store.temporary("entry.json"))
    try WholeFile.makeFolder(file.deletingLastPathComponent())
    defer { unlink(file.path) }
    guard try await remote.get(name, to: file),
      let entry = CacheEntry.read(file, fingerprint: fingerprint)
    else { throw CacheMiss(hash: fingerprint, isDamaged: true) }
    transfer.totalBytes += entry.size
    let already = transfer.bytes
    // A tree says which files are wanted.
    let trees = entry.contents.filter { $0.kind == .folder }.map(\.hash)
    try await fetch(trees, &transfer, progress)
    try await fetch(entry.contents.flatMap { try files(of: $0) }, &transfer, progress)
    transfer.doneBytes += max(0, entry.size - (transfer.bytes - already))
    try step("write the cache entry")
    let target = URL(fileURLWithPath: store.folder).appendingPathComponent(name)
    try WholeFile.makeFolder(target.deletingLastPathComponent())
    guard rename(file.path, target.path) == 0 else {
      throw PipelineError.system("can't be written", target.path, code: errno)
    }
  }

  private func fetch(
    _ hashes: [String], _ transfer: inout CacheTransfer, _ progress: (CacheTransfer) -> Void
  ) async throws {
    var seen: Set<String> = []
    let wanted = hashes.filter { seen.insert($0).inserted && !store.contains($0) }
    try await carry(wanted, "fetch an object", &transfer, progress) { [remote, store] hash in
      let file = store.temporary(hash)
      defer { unlink(file) }
      guard try await remote.get(ObjectStore.name(hash), to: URL(fileURLWithPath: file)) else {
        throw CacheMiss(hash: hash, isDamaged: false)
      }
      guard try FileHashes.contents(file).hex == hash else {
        throw CacheMiss(hash: hash, isDamaged: true)
      }
      chmod(file, 0o444)
      try store.adopt(file, as: hash)
      return store.status(hash)?.size ?? 0
    }
  }

  /// Carries objects, several at a time, and counts their bytes.
  private func carry(
    _ hashes: [String], _ name: String, _ transfer: inout CacheTransfer,
    _ progress: (CacheTransfer) -> Void, _ body: @escaping @Sendable (String) async throws -> Int64
  ) async throws {
    try await withThrowingTaskGroup(of: Int64.self) { group in
      var rest = hashes[...]
      var running = 0
      while true {
        while running < Self.width, let hash = rest.popFirst() {
          guard interruption.count == 0 else {
            throw PipelineError(
              "interrupted; what has arrived is kept, and the same command goes on",
              exit: .interrupted)
          }
          try step(name)
          group.addTask { try await body(hash) }
          running += 1
        }
        guard let bytes = try await group.next() else { return }
        running -= 1
        transfer.objects += 1
        transfer.bytes += bytes
        transfer.doneBytes += bytes
        progress(transfer)
      }
    }
  }
}

extension CacheMiss {
  fileprivate var words: String {
    "\(hash.prefix(12)) is \(isDamaged ? "damaged" : "missing") on the side that sends"
  }
}
