// What the cache knows of one result: which outputs, by hash, and which run made them.

import Basics
import Foundation

/// One result of one instance, named by the fingerprint of what the instance was made of then.
struct CacheEntry: Codable, Sendable, Equatable {
  struct Output: Codable, Sendable, Equatable {
    enum Kind: String, Codable { case file, folder }
    var kind: Kind
    var hash: String
    /// Bytes, of all files together.
    var size: Int64

    var state: FileState { FileState(hash: hash, size: size) }
  }

  static let currentVersion = 1
  var version = Self.currentVersion
  /// Of the instance's manifest: code, parameters, inputs, item and declared outputs. The paths of outputs
  /// and script are part of it, so no two instances share one.
  var fingerprint: String
  var instance: String
  /// The name of the run's folder.
  var run: String
  var outputs: [String: Output]
  /// What the stage found out once; see `PinnedValues`.
  var pinned: [String: JSONValue]
  var metrics: [String: Double]
  /// Wall time of that run, seconds.
  var seconds: Double?
  /// The executed record, kept like an output.
  var record: Output?

  private static let mostBytes = 16 << 20
  /// Their sizes, of 2^50 bytes at most, are added up.
  private static let mostOutputs = 1000

  var stage: String { String(instance.prefix { $0 != "@" }) }
  var size: Int64 { outputs.values.reduce(0) { $0 + $1.size } }

  /// Everything that it refers to.
  var contents: [Output] {
    outputs.values.sorted { $0.hash < $1.hash } + (record.map { [$0] } ?? [])
  }

  /// An entry's name below the cache's folder, which is also its name at a remote.
  static func name(_ fingerprint: String) -> String { "entries/\(fingerprint).json" }

  /// The fingerprint that a name stands for, or nil.
  static func fingerprint(ofName name: String) -> String? {
    guard name.hasPrefix("entries/"), name.hasSuffix(".json") else { return nil }
    let text = String(name.dropFirst(8).dropLast(5))
    return ObjectStore.isHash(text) ? text : nil
  }

  /// Reads an entry; nil where it is missing, damaged, of another version or of another name.
  static func read(_ file: URL, fingerprint: String) -> CacheEntry? {
    // Entries come from elsewhere, too: neither their length nor what they state is taken on trust.
    guard let length = try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize,
      length <= mostBytes, let data = try? Data(contentsOf: file),
      let entry = try? JSONDecoder().decode(CacheEntry.self, from: data),
      entry.version == currentVersion, entry.fingerprint == fingerprint,
      entry.outputs.count <= mostOutputs,
      entry.contents.allSatisfy({
        ObjectStore.isHash($0.hash) && (0...1 << 50).contains($0.size)
      }),
      !entry.run.isEmpty, entry.run.utf8.count <= 200, !entry.run.hasPrefix("."),
      entry.run.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") })
    else { return nil }
    return entry
  }
}
