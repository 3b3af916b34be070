// Gives finished outputs their declared names. Each appears by one rename, and what was there before is
// kept aside until the lock has the new entry: that entry is the commit point. A crash before it leaves
// outputs that don't match the lock, so the stage runs again; what lies aside is swept.

import Basics
import Foundation

struct Promotion {
  private let workspace: Workspace
  /// Where replaced outputs wait: in the scratch folder, gone with it.
  private let aside: URL
  private let step: (String) throws -> Void

  /// - Parameter step: called before each change of the file system, with what it is; for tests that stop
  ///   there.
  init(workspace: Workspace, aside: URL, step: @escaping (String) throws -> Void) {
    self.workspace = workspace
    self.aside = aside
    self.step = step
  }

  /// Flushes what was written and moves it to its declared place.
  ///
  /// - Throws: `PipelineError` with the system's reason, as for a full disk.
  func promote(_ written: URL, to path: String, number: Int) throws {
    let target = workspace.url(of: path)
    try flush(written)
    try step("make the parents of \(path)")
    try WholeFile.makeFolder(target.deletingLastPathComponent())
    var source = written
    if WholeFile.exists(target) {
      // A file replaces a file in one step; anything else goes aside first.
      if !(isPlainFile(source) && isPlainFile(target)) {
        try step("put the old \(path) aside")
        try move(target, to: aside.appendingPathComponent("old-\(number)"))
      }
    }
    try step("rename \(path)")
    if rename(source.path, target.path) == 0 { return }
    guard errno == EXDEV else {
      throw PipelineError.system("can't get its name", target.path, code: errno)
    }
    // Another file system: copied beside the target first.
    let copy = Self.temporary(beside: target)
    try WholeFile.remove(copy)
    do { try FileManager.default.copyItem(at: source, to: copy) } catch {
      throw PipelineError(
        "\(target.path): can't be written (\(systemReason(error)))", exit: .failed)
    }
    try flush(copy)
    source = copy
    guard rename(source.path, target.path) == 0 else {
      throw PipelineError.system("can't get its name", target.path, code: errno)
    }
  }

  /// Removes what a crash left beside declared outputs.
  static func sweep(_ paths: [String], in workspace: Workspace) throws -> [String] {
    var swept: [String] = []
    for path in paths {
      let leftover = temporary(beside: workspace.url(of: path))
      if WholeFile.exists(leftover) {
        try WholeFile.remove(leftover)
        swept.append(leftover.path)
      }
    }
    return swept
  }

  private static func temporary(beside target: URL) -> URL {
    target.deletingLastPathComponent()
      .appendingPathComponent(".\(target.lastPathComponent).work-new")
  }

  private func move(_ source: URL, to target: URL) throws {
    try WholeFile.makeFolder(target.deletingLastPathComponent())
    try WholeFile.remove(target)
    if rename(source.path, target.path) == 0 { return }
    guard errno == EXDEV else {
      throw PipelineError.system("can't be replaced", source.path, code: errno)
    }
    try WholeFile.remove(source)
  }

  private func isPlainFile(_ url: URL) -> Bool {
    var status = stat()
    return lstat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Files are flushed one by one; a folder of many by a flush of everything, which is then cheaper.
  private func flush(_ url: URL) throws {
    var files = [url.path]
    var isFolder = false
    if case .folder? = try FolderWalk.entry(at: url.path) {
      isFolder = true
      try FolderWalk.visit(url.path) { path, entry in
        if case .file = entry { files.append("\(url.path)/\(path)") }
      }
    }
    if isFolder, files.count > 100 {
      sync()
      return
    }
    for file in files {
      let descriptor = open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw PipelineError.system("can't be read", file, code: errno) }
      defer { close(descriptor) }
      guard fsync(descriptor) == 0 else {
        throw PipelineError.system("can't be flushed to disk", file, code: errno)
      }
    }
  }
}
