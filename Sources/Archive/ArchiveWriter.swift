// The one owner of a libarchive writing handle: packs a zip archive whose bytes follow from its
// entries alone (no time, user or mode of this machine).

import Basics
import CArchive
public import Foundation

/// Writes a zip file, which has its name only once `finish` has returned.
///
/// Entries are compressed by deflate, with mode 644 and the time 1 January 1980 (the zip format's
/// first moment: libarchive writes it for time 0, in every time zone).
public final class ArchiveWriter {
  private let file: URL
  private let partial: URL
  private let handle: OpaquePointer
  private let descriptor: Int32
  private var names: Set<String> = []
  private var isFinished = false

  /// Starts an archive under a temporary name beside `file`.
  /// - Throws: `ArchiveError` if it can't be created.
  public init(_ file: URL) throws {
    self.file = file
    partial = file.deletingLastPathComponent()
      .appendingPathComponent(".\(file.lastPathComponent).partial")
    guard let handle = archive_write_new() else {
      throw ArchiveError(
        kind: .fileSystem, archive: file.path, entry: nil, reason: "out of memory")
    }
    self.handle = handle
    descriptor = open(partial.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw OutputFile.Failure(errno).error(archive: file.path, entry: nil)
    }
    guard archive_write_set_format_zip(handle) == ARCHIVE_OK,
      archive_write_zip_set_compression_deflate(handle) == ARCHIVE_OK,
      archive_write_set_bytes_in_last_block(handle, 1) == ARCHIVE_OK,
      archive_write_open_fd(handle, descriptor) == ARCHIVE_OK
    else { throw failure(entry: nil) }
  }

  deinit {
    // Freeing closes the handle, which still writes to the descriptor; so this order.
    archive_write_free(handle)
    if descriptor >= 0 { close(descriptor) }
    if !isFinished { unlink(partial.path) }
  }

  /// Adds a file.
  /// - Parameter path: a relative path with `/` between its components.
  /// - Throws: `ArchiveError` for a path that `extract` would refuse or that is there already,
  ///   and for a full disk.
  public func add(path: String, data: Data) throws {
    precondition(!isFinished, "an entry was added to a finished archive")
    let name: String
    do { name = try SafePath(path).components.joined(separator: "/") } catch {
      throw ArchiveError(
        kind: .unsafe, archive: file.path, entry: path, reason: "can't be packed: \(error.what).")
    }
    guard names.insert(name).inserted else {
      throw ArchiveError(
        kind: .duplicate, archive: file.path, entry: name, reason: "is in the archive already.")
    }
    let entry = archive_entry_new()
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname_utf8(entry, name)
    archive_entry_set_filetype(entry, entry_is_file)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 0, 0)
    archive_entry_set_size(entry, Int64(data.count))
    guard withUTF8Locale({ archive_write_header(handle, entry) }) == ARCHIVE_OK else {
      throw failure(entry: name)
    }
    let written = data.withUnsafeBytes { archive_write_data(handle, $0.baseAddress, $0.count) }
    guard written == data.count, archive_write_finish_entry(handle) == ARCHIVE_OK else {
      throw failure(entry: name)
    }
  }

  /// Writes the archive's table of contents, flushes the file and gives it its name.
  public func finish() throws {
    precondition(!isFinished, "an archive was finished twice")
    guard archive_write_close(handle) == ARCHIVE_OK else { throw failure(entry: nil) }
    guard fsync(descriptor) == 0, rename(partial.path, file.path) == 0 else {
      throw OutputFile.Failure(errno).error(archive: file.path, entry: nil)
    }
    isFinished = true
  }

  private func failure(entry: String?) -> ArchiveError {
    let code = archive_errno(handle)
    if code == ENOSPC || code == EDQUOT {
      return OutputFile.Failure(code).error(archive: file.path, entry: entry)
    }
    let detail = archive_error_string(handle).map { String(cString: $0) } ?? "unknown error"
    return ArchiveError(
      kind: .fileSystem, archive: file.path, entry: entry, reason: "can't be packed: \(detail)")
  }
}
