// A cache remote that is a folder, such as a disk that several machines mount.

import Basics
public import Foundation

/// A folder that keeps files under names.
public struct FolderRemote: CacheRemote {
  private let folder: URL

  /// - Parameter folder: need not exist until something is put there.
  public init(_ folder: URL) { self.folder = folder }

  /// The folder that a person names.
  ///
  /// - Parameters:
  ///   - path: absolute, relative to the current folder, or beginning with `~`.
  ///   - mustExist: whether something is to be fetched from it.
  /// - Throws: `PipelineError` for an empty path, for one that is no folder, and for one where nothing is if
  ///   something has to be.
  public init(path: String, mustExist: Bool) throws {
    guard path.contains(where: { !$0.isWhitespace }) else {
      throw PipelineError(
        "the remote's name is empty; name a folder or s3://bucket/prefix (in a script, see whether the "
          + "variable that holds it is set)")
    }
    self.init(URL(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true))
    switch try FolderWalk.entry(at: folder.path) {
    case .folder?: break
    case .file?:
      throw PipelineError("\(path): is a file; a remote is a folder or s3://bucket/prefix")
    case nil where mustExist:
      throw PipelineError(
        "\(path): there is no such folder to pull from; look at its name, and whether its disk is mounted"
      )
    case nil: break
    }
  }

  /// The folder's path.
  public var place: String { folder.path }

  /// Lists the files below the folder that `prefix` names up to its last slash. What else lies there (a pipe, a link
  /// to nothing or in a circle) is nobody's result, and doesn't keep the others from being fetched.
  public func names(beginningWith prefix: String) async throws -> Set<String> {
    let start = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let below = folder.appendingPathComponent(start)
    guard case .folder? = try FolderWalk.entry(at: below.path) else { return [] }
    var names: Set<String> = []
    try FolderWalk.visit(below.path, depth: 4, passesOver: true) { path, entry in
      let name = start + path
      if case .file = entry, name.hasPrefix(prefix), !Self.isTemporary(name) { names.insert(name) }
    }
    return names
  }

  /// Copies the file beside its place and renames it.
  public func put(_ file: URL, as name: String) async throws {
    try Self.copy(file, to: folder.appendingPathComponent(name))
  }

  /// Copies the file beside its place and renames it.
  public func get(_ name: String, to file: URL) async throws -> Bool {
    let source = folder.appendingPathComponent(name)
    guard case .file? = try FolderWalk.entry(at: source.path) else { return false }
    try Self.copy(source, to: file)
    return true
  }

  private static func isTemporary(_ name: String) -> Bool {
    name.lastPathName.hasPrefix(".new-")
  }

  private static func copy(_ source: URL, to target: URL) throws {
    let parent = target.deletingLastPathComponent()
    try WholeFile.makeFolder(parent)
    // Several machines may write the same name at once.
    let temporary = parent.appendingPathComponent(".new-\(UUID().uuidString)").path
    do {
      _ = try FileCloner().bring(source.path, to: temporary, links: false, isReadOnly: false)
      let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
      defer { close(descriptor) }
      guard descriptor >= 0, fsync(descriptor) == 0, rename(temporary, target.path) == 0 else {
        throw PipelineError.system("can't be written", target.path, code: errno)
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }
}
