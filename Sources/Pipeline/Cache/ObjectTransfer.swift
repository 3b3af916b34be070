// Carries the objects of results between the cache and a remote, several at a time, each hashed on the way.

import Basics
import Foundation
import Hashing

/// The objects that a remote has.
struct Inventory {
  private(set) var objects: Set<String>
  /// Those known to be whole; nil where all are believed to be.
  private var verified: Set<String>?

  init(_ objects: some Sequence<String>, isBelieved: Bool) {
    self.objects = Set(objects)
    verified = isBelieved ? nil : []
  }

  /// What of some hashes is there and has still to be read, each once.
  func unread(_ hashes: [String]) -> [String] {
    guard let verified else { return [] }
    return Set(hashes).filter { objects.contains($0) && !verified.contains($0) }.sorted()
  }

  mutating func note(_ hash: String, isWhole: Bool) {
    if isWhole {
      objects.insert(hash)
      verified?.insert(hash)
    } else {
      objects.remove(hash)
    }
  }
}

struct ObjectTransfer {
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

  /// Bytes of all that a result consists of: outputs, record, and listings of folders that are here.
  func size(of entry: CacheEntry) -> Int64 {
    entry.contents.reduce(0) {
      $0 + $1.size + ($1.kind == .folder ? store.status($1.hash)?.size ?? 0 : 0)
    }
  }

  // MARK: Sending

  /// Sends what of a result isn't there, and its entry.
  ///
  /// - Throws: `CacheMiss` where an object is missing or damaged here; a damaged one is removed.
  func send(
    _ entry: CacheEntry, _ inventory: inout Inventory, _ transfer: inout CacheTransfer,
    _ progress: (CacheTransfer) -> Void
  ) async throws {
    var all: [String] = []
    for output in entry.contents {
      all += try files(of: output)
      if output.kind == .folder { all.append(output.hash) }
    }
    try await verify(all, &inventory, &transfer, progress)
    var seen = inventory.objects
    let wanted = all.filter { seen.insert($0).inserted }
    let sizes = try wanted.map { hash in
      guard let size = store.status(hash)?.size else {
        throw CacheMiss(hash: hash, isDamaged: false)
      }
      return size
    }
    transfer.doneBytes += max(0, size(of: entry) - sizes.reduce(0, +))
    try await each(wanted, "send an object") { [remote, store] hash in
      guard try store.isWhole(hash) else {
        try store.remove(hash)
        throw CacheMiss(hash: hash, isDamaged: true)
      }
      try await remote.put(
        URL(fileURLWithPath: store.path(of: hash)), as: ObjectStore.name(hash))
      return store.status(hash)?.size ?? 0
    } then: { _, bytes in
      transfer.count(bytes)
      progress(transfer)
    }
    for hash in wanted { inventory.note(hash, isWhole: true) }
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
    return tree.files
  }

  // MARK: Verifying

  /// Whether a remote has a result whole, be it that of this machine or of another that made it, too. Reads
  /// what of it wasn't read before.
  func isWhole(
    _ entry: CacheEntry, _ inventory: inout Inventory, _ transfer: inout CacheTransfer,
    _ progress: (CacheTransfer) -> Void
  ) async throws -> Bool {
    guard let theirs = try await self.entry(entry.fingerprint) else { return false }
    var hashes = theirs.contents.map(\.hash)
    try await verify(hashes, &inventory, &transfer, progress)
    for output in theirs.contents where output.kind == .folder {
      guard inventory.objects.contains(output.hash), let tree = try await tree(output.hash)
      else { return false }
      hashes += tree.files
    }
    try await verify(hashes, &inventory, &transfer, progress)
    return hashes.allSatisfy(inventory.objects.contains)
  }

  /// Reads objects at the remote where they are to be verified, and takes off the inventory what isn't what
  /// its name says.
  private func verify(
    _ hashes: [String], _ inventory: inout Inventory, _ transfer: inout CacheTransfer,
    _ progress: (CacheTransfer) -> Void
  ) async throws {
    try await each(inventory.unread(hashes), "verify an object") { [remote, store] hash in
      let file = store.temporary("verified-\(hash)")
      defer { unlink(file) }
      do { return try await remote.object(hash, to: file) as Int64? } catch is CacheMiss {
        return nil
      }
    } then: { hash, bytes in
      inventory.note(hash, isWhole: bytes != nil)
      transfer.doneBytes += bytes ?? 0
      progress(transfer)
    }
  }

