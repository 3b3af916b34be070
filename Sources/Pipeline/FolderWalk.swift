// Lists a file or a folder's contents with their stat data, through opendir and fstatat: 26,000 files in
// some tens of milliseconds, where Foundation's enumerator takes most of a second.

import Foundation

/// What the file system says of a file; equal values mean that it wasn't touched.
struct FileStamp: Sendable, Equatable {
  var size: Int64
  /// Nanoseconds since 1970.
  var modified: Int64
  var changed: Int64
  var inode: UInt64

  init(size: Int64, modified: Int64, changed: Int64, inode: UInt64) {
    self.size = size
    self.modified = modified
    self.changed = changed
    self.inode = inode
  }

  init(_ status: stat) {
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    inode = UInt64(status.st_ino)
  }
}

enum FolderWalk {
  enum Entry {
    case folder
    case file(FileStamp)
  }

  /// What is at a path; nil where nothing is. Links are followed.
  static func entry(at path: String) throws -> Entry? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { return nil }
      throw PipelineError.system("can't be looked at", path, code: code)
    }
    return try entry(status, path)
  }

  /// Visits everything below a folder, in the order of names' bytes, folders before what is in them.
  ///
  /// - Parameter visit: gets the path relative to the folder.
  /// - Throws: `PipelineError` for what can't be read, links to nothing or in a circle, and sockets.
  static func visit(_ folder: String, _ visit: (String, Entry) throws -> Void) throws {
    try walk(folder, prefix: "", depth: 0, visit)
  }

  private static func walk(
    _ folder: String, prefix: String, depth: Int, _ visit: (String, Entry) throws -> Void
  ) throws {
    guard depth < 64 else {
      throw PipelineError("\(folder): more than 64 folders deep; do its links form a circle?")
    }
    guard let handle = opendir(folder) else {
      throw PipelineError.system("can't be listed", folder, code: errno)
    }
    defer { closedir(handle) }
    var names: [[CChar]] = []
    while true {
      errno = 0
      guard let entry = readdir(handle) else {
        if errno != 0 { throw PipelineError.system("can't be listed", folder, code: errno) }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
      if name == [0x2E, 0] || name == [0x2E, 0x2E, 0] { continue }
      names.append(name)
    }
    names.sort { strcmp($0, $1) < 0 }
    let descriptor = dirfd(handle)
    for name in names {
      let text = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      var status = stat()
      guard fstatat(descriptor, name, &status, 0) == 0 else {
        throw PipelineError.system("can't be looked at", "\(folder)/\(text)", code: errno)
      }
      let entry = try entry(status, "\(folder)/\(text)")
      try visit(prefix + text, entry)
      if case .folder = entry {
        try walk("\(folder)/\(text)", prefix: "\(prefix)\(text)/", depth: depth + 1, visit)
      }
    }
  }

  private static func entry(_ status: stat, _ path: String) throws -> Entry {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file(FileStamp(status))
    default:
      throw PipelineError("\(path): neither a file nor a folder, so it has no content to compare")
    }
  }
}
