// The one owner of a libarchive reading handle: entries of an archive, one after the other.
// It knows nothing of the file system that they are written to.

import Basics
import CArchive
import Foundation

/// Reads the entries of one archive, of a zip file in the order of its central directory. Of which kind it is, its first
/// bytes say, whatever its name.
final class ArchiveReader {
  enum EntryKind { case file, folder, other(String) }

  struct Entry {
    let name: String
    let kind: EntryKind
    /// Bytes when unpacked, as the archive states them; nil where it doesn't.
    let statedBytes: Int64?
  }

  let path: String
  private let handle: OpaquePointer
  private var current: String?
  /// An archive without entries is nothing but its 22-byte end record, which libarchive's seekable
  /// reader doesn't take for a zip file.
  private var isEmpty = false
  /// Entries that are bookkeeping of operating systems, which are passed over.
  private(set) var leftovers = 0
  /// Names that aren't UTF-8 and were read as code page 437.
  private(set) var oldNames: [String] = []
  /// What a file that is compressed alone is called.
  private let stem: String
  /// Where the archive ends with a comment that is too long for libarchive.
  private let source: ArchiveSource?

  /// Opens the archive. Of zip files only the seekable reader is used: it starts from the central directory at
  /// the end of the file, so an archive that is cut short is noticed before anything is unpacked.
  init(_ file: URL, calledAs path: String? = nil) throws {
    self.path = path ?? file.path
    stem = withoutArchiveEnding(file.lastPathComponent) ?? file.lastPathComponent
    let beginning = try Self.beginning(of: file, calledAs: self.path)
    let isZip = beginning.starts(with: Array("PK".utf8))
    source = isZip ? ArchiveSource(file) : nil
    guard let handle = archive_read_new() else { throw Self.noMemory(self.path) }
    self.handle = handle
    guard archive_read_support_format_zip_seekable(handle) == ARCHIVE_OK else {
      throw error(.unsupported)
    }
    if !isZip, beginsAsArchive(beginning) { Self.supportOthers(handle) }
    if let source {
      guard source.open(handle) == ARCHIVE_OK else { throw notAnArchive(beginning) }
      return
    }
    if beginning.count == 22 && beginning.starts(with: [0x50, 0x4b, 5, 6]) {
      isEmpty = true
      return
    }
    guard archive_read_open_filename(handle, file.path, 1 << 16) == ARCHIVE_OK else {
      throw notAnArchive(beginning)
    }
  }

  deinit { archive_read_free(handle) }

  /// Kinds of archives beside zip. Filters that would start programs are left out.
  private static func supportOthers(_ handle: OpaquePointer) {
    archive_read_support_format_7zip(handle)
    archive_read_support_format_tar(handle)
    archive_read_support_format_rar(handle)
    archive_read_support_format_rar5(handle)
    archive_read_support_format_raw(handle)
    archive_read_support_filter_gzip(handle)
    archive_read_support_filter_bzip2(handle)
    archive_read_support_filter_xz(handle)
    archive_read_support_filter_zstd(handle)
  }

  /// Whether a file is to be unpacked: by its name or, where that has no ending, by its first bytes.
  static func isArchive(_ file: URL) -> Bool {
    let name = file.lastPathComponent
    if withoutArchiveEnding(name) != nil { return true }
    guard !name.contains("."), let beginning = try? beginning(of: file, calledAs: name) else {
      return false
    }
    return beginsAsArchive(beginning)
  }

  /// The next entry, or nil after the last.
  func next() throws -> Entry? {
    while let entry = try nextOfAll() {
      guard isLeftover(entry.name) else { return entry }
      leftovers += 1
    }
    return nil
  }

