// Content hashes of files and folders, asked of the file system first: a file whose size, times and
// inode are as they were when it was hashed is not read again.

package import Foundation
import Hashing

/// What a file or folder holds.
package struct FileState: Sendable, Equatable {
  /// SHA-256 as hex: of a file's bytes, or of a folder's sorted list of paths and hashes.
  package var hash: String
  /// Bytes, of all files together.
  package var size: Int64
}

/// Hashes below one root, with the table that remembers them. Not for use from two threads at once.
package final class FileHashes {
  private let root: String
  private var table: HashFile
  private var known: [String: FileState] = [:]
  /// How many files were read, for tests.
  package private(set) var filesRead = 0

  /// - Parameters:
  ///   - root: the folder that paths are relative to.
  ///   - table: the file that remembers; it need not exist, and is rebuilt where it is damaged.
  package init(root: URL, table: URL) {
    self.root = root.path
    self.table = HashFile(file: table)
  }

  /// The state of a path, or nil where nothing is there. Asked twice, the file system is looked at once,
  /// until `forget` is called.
  package func state(of path: String) throws -> FileState? {
    if let state = known[path] { return state }
    let state = try look(absolute(path))
    known[path] = state
    return state
  }

  /// A path as an absolute one.
  func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }

  /// Makes the next question look at the file system again.
  package func forget() { known = [:] }

  /// Tells that a file or folder was renamed: what lies in a folder needs no second reading.
  func moved(from old: String, to new: String) {
    table.move(from: absolute(old), to: absolute(new))
  }

  /// What a folder holds, as its hash is taken over it; nil where no folder is there.
  package func tree(of path: String) throws -> FolderTree? {
    let place = absolute(path)
    guard case .folder? = try FolderWalk.entry(at: place) else { return nil }
    var tree = FolderTree()
    try FolderWalk.visit(place) { path, entry in
      switch entry {
      case .folder: tree.add(.folder(path))
      case .file(let stamp):
        tree.add(.file(path, hash: try hash("\(place)/\(path)", stamp).bytes))
      }
    }
    return tree
  }

  /// Takes a file's hash as known although its change time is young, as a link to it or a rename makes it.
  /// That is safe where its modification time is old: an edit would show there.
  ///
  /// - Parameters:
  ///   - place: an absolute path.
  ///   - began: when the look at its content began.
  func vouch(_ place: String, hash: String, began: Int64) {
    guard case .file(let stamp)? = try? FolderWalk.entry(at: place) else { return }
    let bytes = Digest.bytes(ofHex: hash)
    guard bytes.count == 32 else { return }
    table.vouch(place, stamp, hash: bytes.withUnsafeBytes { ContentHash($0) }, began: began)
  }

  /// Writes the table where it changed. Where that fails (a full disk, a folder that may only be read), files
  /// are read again next time, and that is all.
  package func save() { try? table.save() }

  /// The files of a folder, with its state; nil for a file, or where nothing is.
  func listing(of path: String) throws -> (listing: TreeListing, state: FileState)? {
    let place = absolute(path)
    guard case .folder? = try FolderWalk.entry(at: place), let state = try state(of: path) else {
      return nil
    }
    var entries: [TreeListing.Entry] = []
    let skipped = place.utf8.count + 1
    try FolderWalk.visitBytes(place) { path, entry in
      guard case .file(let stamp) = entry else { return }
      entries.append(
        .init(
          hash: try hash(path, stamp).hex, size: stamp.size,
          path: String(decoding: path[skipped...], as: UTF8.self)))
    }
    return (TreeListing(entries), state)
  }

  private func look(_ place: String) throws -> FileState? {
    switch try FolderWalk.entry(at: place) {
    case nil: return nil
    case .file(let stamp):
      return FileState(hash: try hash(place, stamp).hex, size: stamp.size)
    case .folder:
      var listing = ListingDigest()
      var size: Int64 = 0
      let skipped = place.utf8.count + 1
      table.beginFolder(place)
      try FolderWalk.visitBytes(place) { path, entry in
        let relative = UnsafeBufferPointer(rebasing: path[skipped...])
        switch entry {
        case .folder: listing.add("d", relative)
        case .file(let stamp):
          listing.add("f", relative, try hash(path, stamp))
          size += stamp.size
        }
      }
      return FileState(hash: listing.hex(), size: size)
    }
  }

  private func hash(_ place: String, _ stamp: FileStamp) throws -> ContentHash {
    try Array(place.utf8).withUnsafeBufferPointer { try hash($0, stamp) }
  }

  private func hash(_ path: HashFile.Path, _ stamp: FileStamp) throws -> ContentHash {
    if let hash = table.hash(path, stamp) { return hash }
    let began = FileStamp.now()
    filesRead += 1
    let hash = try Self.contents(String(decoding: path, as: UTF8.self))
    table.remember(path, stamp, hash: hash, began: began)
    return hash
  }

  /// The SHA-256 of a file, read now.
  static func contents(_ place: String) throws -> ContentHash {
    let file = open(place, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw PipelineError.system("can't be read", place, code: errno) }
    defer { close(file) }
    let digest = Digest()
    var failure: Int32 = 0
    withUnsafeTemporaryAllocation(byteCount: 1 << 17, alignment: 16) { buffer in
      while true {
        let count = read(file, buffer.baseAddress, buffer.count)
        if count == 0 { return }
        if count < 0 {
          if errno == EINTR { continue }
          failure = errno
          return
        }
        digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
    guard failure == 0 else { throw PipelineError.system("can't be read", place, code: failure) }
    return digest.bytes().withUnsafeBytes { ContentHash($0) }
  }
}

/// The digest of a folder: SHA-256 over its sorted list of folders and files, these with their hashes.
private struct ListingDigest {
  private let digest = Digest()
  /// Lines that wait to be hashed together.
  private var lines: [UInt8] = []

  mutating func add(_ kind: Unicode.Scalar, _ path: HashFile.Path, _ hash: ContentHash? = nil) {
    lines.append(UInt8(ascii: kind))
    lines.append(UInt8(ascii: " "))
    lines.append(contentsOf: path)
    lines.append(0)
    hash?.withBytes { lines.append(contentsOf: $0) }
    if lines.count > 1 << 15 { flush() }
  }

  private mutating func flush() {
    lines.withUnsafeBytes { digest.update($0) }
    lines.removeAll(keepingCapacity: true)
  }

  mutating func hex() -> String {
    flush()
    return digest.hex()
  }
}
