// Files by the SHA-256 of what they hold, in one folder. What is taken from it is always hashed first: an
// object may be a hard link of a file that somebody edited in spite of its mode.

import Basics
import Foundation
import Hashing

/// The objects below `.work/cache/objects`: where they are, and whether they are what their names say.
struct ObjectStore: Sendable {
  let folder: String

  /// - Parameter cache: `.work/cache`.
  init(_ cache: URL) { folder = cache.path }

  /// An object's name below the cache's folder, which is also its name at a remote.
  static func name(_ hash: String) -> String { "objects/\(hash.prefix(2))/\(hash.dropFirst(2))" }

  /// The hash that a name stands for, or nil.
  static func hash(ofName name: String) -> String? {
    let parts = name.pathNames
    guard parts.count == 3, parts[0] == "objects" else { return nil }
    let hash = String(parts[1] + parts[2])
    return isHash(hash) && Self.name(hash) == name ? hash : nil
  }

  /// Whether a text is a hash as this project writes it.
  static func isHash(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  func path(of hash: String) -> String { "\(folder)/\(Self.name(hash))" }

  /// Where something is written before it gets its name; two at once don't meet.
  func temporary(_ name: String) -> String { "\(folder)/tmp/\(getpid())-\(name)" }

  /// What the file system says of an object; nil where there is none.
  func status(_ hash: String) -> (size: Int64, names: Int)? {
    var status = stat()
    guard lstat(path(of: hash), &status) == 0 else { return nil }
    return (Int64(status.st_size), Int(status.st_nlink))
  }

  func contains(_ hash: String) -> Bool { access(path(of: hash), F_OK) == 0 }

  /// Whether an object holds what its name says; false also where it isn't there. Reads all of it.
  func isWhole(_ hash: String) throws -> Bool {
    guard contains(hash) else { return false }
    return try FileHashes.contents(path(of: hash)).hex == hash
  }

  /// An object's bytes, checked.
  func bytes(_ hash: String) -> [UInt8]? {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path(of: hash))) else { return nil }
    let bytes = [UInt8](data)
    return Digest.hex(of: bytes) == hash ? bytes : nil
  }

  /// Gives a file that lies below the cache's folder its name as an object. The file is known to be whole.
  func adopt(_ file: String, as hash: String) throws {
    try WholeFile.makeFolder(URL(fileURLWithPath: path(of: hash)).deletingLastPathComponent())
    guard rename(file, path(of: hash)) == 0 else {
      throw PipelineError.system("can't be written", path(of: hash), code: errno)
    }
  }

  func remove(_ hash: String) throws {
    guard unlink(path(of: hash)) == 0 || errno == ENOENT else {
      throw PipelineError.system("can't be removed", path(of: hash), code: errno)
    }
  }

  /// The hashes of all objects.
  func all() -> [String] {
    func list(_ path: String) -> [String] {
      (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }
    return list("\(folder)/objects").sorted().flatMap { part in
      list("\(folder)/objects/\(part)").map { part + $0 }.filter(Self.isHash).sorted()
    }
  }
}
