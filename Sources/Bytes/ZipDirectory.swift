// The members of a zip file (PKWARE's APPNOTE), as far as archives of arrays and of weights need it: stored or deflated.

import CZlib

/// A zip file's members.
package struct ZipDirectory {
  package let members: [ZipMember]

  /// - Throws: `ReadingProblem` for a file that is cut short or damaged.
  package init(_ file: FileBytes) throws {
    let end = try Self.end(file)
    var cursor = ByteCursor(file.all, at: end + 10)
    var count = try cursor.number(2)
    try cursor.skip(4)
    var place = try cursor.number(4)
    if place == 0xffff_ffff || count == 0xffff { (count, place) = try Self.large(file, end) }
    cursor.place = place
    var members: [ZipMember] = []
    for _ in 0..<count { members.append(try ZipMember(&cursor)) }
    self.members = members
  }

  /// Where the end record is, which a comment may follow.
  private static func end(_ file: FileBytes) throws -> Int {
    let last = file.count - 22
    for place in stride(from: last, through: max(0, last - 65535), by: -1)
    where file.start[place] == 0x50 && file.start[place + 1] == 0x4b
      && file.start[place + 2] == 5 && file.start[place + 3] == 6
    {
      return place
    }
    throw ReadingProblem("the file ends too early: a zip archive's directory is missing")
  }

  /// Count and place out of the end record for large files (zip64).
  private static func large(_ file: FileBytes, _ end: Int) throws -> (Int, Int) {
    var cursor = ByteCursor(file.all, at: end - 20)
    guard end >= 20, try cursor.number(4) == 0x0706_4b50 else {
      throw ReadingProblem("the directory of the zip archive is damaged")
    }
    try cursor.skip(4)
    cursor.place = try cursor.number(8)
    guard try cursor.number(4) == 0x0606_4b50 else {
      throw ReadingProblem("the directory of the zip archive is damaged")
    }
    try cursor.skip(28)
    let count = try cursor.number(8)
    try cursor.skip(8)
    return (count, try cursor.number(8))
  }
}

/// A member of a zip file.
package struct ZipMember {
  package let name: String
  package let isDeflated: Bool
  package let size: Int
  private let checksum: Int
  private let stored: Int
  private let place: Int

  /// The member that a directory has next.
  fileprivate init(_ cursor: inout ByteCursor) throws {
    guard try cursor.number(4) == 0x0201_4b50 else {
      throw ReadingProblem("the directory of the zip archive is damaged")
    }
    try cursor.skip(4)
    let flags = try cursor.number(2)
    let method = try cursor.number(2)
    try cursor.skip(4)
    checksum = try cursor.number(4)
    var (stored, size) = (try cursor.number(4), try cursor.number(4))
    let (nameCount, extraCount, commentCount) = (
      try cursor.number(2), try cursor.number(2), try cursor.number(2)
    )
    try cursor.skip(8)
    var place = try cursor.number(4)
    name = try cursor.text(nameCount)
    let behind = cursor.place + extraCount
    while cursor.place + 4 <= behind {
      let (kind, length) = (try cursor.number(2), try cursor.number(2))
      let next = cursor.place + length
      if kind == 1 {
        if size == 0xffff_ffff { size = try cursor.number(8) }
        if stored == 0xffff_ffff { stored = try cursor.number(8) }
        if place == 0xffff_ffff { place = try cursor.number(8) }
      }
      cursor.place = next
    }
    cursor.place = behind
    try cursor.skip(commentCount)
    guard flags & 1 == 0 else { throw ReadingProblem("its member \(name) is encrypted") }
    guard method == 0 || method == 8 else {
      throw ReadingProblem(
        "its member \(name) is compressed by method \(method), which is not read")
    }
    isDeflated = method == 8
    (self.stored, self.size, self.place) = (stored, size, place)
  }

  /// The first bytes, enough for a header.
  package func beginning(of file: FileBytes) throws -> [UInt8] {
    let data = try data(of: file)
    guard isDeflated else { return Array(data.prefix(Self.beginning)) }
    return try [UInt8](unsafeUninitializedCapacity: Self.beginning) { out, count in
      count = try Inflate.inflate(data, raw: true, into: UnsafeMutableRawBufferPointer(out))
    }
  }

  /// What is behind a number of bytes.
  package func content(of file: FileBytes, from start: Int) throws -> RawMemory {
    let data = try data(of: file)
    guard isDeflated else {
      try check(data)
      return RawMemory(UnsafeRawBufferPointer(rebasing: data[min(start, size)...]), owner: file)
    }
    guard size / Inflate.ratio <= stored else {
      throw ReadingProblem("its member \(name) claims to have \(size) bytes, deflated to \(stored)")
    }
    let whole = try RawMemory(count: size) { target in
      let count = try Inflate.inflate(data, raw: true, into: target)
      guard count == size else {
        throw ReadingProblem("its member \(name) ends too early: \(count) bytes instead of \(size)")
      }
      try check(UnsafeRawBufferPointer(target))
    }
    return RawMemory(
      UnsafeRawBufferPointer(rebasing: whole.bytes[min(start, size)...]), owner: whole.owner)
  }

  private func check(_ content: UnsafeRawBufferPointer) throws {
    let found = crc32_z(0, content.baseAddress?.assumingMemoryBound(to: UInt8.self), content.count)
    guard Int(found) == checksum else {
      throw ReadingProblem("its member \(name) is damaged: the checksum is another")
    }
  }

  /// The bytes as they are in the file, behind a header of their own.
  private func data(of file: FileBytes) throws -> UnsafeRawBufferPointer {
    var cursor = ByteCursor(file.all, at: place)
    guard try cursor.number(4) == 0x0403_4b50 else {
      throw ReadingProblem("its member \(name) is not where the directory says")
    }
    try cursor.skip(22)
    let (nameCount, extraCount) = (try cursor.number(2), try cursor.number(2))
    try cursor.skip(nameCount + extraCount)
    guard isDeflated || stored == size else {
      throw ReadingProblem("its member \(name) has two sizes")
    }
    return UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: try cursor.take(stored)))
  }

  private static let beginning = 1 << 16
}
