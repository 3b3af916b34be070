// What a folder holds, as the bytes that its hash is taken over: `d PATH`, NUL for each folder, and
// `f PATH`, NUL and the 32 bytes of the content's hash for each file, in the order of a walk. So a tree
// is content like any other, named by its hash.

import Basics
import Hashing

/// The paths and hashes of a folder.
package struct FolderTree: Sendable, Equatable {
  package enum Node: Sendable, Equatable {
    case folder(String)
    case file(String, hash: [UInt8])
  }

  /// Folders before what is in them.
  package private(set) var nodes: [Node] = []

  package init() {}

  /// Reads a tree; nil where the bytes are none, or name a place outside the folder.
  package init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while let kind = rest.popFirst() {
      guard rest.popFirst() == 0x20, let end = rest.firstIndex(of: 0) else { return nil }
      let path = String(decoding: rest[..<end], as: UTF8.self)
      guard RelativePath.normalized(path) == path else { return nil }
      rest = rest[(end + 1)...]
      switch kind {
      case 0x64: nodes.append(.folder(path))
      case 0x66:
        guard rest.count >= 32 else { return nil }
        nodes.append(.file(path, hash: Array(rest.prefix(32))))
        rest = rest.dropFirst(32)
      default: return nil
      }
    }
  }

  mutating func add(_ node: Node) { nodes.append(node) }

  /// The bytes that the folder's hash is taken over.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for node in nodes {
      switch node {
      case .folder(let path): bytes += Array("d \(path)\0".utf8)
      case .file(let path, let hash): bytes += Array("f \(path)\0".utf8) + hash
      }
    }
    return bytes
  }

  /// The folder's hash.
  package var hash: String { Digest.hex(of: bytes) }

  /// The hash of a file or folder inside, or nil where there is none of that path.
  package func hash(of inside: String) -> String? {
    var tree: FolderTree?
    for node in nodes {
      switch node {
      case .file(inside, let hash): return Digest.hex(hash)
      case .folder(inside): tree = FolderTree()
      case .folder(let path):
        if let rest = path.path(below: inside) { tree?.add(.folder(rest)) }
      case .file(let path, let hash):
        if let rest = path.path(below: inside) { tree?.add(.file(rest, hash: hash)) }
      }
    }
    return tree?.hash
  }
}
