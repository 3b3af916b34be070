// Files that appear whole or not at all: written beside their place under a temporary name, flushed to the
// disk, then renamed. What a process that died had begun to write is swept.

package import Foundation
import Synchronization

/// A file being written. Nothing is at its place until `commit`; without it, nothing is left behind.
package final class WholeFile {
  private let target: URL
  private let temporary: String
  private var file: Int32

  /// Begins a file beside its place. The folder must be there.
  ///
  /// - Throws: `FileError`.
  package init(_ target: URL) throws(FileError) {
    self.target = target
    let count = Self.begun.add(1, ordering: .relaxed).newValue
    temporary = "\(target.path).\(getpid())-\(count)\(Self.ending)"
    Self.sweepOnce(target.deletingLastPathComponent())
    file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw FileError(target.path, "can't be written", code: errno) }
    // By this a process of another machine or container, which can't see ours, knows that it is being written.
    flock(file, LOCK_EX | LOCK_NB)
  }

  deinit { abandon() }

  /// Adds bytes at the end.
  ///
  /// - Throws: `FileError`, such as for a full disk.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(file, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(target.path, "can't be written", code: errno) }
      done += count
    }
  }

  /// Gives the file its name, replacing what was there.
  ///
  /// - Parameter flushed: whether the file has to survive a power cut; what can be made again need not.
  /// - Throws: `FileError`; its place is then as it was.
  package func commit(flushed: Bool = true) throws(FileError) {
    guard !flushed || fsync(file) == 0, rename(temporary, target.path) == 0 else {
      throw FileError(target.path, "can't be written", code: errno)
    }
    close(file)
    file = -1
    // The rename itself survives a power cut only once the folder is flushed, too.
    if flushed { Self.flush(target.deletingLastPathComponent()) }
  }

  private func abandon() {
    guard file >= 0 else { return }
    close(file)
    unlink(temporary)
  }

  /// Leaves the file under its temporary name, as a crash would.
  private func leave() {
    close(file)
    file = -1
  }

  private static func flush(_ folder: URL) {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

extension WholeFile {
  /// Writes bytes to a file, making the folders on the way.
  ///
  /// - Parameter flushed: whether the file has to survive a power cut; what can be made again need not.
  /// - Throws: `FileError` with the system's reason; the file is then as it was.
  package static func write(_ bytes: some Sequence<UInt8>, to url: URL, flushed: Bool = true) throws
  {
    try makeFolder(url.deletingLastPathComponent())
    try FileStep.tell("write \(url.lastPathComponent)")
    let file = try WholeFile(url)
    try Array(bytes).withUnsafeBytes { try file.write($0) }
    do { try FileStep.tell("rename \(url.lastPathComponent)") } catch {
      file.leave()
      throw error
    }
    try file.commit(flushed: flushed)
  }

  /// Writes text as UTF-8.
  ///
  /// - Throws: `FileError`.
  package static func write(_ text: String, to url: URL) throws { try write(text.utf8, to: url) }

  /// Writes a value as indented JSON with sorted keys and a newline at the end; not flushed.
  ///
  /// - Throws: `FileError`, or an error of the encoder.
  package static func write(json value: some Encodable, to url: URL) throws {
    try write(JSON.pretty(value) + [0x0A], to: url, flushed: false)
  }

  /// Makes a folder and those on the way to it; one that is there is fine.
  ///
  /// - Throws: `FileError`.
  package static func makeFolder(_ url: URL) throws {
    if !exists(url) { try FileStep.tell("make the folder \(url.lastPathComponent)") }
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw FileError(url.path, "can't be made a folder", reason: systemReason(error))
    }
  }

  /// Removes a file or a folder with all in it; nothing there is fine.
  ///
  /// - Throws: `FileError`.
  package static func remove(_ url: URL) throws {
    guard exists(url) else { return }
    try FileStep.tell("remove \(url.lastPathComponent)")
    do { try FileManager.default.removeItem(at: url) } catch {
      throw FileError(url.path, "can't be removed", reason: systemReason(error))
    }
  }

  /// The bytes of a file; nil where nothing is at its place.
  ///
  /// - Throws: `FileError` where it can't be read, or can't be looked for: what can't be seen isn't taken for missing.
  package static func contents(of url: URL) throws(FileError) -> Data? {
    var status = stat()
    guard lstat(url.path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw FileError(url.path, "can't be read", code: errno)
    }
    do { return try Data(contentsOf: url) } catch {
      throw FileError(url.path, "can't be read", reason: systemReason(error))
    }
  }

  /// Whether something is there, were it a link to nothing.
  package static func exists(_ url: URL) -> Bool {
    var status = stat()
    return lstat(url.path, &status) == 0
  }
}

// MARK: - What a dead process left

extension WholeFile {
  // No file of a user's is called so: what has this ending may be removed.
  private static let ending = ".work-new"
  private static let begun = Atomic<Int>(0)
  private static let swept = Mutex<Set<String>>([])

  /// Removes what processes that are gone had begun to write in a folder.
  ///
  /// - Parameters:
  ///   - prefix: what its name begins with.
  ///   - own: whether what this process had begun goes, too; only for when it can't be writing there.
  package static func sweep(_ folder: URL, prefix: String = "", own: Bool = false) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    where name.hasPrefix(prefix) {
      guard let writer = writer(of: name) else { continue }
      let file = folder.appendingPathComponent(name).path
      let isGone =
        writer == getpid() ? own : kill(writer, 0) != 0 && errno == ESRCH && !isLocked(file)
      if isGone { unlink(file) }
    }
  }

  /// Whether a process anywhere holds a file's lock.
  private static func isLocked(_ file: String) -> Bool {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// The first file that a process writes into a folder sweeps it. One listing a folder is cheap; one a file
  /// would not be, where thousands of images are written.
  private static func sweepOnce(_ folder: URL) {
    if swept.withLock({ $0.insert(folder.path).inserted }) { sweep(folder) }
  }

  /// Whether a file is called as one that is being written.
  package static func isTemporary(_ name: String) -> Bool { writer(of: name) != nil }

  /// The process that began a file, by its temporary name `NAME.PID-COUNT.work-new`.
  private static func writer(of name: String) -> pid_t? {
    guard name.hasSuffix(ending) else { return nil }
    let parts = name.dropLast(ending.count).split(separator: ".").last?.split(separator: "-") ?? []
    guard parts.count == 2, Int(parts[1]) != nil else { return nil }
    return pid_t(parts[0])
  }
}