  private func nextOfAll() throws -> Entry? {
    var entry: OpaquePointer?
    if isEmpty { return nil }
    let status = withUTF8Locale { archive_read_next_header(handle, &entry) }
    if status == ARCHIVE_EOF { return nil }
    // A warning is a name that doesn't convert; what is made of it is checked below.
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else {
      throw error(.damaged)
    }
    guard let name = withUTF8Locale({ name(of: entry) }) else {
      throw ArchiveError(
        kind: .unsafe, archive: path, entry: nil,
        reason: "an entry has no name. Nothing was unpacked; pack it again.")
    }
    current = name
    guard archive_entry_is_encrypted(entry) == 0 else {
      throw ArchiveError(
        kind: .unsupported, archive: path, entry: name,
        reason: "is encrypted. Unpack it by hand with its password.")
    }
    let stated = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : nil
    return Entry(name: name, kind: Self.kind(of: entry), statedBytes: stated)
  }

  /// The current entry's content, piece by piece. A piece is valid during the call only.
  /// Gaps that the archive leaves out are not in a zip file, so pieces follow each other.
  func content(_ receive: (UnsafeRawBufferPointer) throws -> Void) throws {
    while true {
      var start: UnsafeRawPointer?
      var count = 0
      var offset: la_int64_t = 0
      let status = archive_read_data_block(handle, &start, &count, &offset)
      if status == ARCHIVE_EOF { return }
      guard status == ARCHIVE_OK else { throw error(.damaged) }
      try receive(UnsafeRawBufferPointer(start: start, count: count))
    }
  }

  private func name(of entry: OpaquePointer) -> String? {
    guard let bytes = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry) else {
      return nil
    }
    if archive_format(handle) == ARCHIVE_FORMAT_RAW { return stem }
    if let name = String(validatingCString: bytes) { return name }
    let name = codePage437(bytes)
    oldNames.append(name)
    return name
  }

  private static func kind(of entry: OpaquePointer) -> EntryKind {
    if archive_entry_hardlink(entry) != nil { return .other("a hard link") }
    return switch archive_entry_filetype(entry) {
    case entry_is_file: .file
    case entry_is_folder: .folder
    case entry_is_symbolic_link: .other("a symbolic link")
    default: .other("a special file")
    }
  }

  private func error(_ kind: ArchiveError.Kind) -> ArchiveError {
    let detail = archive_error_string(handle).map { String(cString: $0) } ?? "unknown error"
    if detail.hasPrefix("Unsupported") {
      return ArchiveError(
        kind: .unsupported, archive: path, entry: current,
        reason:
          "can't be unpacked here (\(detail)); the archive itself may be whole. Unpack it by hand with a tool that knows "
          + "the method, such as 7-Zip (7z x), and pack it again, or put the folder in its place.")
    }
    return ArchiveError(
      kind: kind, archive: path, entry: current,
      reason: "the archive is damaged (\(detail)). Delete it and download it again.")
  }

  /// What libarchive calls an "Unrecognized archive format", told apart by the first bytes.
  private func notAnArchive(_ beginning: [UInt8]) -> ArchiveError {
    if beginning.starts(with: Array("PK".utf8)) {
      return ArchiveError(
        kind: .damaged, archive: path, entry: nil,
        reason: "the archive is cut short or damaged: its table of contents, which a zip file has "
          + "at its end, is missing. Delete it and download it again.")
    }
    let what = beginning.isEmpty ? "it is empty" : "it begins with other bytes than a zip file"
    return ArchiveError(
      kind: .notAnArchive, archive: path, entry: nil,
      reason: "not a zip archive: \(what). Delete it and download it again.")
  }

  private static func beginning(of file: URL, calledAs path: String) throws -> [UInt8] {
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      return Array(try handle.read(upToCount: 512) ?? Data())
    } catch {
      throw ArchiveError(
        kind: .notAnArchive, archive: path, entry: nil,
        reason: "can't be read: \(systemReason(error))")
    }
  }

  private static func noMemory(_ path: String) -> ArchiveError {
    ArchiveError(kind: .fileSystem, archive: path, entry: nil, reason: "out of memory")
  }
}
