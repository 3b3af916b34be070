// The table (path, size, mtime, ctime, inode → hash) in a compact binary file. It is a memory aid: lost
// or damaged, it costs time and nothing else.
//
// The file is used as it lies, without taking it apart: its rows are in the order in which a folder is
// walked, so that nearly every look-up finds its row just behind the one before it. What changes is kept
// beside it until the table is written anew.

import Basics
import Foundation
import Hashing

/// Hashes remembered between runs.
struct HashFile {
  typealias Path = UnsafeBufferPointer<UInt8>

  private struct Row {
    var stamp: FileStamp
    var hash: ContentHash
  }

  private static let magic = Array("WORKHSH2".utf8)
  /// Bytes of a row but for the path that follows: its length, the stamp, the hash.
  private static let fixed = 4 + 32 + 32
  private let file: URL
  /// The file's bytes; empty where there was none, or a damaged one.
  private var bytes: [UInt8] = []
  /// Where each row of the file begins.
  private var rows: [UInt32] = []
  private var isSeen: [Bool] = []
  /// The row that is likely to be asked for next.
  private var cursor = 0
  /// What was learnt since, by path; nil for rows that no longer hold.
  private var news: [String: Row?] = [:]
  private var folders: [String] = []

  init(file: URL) {
    self.file = file
    guard let data = try? Data(contentsOf: file) else { return }
    bytes = [UInt8](data)
    rows = Self.rows(of: bytes) ?? []
    isSeen = Array(repeating: false, count: rows.count)
  }

  /// The hash of a file that looks as it did when it was hashed.
  mutating func hash(_ path: Path, _ stamp: FileStamp) -> ContentHash? {
    if !news.isEmpty, let new = news[String(decoding: path, as: UTF8.self)] {
      return new?.stamp == stamp ? new?.hash : nil
    }
    let index = index(of: path)
    guard index < rows.count, compare(index, path) == 0 else { return nil }
    cursor = index + 1
    let row = row(index)
    guard row.stamp == stamp else { return nil }
    isSeen[index] = true
    return row.hash
  }

  /// Remembers a hash, unless the file is as young as the look at it: it could change once more without
  /// a trace in its times (git's "racy" entries). Such a file is hashed again next time.
  mutating func remember(_ path: Path, _ stamp: FileStamp, hash: ContentHash, began: Int64) {
    news.updateValue(
      stamp.isOld(before: began) ? Row(stamp: stamp, hash: hash) : nil,
      forKey: String(decoding: path, as: UTF8.self))
  }

  /// Remembers a hash though the change time is young; see `FileHashes.vouch`.
  mutating func vouch(_ path: String, _ stamp: FileStamp, hash: ContentHash, began: Int64) {
    guard stamp.isContentOld(before: began) else { return }
    news[path] = Row(stamp: stamp, hash: hash)
  }

  /// Says that all of a folder is looked at from here on; rows below it that nobody asks for are dropped.
  mutating func beginFolder(_ path: String) { folders.append(path) }

  /// Gives the rows of a folder's files their new paths. (The renamed thing itself has another change time
  /// now, so its own row would be of no use.)
  mutating func move(from old: String, to new: String) {
    var moved: [(path: String, row: Row)] = []
    for (path, row) in news where path.lies(inFolder: old) {
      if let row { moved.append((path, row)) }
    }
    var index = Array((old + "/").utf8).withUnsafeBufferPointer { self.index(of: $0) }
    while index < rows.count, path(index).lies(inFolder: old) {
      let path = path(index)
      if news[path] == nil { moved.append((path, row(index))) }
      index += 1
    }
    for (path, row) in moved {
      news.updateValue(nil, forKey: path)
      news["\(new)/\(path.path(below: old) ?? "")"] = row
    }
    news.updateValue(nil, forKey: old)
  }

  mutating func save() throws {
    guard !news.isEmpty else { return }
    var kept: [(path: [UInt8], row: Row)] = []
    for index in rows.indices {
      let path = path(index)
      if news[path] != nil { continue }
      guard isSeen[index] || !folders.contains(where: { path.lies(inFolder: $0) }) else {
        continue
      }
      kept.append((Array(path.utf8), row(index)))
    }
    for (path, row) in news {
      if let row { kept.append((Array(path.utf8), row)) }
    }
    kept.sort { Self.order($0.path, $1.path) < 0 }
    try WholeFile.write(Self.encode(kept), to: file, flushed: false)
    self = HashFile(file: file)
  }

