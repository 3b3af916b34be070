// Content hashes of files and folders, asked of the file system first: a file whose size, times and
// inode are as they were when it was hashed is not read again.

package import Foundation

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
  private var table: HashTable
  private var known: [String: FileState] = [:]
  /// How many files were read, for tests.
  package private(set) var filesRead = 0

  /// - Parameters:
  ///   - root: the folder that paths are relative to.
  ///   - table: the file that remembers; it need not exist, and is rebuilt where it is damaged.
  package init(root: URL, table: URL) {
    self.root = root.path
    self.table = HashTable(file: table)
  }

  /// The state of a path, or nil where nothing is there. Asked twice, the file system is looked at once,
  /// until `forget` is called.
  package func state(of path: String) throws -> FileState? {
    if let state = known[path] { return state }
    let state = try look(place(path))
    known[path] = state
    return state
  }

  /// The absolute place of a path.
  func place(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }

  /// Makes the next question look at the file system again.
  package func forget() { known = [:] }

  /// Tells that a file or folder was renamed: what lies in a folder needs no second reading.
  func moved(from old: String, to new: String) { table.move(from: place(old), to: place(new)) }

  /// What a folder holds, as its hash is taken over it; nil where no folder is there.
  package func tree(of path: String) throws -> FolderTree? {
    let place = place(path)
    guard case .folder? = try FolderWalk.entry(at: place) else { return nil }
    var tree = FolderTree()
    try FolderWalk.visit(place) { path, entry in
      switch entry {
      case .folder: tree.add(.folder(path))
      case .file(let stamp):
        tree.add(.file(path, hash: try hash("\(place)/\(path)", stamp)))
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
    table.vouch(place, stamp, hash: Digest.bytes(ofHex: hash), began: began)
  }

  /// Writes the table where it changed. Where that fails (a full disk, a folder that may only be read), files
  /// are read again next time, and that is all.
  package func save() { try? table.save() }

  private func look(_ place: String) throws -> FileState? {
    switch try FolderWalk.entry(at: place) {
    case nil: return nil
    case .file(let stamp):
      return FileState(hash: Digest.hex(try hash(place, stamp)), size: stamp.size)
    case .folder:
      var digest = Digest()
      var size: Int64 = 0
      table.beginFolder(place)
      try FolderWalk.visit(place) { path, entry in
        switch entry {
        case .folder: digest.update("d \(path)\0")
        case .file(let stamp):
          digest.update("f \(path)\0")
          try hash("\(place)/\(path)", stamp).withUnsafeBytes { digest.update($0) }
          size += stamp.size
        }
      }
      return FileState(hash: digest.hex(), size: size)
    }
  }

  private func hash(_ place: String, _ stamp: FileStamp) throws -> [UInt8] {
    if let hash = table.hash(place, stamp) { return hash }
    let began = HashTable.now()
    filesRead += 1
    let hash = try Self.contents(place)
    table.remember(place, stamp, hash: hash, began: began)
    return hash
  }

  /// The SHA-256 of a file, read now.
  static func contents(_ place: String) throws -> [UInt8] {
    let file = open(place, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw PipelineError.system("can't be read", place, code: errno) }
    defer { close(file) }
    var digest = Digest()
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
    return digest.bytes()
  }
}
