// Files that appear whole or not at all, and the few file-system calls that Foundation hides the errors of.

import Foundation

func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

/// What is about to be done to the file system, for tests that stop there as a crash would: nothing is
/// tidied up behind them.
package struct FileStep: Sendable {
  private let body: @Sendable (String) throws -> Void

  /// - Parameter body: called before each step, with what it is.
  package init(_ body: @escaping @Sendable (String) throws -> Void) { self.body = body }

  /// Who is told.
  @TaskLocal package static var watcher = FileStep { _ in }

  static func tell(_ name: String) throws { try watcher.body(name) }
}

enum WholeFile {
  /// Writes a file under a temporary name beside the target, flushes it and renames it.
  ///
  /// - Parameter flushed: whether it has to survive a power cut; what can be made again need not.
  /// - Throws: `PipelineError` with the system's reason; the target is then as it was.
  static func write(_ bytes: some Sequence<UInt8>, to url: URL, flushed: Bool = true) throws {
    try makeFolder(url.deletingLastPathComponent())
    let temporary = "\(url.path).\(getpid())\(ending)"
    try FileStep.tell("write \(url.lastPathComponent)")
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw PipelineError.system("can't be written", url.path, code: errno) }
    var failure: Int32 = 0
    Array(bytes).withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          failure = errno
          return
        }
        rest = rest.dropFirst(count)
      }
    }
    if failure == 0, flushed, fsync(file) != 0 { failure = errno }
    if close(file) != 0, failure == 0 { failure = errno }
    if failure == 0 { try FileStep.tell("rename \(url.lastPathComponent)") }
    if failure == 0, rename(temporary, url.path) != 0 { failure = errno }
    guard failure == 0 else {
      unlink(temporary)
      throw PipelineError.system("can't be written", url.path, code: failure)
    }
  }

  private static let ending = ".new"

  /// Removes what processes that are gone had begun to write in a folder.
  ///
  /// - Parameter prefix: what its name begins with.
  static func sweep(_ folder: URL, prefix: String = "") throws {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    where name.hasPrefix(prefix) && name.hasSuffix(ending) {
      let writer = name.dropLast(ending.count).split(separator: ".").last.flatMap { pid_t($0) }
      guard let writer, writer == getpid() || !WorkspaceOwner.isRunning(writer) else { continue }
      try remove(folder.appendingPathComponent(name))
    }
  }

  static func write(_ text: String, to url: URL) throws { try write(text.utf8, to: url) }

  /// Writes a value as JSON with sorted keys; not flushed.
  static func write(json value: some Encodable, to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try write(try encoder.encode(value) + [0x0A], to: url, flushed: false)
  }

  /// Makes a folder and those on the way to it.
  static func makeFolder(_ url: URL) throws {
    if !exists(url) { try FileStep.tell("make the folder \(url.lastPathComponent)") }
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw PipelineError(
        "\(url.path): this folder can't be made (\(error.localizedDescription))", exit: .failed)
    }
  }

  /// Removes a file or a folder with all in it; nothing there is fine.
  static func remove(_ url: URL) throws {
    guard exists(url) else { return }
    try FileStep.tell("remove \(url.lastPathComponent)")
    do { try FileManager.default.removeItem(at: url) } catch {
      throw PipelineError(
        "\(url.path): can't be removed (\(error.localizedDescription))", exit: .failed)
    }
  }

  /// Whether something is there, were it a link to nothing.
  static func exists(_ url: URL) -> Bool {
    var status = stat()
    return lstat(url.path, &status) == 0
  }
}
