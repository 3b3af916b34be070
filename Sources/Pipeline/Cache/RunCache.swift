// The run cache: results of instances by the fingerprint of what the instances were made of. Kept when an
// instance has committed, taken back when it is stale and its present fingerprint is one that it had before.
// A memory aid: lost or damaged, it costs time and nothing else.

import Basics
import Foundation
import Hashing

/// The cache below `.work/cache`. Not for use from two threads at once.
final class RunCache {
  /// Outputs of at most so many bytes are copied, so that they stay writable for people.
  static let copiedBytes: Int64 = 1 << 20
  /// Larger outputs that could only be copied are not kept.
  static let mostCopiedBytes: Int64 = 1 << 30

  let store: ObjectStore
  private let workspace: Workspace
  private let hashes: FileHashes
  private let cloner = FileCloner()
  private let step: (String) throws -> Void
  private var checked: Set<String> = []
  private var temporaries = 0
  /// Objects that came with the result being kept.
  private var added: [String] = []
  /// Whether an earlier result under the fingerprint of the one being kept was found damaged.
  private var isInDoubt = false

  /// - Parameter step: called before each change of the file system, with what it is; for tests that stop
  ///   there.
  init(_ workspace: Workspace, _ hashes: FileHashes, step: @escaping (String) throws -> Void) {
    self.workspace = workspace
    self.hashes = hashes
    self.step = step
    store = ObjectStore(workspace.cache)
  }

  /// What is known under a fingerprint; nil also where the entry is damaged.
  func entry(_ fingerprint: String) -> CacheEntry? {
    CacheEntry.read(
      workspace.cache.appendingPathComponent(CacheEntry.name(fingerprint)), fingerprint: fingerprint
    )
  }