  /// A folder's listing, from here or from there; nil where it isn't whole.
  private func tree(_ hash: String) async throws -> FolderTree? {
    if let bytes = store.bytes(hash) { return FolderTree(bytes) }
    let file = store.temporary("tree")
    defer { unlink(file) }
    do { _ = try await remote.object(hash, to: file) } catch is CacheMiss { return nil }
    return (try? Data(contentsOf: URL(fileURLWithPath: file))).flatMap { FolderTree([UInt8]($0)) }
  }

  // MARK: Fetching

  /// The entry that a remote has under a fingerprint; nil where it has none, or a damaged one.
  func entry(_ fingerprint: String) async throws -> CacheEntry? {
    let file = URL(fileURLWithPath: store.temporary("entry.json"))
    try WholeFile.makeFolder(file.deletingLastPathComponent())
    defer { unlink(file.path) }
    guard try await remote.get(CacheEntry.name(fingerprint), to: file) else { return nil }
    return CacheEntry.read(file, fingerprint: fingerprint)
  }

  /// Fetches what of a result isn't here, and writes its entry.
  ///
  /// - Parameter trusting: whether objects that are here are whole; else they are read.
  /// - Throws: `CacheMiss` where an object is missing or damaged there.
  func fetch(
    _ entry: CacheEntry, trusting: Bool, _ transfer: inout CacheTransfer,
    _ progress: (CacheTransfer) -> Void
  ) async throws {
    // What an entry of a remote says may be anything.
    for one in entry.contents {
      transfer.totalBytes = min(1 << 60, transfer.totalBytes + min(1 << 60, one.size))
    }
    // A tree says which files are wanted.
    let trees = Set(entry.contents.filter { $0.kind == .folder }.map(\.hash))
    try await fetch(trees.sorted(), trusting: trusting, &transfer, progress)
    transfer.totalBytes += trees.reduce(0) { $0 + (store.status($1)?.size ?? 0) }
    try await fetch(
      entry.contents.flatMap { try files(of: $0) }, trusting: trusting, &transfer, progress)
    try step("write the cache entry")
    let name = CacheEntry.name(entry.fingerprint)
    try WholeFile.write(
      json: entry, to: URL(fileURLWithPath: store.folder).appendingPathComponent(name))
  }

  private func fetch(
    _ hashes: [String], trusting: Bool, _ transfer: inout CacheTransfer,
    _ progress: (CacheTransfer) -> Void
  ) async throws {
    var seen: Set<String> = []
    let wanted = try hashes.filter {
      guard seen.insert($0).inserted else { return false }
      return try !(trusting ? store.contains($0) : store.isWhole($0))
    }
    try await each(wanted, "fetch an object") { [remote, store] hash in
      let file = store.temporary(hash)
      defer { unlink(file) }
      let bytes = try await remote.object(hash, to: file)
      FileCloner.makeReadOnly(file)
      try store.adopt(file, as: hash)
      return bytes
    } then: { _, bytes in
      transfer.count(bytes)
      progress(transfer)
    }
  }

  // MARK: Several at a time

  /// Does something with every object, several at a time.
  ///
  /// - Parameter then: told of each as it is done.
  private func each<Outcome: Sendable>(
    _ hashes: [String], _ name: String,
    _ body: @escaping @Sendable (String) async throws -> Outcome,
    then: (String, Outcome) -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: (String, Outcome).self) { group in
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
          group.addTask { (hash, try await body(hash)) }
          running += 1
        }
        guard let (hash, outcome) = try await group.next() else { return }
        running -= 1
        then(hash, outcome)
      }
    }
  }
}

extension CacheTransfer {
  /// Counts an object that has travelled.
  fileprivate mutating func count(_ bytes: Int64) {
    objects += 1
    self.bytes += bytes
    doneBytes += bytes
  }
}

extension CacheRemote {
  /// Fetches an object and hashes it.
  ///
  /// - Returns: its bytes.
  /// - Throws: `CacheMiss` where it isn't there, or isn't what its name says.
  fileprivate func object(_ hash: String, to file: String) async throws -> Int64 {
    guard try await get(ObjectStore.name(hash), to: URL(fileURLWithPath: file)) else {
      throw CacheMiss(hash: hash, isDamaged: false)
    }
    guard try FileHashes.contents(file).hex == hash else {
      throw CacheMiss(hash: hash, isDamaged: true)
    }
    guard case .file(let stamp)? = try FolderWalk.entry(at: file) else { return 0 }
    return stamp.size
  }
}

extension FolderTree {
  /// The hashes of all files.
  fileprivate var files: [String] {
    nodes.compactMap { if case .file(_, let hash) = $0 { Digest.hex(hash) } else { nil } }
  }
}