  // MARK: The file's rows

  private func number<Number: FixedWidthInteger>(_ offset: Int, as type: Number.Type) -> Number {
    bytes.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type))
    }
  }

  private func row(_ index: Int) -> Row {
    let start = Int(rows[index]) + 4
    return Row(
      stamp: FileStamp(
        size: number(start, as: Int64.self), modified: number(start + 8, as: Int64.self),
        changed: number(start + 16, as: Int64.self), inode: number(start + 24, as: UInt64.self)),
      hash: bytes.withUnsafeBytes {
        ContentHash(UnsafeRawBufferPointer(rebasing: $0[(start + 32)..<(start + 64)]))
      })
  }

  private func pathRange(_ index: Int) -> Range<Int> {
    let start = Int(rows[index])
    return (start + Self.fixed)..<(start + Self.fixed + Int(number(start, as: UInt32.self)))
  }

  private func path(_ index: Int) -> String {
    String(decoding: bytes[pathRange(index)], as: UTF8.self)
  }

  /// A row's path against another, as `order` has it.
  private func compare(_ index: Int, _ path: Path) -> Int {
    let range = pathRange(index)
    return bytes.withUnsafeBufferPointer {
      Self.order(Path(rebasing: $0[range]), path)
    }
  }

  /// The first row that doesn't come before a path.
  private func index(of path: Path) -> Int {
    if cursor < rows.count, compare(cursor, path) == 0 { return cursor }
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if compare(middle, path) < 0 { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Less than, equal to or more than 0, in the order of a walk: a slash comes before any other byte, so
  /// that what is in a folder follows it at once.
  private static func order(_ a: Path, _ b: Path) -> Int {
    let count = min(a.count, b.count)
    guard let first = a.baseAddress, let second = b.baseAddress else { return a.count - b.count }
    if memcmp(first, second, count) == 0 { return a.count - b.count }
    var index = 0
    while a[index] == b[index] { index += 1 }
    func rank(_ byte: UInt8) -> Int { byte == UInt8(ascii: "/") ? 0 : Int(byte) }
    return rank(a[index]) - rank(b[index])
  }

  private static func order(_ a: [UInt8], _ b: [UInt8]) -> Int {
    a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { order(a, $0) } }
  }

  private static func encode(_ rows: [(path: [UInt8], row: Row)]) -> [UInt8] {
    var bytes = magic
    bytes.reserveCapacity(rows.count * 160 + 64)
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
    append(UInt64(rows.count))
    for (path, row) in rows {
      append(UInt32(path.count))
      append(row.stamp.size)
      append(row.stamp.modified)
      append(row.stamp.changed)
      append(row.stamp.inode)
      row.hash.withBytes { bytes += $0 }
      bytes += path
    }
    let digest = Digest()
    bytes.withUnsafeBytes { digest.update($0) }
    return bytes + digest.bytes()
  }

  /// Where the rows begin; nil for a damaged file, or one that is too large to be a table.
  private static func rows(of bytes: [UInt8]) -> [UInt32]? {
    guard bytes.count >= magic.count + 8 + 32, bytes.count < Int(UInt32.max),
      bytes.starts(with: magic)
    else { return nil }
    return bytes.withUnsafeBytes { buffer -> [UInt32]? in
      let end = buffer.count - 32
      let digest = Digest()
      digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<end]))
      guard digest.bytes().elementsEqual(buffer[end...]) else { return nil }
      func number<Number: FixedWidthInteger>(_ offset: Int, as type: Number.Type) -> Number {
        Number(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: type))
      }
      let count = number(magic.count, as: UInt64.self)
      guard count <= UInt64(end / fixed) else { return nil }
      var rows: [UInt32] = []
      rows.reserveCapacity(Int(count))
      var position = magic.count + 8
      for _ in 0..<count {
        guard position + fixed <= end else { return nil }
        rows.append(UInt32(position))
        position += fixed + Int(number(position, as: UInt32.self))
        guard position <= end else { return nil }
      }
      return rows
    }
  }
}