  /// All entries that can be read, by instance and then by run.
  func entries() -> [CacheEntry] {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: store.folder + "/entries")) ?? []
    return names.compactMap { CacheEntry.fingerprint(ofName: "entries/\($0)") }
      .compactMap { entry($0) }.sorted { ($0.instance, $0.run) < ($1.instance, $1.run) }
  }

  // MARK: Doubt

  /// Takes a result out of the cache of which an object is damaged or missing. What is left in its place is
  /// no entry, but says that what the objects' names promise isn't to be believed when the result is kept or
  /// fetched anew: the neighbours of a damaged object are often damaged, too.
  func doubt(_ entry: CacheEntry) {
    // Where this can't be written, the entry stays, and is found damaged once more.
    try? WholeFile.write(
      json: ["doubted": entry.instance],
      to: workspace.cache.appendingPathComponent(CacheEntry.name(entry.fingerprint)))
  }

  /// Whether there was a result under a fingerprint that turned out to be damaged.
  func isInDoubt(_ fingerprint: String) -> Bool {
    WholeFile.exists(workspace.cache.appendingPathComponent(CacheEntry.name(fingerprint)))
      && entry(fingerprint) == nil
  }

  // MARK: Keeping

  /// Keeps the outputs that a lock entry speaks of, as they lie in the workspace.
  ///
  /// - Parameters:
  ///   - result: what the entry says beside the outputs.
  ///   - record: the executed record, where there is one.
  /// - Throws: `PipelineError` where something can't be kept; there is no entry then, and a full disk gets
  ///   back what was kept so far.
  func keep(_ entry: Lock.Entry, _ result: CacheEntry, record: URL?) throws {
    added = []
    isInDoubt = isInDoubt(result.fingerprint)
    do { try write(entry, result, record) } catch let error as any Failing {
      for hash in added { try store.remove(hash) }
      throw error
    }
  }

  private func write(_ entry: Lock.Entry, _ result: CacheEntry, _ record: URL?) throws {
    var result = result
    for (path, state) in entry.outputs.sorted(by: { $0.key < $1.key }) {
      result.outputs[path] = try keep(path, state)
    }
    if let record {
      let hash = try FileHashes.contents(record.path).hex
      let size = try FolderWalk.entry(at: record.path)?.size ?? 0
      _ = try put(record.path, hash, size: size, links: true)
      result.record = CacheEntry.Output(kind: .file, hash: hash, size: size)
    }
    try step("write the cache entry")
    try WholeFile.write(
      json: result,
      to: workspace.cache.appendingPathComponent(CacheEntry.name(result.fingerprint)))
  }

  private func keep(_ path: String, _ state: FileState) throws -> CacheEntry.Output {
    let place = hashes.absolute(path)
    let began = FileStamp.now()
    guard let tree = try hashes.tree(of: path) else {
      if try put(place, state.hash, size: state.size, links: true) == .hardLink {
        hashes.vouch(place, hash: state.hash, began: began)
      }
      return CacheEntry.Output(kind: .file, hash: state.hash, size: state.size)
    }
    guard tree.hash == state.hash else {
      throw PipelineError("\(path) was changed since it was made", exit: .failed)
    }
    // What is behind a link, or in the place of an output that is one, is somebody's own.
    let root = FolderWalk.isLink(at: place) ? nil : Self.resolved(place)
    var known: [String: Bool] = [:]
    func isOurs(_ file: String) -> Bool {
      guard let root else { return false }
      let folder = file.pathFolder
      if let isOurs = known[folder] { return isOurs }
      let isOurs =
        folder.isEmpty || Self.resolved("\(place)/\(folder)") == "\(root)/\(folder)"
      known[folder] = isOurs
      return isOurs
    }
    for case .file(let file, let hash) in tree.nodes {
      let hash = Digest.hex(hash)
      if try put("\(place)/\(file)", hash, size: state.size, links: isOurs(file)) == .hardLink {
        hashes.vouch("\(place)/\(file)", hash: hash, began: began)
      }
    }
    if try !holds(state.hash) {
      try step("keep a tree")
      let temporary = try temporary()
      try WholeFile.write(tree.bytes, to: URL(fileURLWithPath: temporary), flushed: false)
      try store.adopt(temporary, as: state.hash)
      added.append(state.hash)
    }
    return CacheEntry.Output(kind: .folder, hash: state.hash, size: state.size)
  }

  /// Makes a file an object, unless there is such a one.
  ///
  /// - Parameters:
  ///   - size: of the output that the file belongs to.
  ///   - links: whether it may be the same file as the object, and so read-only.
  /// - Returns: how; nil where the object was there.
  private func put(_ file: String, _ hash: String, size: Int64, links: Bool) throws
    -> CloneMethod?
  {
    if try holds(hash) { return nil }
    try step("keep an object")
    let temporary = try temporary()
    let (method, digest) = try cloner.bring(
      file, to: temporary,
      links: links && size > Self.copiedBytes && FileCloner.isPlain(file, names: 1),
      isReadOnly: true)
    if method == .copy {
      guard size <= Self.mostCopiedBytes else {
        unlink(temporary)
        throw PipelineError(
          "\(file): the file system can neither reflink nor hard-link it, and it belongs to an output "
            + "that is too large to be copied", exit: .failed)
      }
      guard digest.map(Digest.hex(_:)) == hash else {
        unlink(temporary)
        throw PipelineError("\(file) was changed since it was made", exit: .failed)
      }
    }
    try step("name an object")
    try store.adopt(temporary, as: hash)
    added.append(hash)
    return method
  }

  /// A path without links; nil where it leads nowhere.
  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Whether an object is there already. It is read only where there was damage: keeping a large result that
  /// is mostly there is to take no time.
  private func holds(_ hash: String) throws -> Bool {
    isInDoubt ? try store.isWhole(hash) : store.contains(hash)
  }

  private func temporary() throws -> String {
    let place = store.temporary(String(temporaries))
    if temporaries == 0 {
      try WholeFile.makeFolder(URL(fileURLWithPath: place).deletingLastPathComponent())
    }
    temporaries += 1
    unlink(place)
    return place
  }

  // MARK: Taking back

  /// How much came in which way.
  typealias Tally = [CloneMethod: Int64]

  /// Brings an output to a place where nothing is yet. Every object is hashed on the way.
  ///
  /// - Throws: `CacheMiss` where an object is missing or damaged; a damaged one is removed.
  func take(_ output: CacheEntry.Output, to place: String, tally: inout Tally) throws {
    guard output.kind == .folder else {
      return try take(output.hash, output.size, to: place, tally: &tally)
    }
    guard let bytes = store.bytes(output.hash), let tree = FolderTree(bytes) else {
      throw try miss(output.hash)
    }
    try step("put back a folder")
    try WholeFile.makeFolder(URL(fileURLWithPath: place))
    for node in tree.nodes {
      switch node {
      case .folder(let path):
        guard mkdir("\(place)/\(path)", 0o755) == 0 else {
          throw PipelineError.system("this folder can't be made", "\(place)/\(path)", code: errno)
        }
      case .file(let path, let hash):
        try take(Digest.hex(hash), output.size, to: "\(place)/\(path)", tally: &tally)
      }
    }
  }

  private func take(
    _ hash: String, _ size: Int64, to place: String, tally: inout Tally
  ) throws {
    guard let status = store.status(hash) else { throw try miss(hash) }
    if !checked.contains(hash) {
      guard try store.isWhole(hash) else { throw try miss(hash) }
      checked.insert(hash)
    }
    try step("put back a file")
    let object = store.path(of: hash)
    let (method, digest) = try cloner.bring(
      object, to: place, links: size > Self.copiedBytes && FileCloner.isPlain(object, names: .max),
      isReadOnly: false)
    if let digest, Digest.hex(digest) != hash { throw try miss(hash) }
    tally[method, default: 0] += status.size
  }

  /// Tells the table of hashes what an output's files hold that was just put back.
  func vouch(_ path: String, _ output: CacheEntry.Output?, began: Int64) {
    guard let output else { return }
    let place = hashes.absolute(path)
    guard output.kind == .folder else {
      return hashes.vouch(place, hash: output.hash, began: began)
    }
    guard let tree = store.bytes(output.hash).flatMap({ FolderTree($0) }) else { return }
    for case .file(let file, let hash) in tree.nodes {
      hashes.vouch("\(place)/\(file)", hash: Digest.hex(hash), began: began)
    }
  }

  private func miss(_ hash: String) throws -> CacheMiss {
    guard store.contains(hash) else { return CacheMiss(hash: hash, isDamaged: false) }
    try step("drop a damaged object")
    try store.remove(hash)
    return CacheMiss(hash: hash, isDamaged: true)
  }
}

/// An object that an entry speaks of is not to be had.
struct CacheMiss: Error, Equatable {
  var hash: String
  var isDamaged: Bool
}

extension RunCache.Tally {
  /// The way that most bytes came; nil where nothing had to be brought.
  var main: CloneMethod? {
    self.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key
  }
}

extension FolderWalk.Entry {
  fileprivate var size: Int64? { if case .file(let stamp) = self { stamp.size } else { nil } }
}
