// The table (path, size, mtime, ctime, inode → hash) in a compact binary file. It is a memory aid: lost
// or damaged, it costs time and nothing else.

import Foundation

/// Hashes remembered between runs.
struct HashTable {
  private struct Row {
    var stamp: FileStamp
    var hash: [UInt8]
    var isSeen = false
  }

  private static let magic = Array("WORKHSH1".utf8)
  /// File times tick with the kernel's clock, every 4 or 10 ms; twice that is on the safe side.
  private static let tick: Int64 = 20_000_000

  private let file: URL
  private var rows: [String: Row] = [:]
  private var folders: [String] = []
  private var isChanged = false

  init(file: URL) {
    self.file = file
    if let data = try? Data(contentsOf: file), let rows = Self.decode([UInt8](data)) {
      self.rows = rows
    }
  }

  /// Nanoseconds since 1970.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The hash of a file that looks as it did when it was hashed.
  mutating func hash(_ path: String, _ stamp: FileStamp) -> [UInt8]? {
    guard let index = rows.index(forKey: path), rows.values[index].stamp == stamp else {
      return nil
    }
    rows.values[index].isSeen = true
    return rows.values[index].hash
  }

  /// Remembers a hash, unless the file is as young as the look at it: it could change once more without
  /// a trace in its times (git's "racy" entries). Such a file is hashed again next time.
  mutating func remember(_ path: String, _ stamp: FileStamp, hash: [UInt8], began: Int64) {
    isChanged = true
    guard max(stamp.modified, stamp.changed) + Self.tick < began else {
      rows[path] = nil
      return
    }
    rows[path] = Row(stamp: stamp, hash: hash, isSeen: true)
  }

  /// Remembers a hash though the change time is young; see `FileHashes.vouch`.
  mutating func vouch(_ path: String, _ stamp: FileStamp, hash: [UInt8], began: Int64) {
    guard hash.count == 32, stamp.modified + Self.tick < began else { return }
    rows[path] = Row(stamp: stamp, hash: hash, isSeen: true)
    isChanged = true
  }

  /// Says that all of a folder is looked at from here on; rows below it that nobody asks for are dropped.
  mutating func beginFolder(_ path: String) { folders.append(path) }

  /// Gives the rows of a folder's files their new paths. (The renamed thing itself has another change time
  /// now, so its own row would be of no use.)
  mutating func move(from old: String, to new: String) {
    for (path, row) in rows where path.hasPrefix(old) {
      rows[path] = nil
      if RelativePath.isInside(path, old) { rows[new + path.dropFirst(old.count)] = row }
    }
    isChanged = true
  }

  mutating func save() throws {
    guard isChanged else { return }
    let kept = rows.filter { path, row in
      row.isSeen || !folders.contains { RelativePath.isInside(path, $0) }
    }
    try WholeFile.write(Self.encode(kept), to: file, flushed: false)
    isChanged = false
  }

  private static func encode(_ rows: [String: Row]) -> [UInt8] {
    var bytes = magic
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
    append(UInt64(rows.count))
    for (path, row) in rows {
      append(UInt32(path.utf8.count))
      bytes += path.utf8
      append(row.stamp.size)
      append(row.stamp.modified)
      append(row.stamp.changed)
      append(row.stamp.inode)
      bytes += row.hash
    }
    var digest = Digest()
    bytes.withUnsafeBytes { digest.update($0) }
    return bytes + digest.bytes()
  }

  private static func decode(_ bytes: [UInt8]) -> [String: Row]? {
    guard bytes.count >= magic.count + 8 + 32, bytes.starts(with: magic) else { return nil }
    return bytes.withUnsafeBytes { buffer -> [String: Row]? in
      let end = buffer.count - 32
      var digest = Digest()
      digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<end]))
      guard digest.bytes().elementsEqual(buffer[end...]) else { return nil }
      var position = magic.count
      func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        guard position + MemoryLayout<Number>.size <= end else { return nil }
        defer { position += MemoryLayout<Number>.size }
        return Number(littleEndian: buffer.loadUnaligned(fromByteOffset: position, as: type))
      }
      guard let count = number(UInt64.self), count <= UInt64(end) else { return nil }
      var rows: [String: Row] = [:]
      rows.reserveCapacity(Int(count))
      for _ in 0..<count {
        guard let length = number(UInt32.self), position + Int(length) <= end else { return nil }
        let path = String(decoding: buffer[position..<position + Int(length)], as: UTF8.self)
        position += Int(length)
        guard let size = number(Int64.self), let modified = number(Int64.self),
          let changed = number(Int64.self), let inode = number(UInt64.self), position + 32 <= end
        else { return nil }
        let stamp = FileStamp(size: size, modified: modified, changed: changed, inode: inode)
        rows[path] = Row(stamp: stamp, hash: Array(buffer[position..<position + 32]))
        position += 32
      }
      return rows
    }
  }
}
