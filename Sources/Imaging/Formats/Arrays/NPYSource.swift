// NumPy's array files, by themselves or out of an archive.

import Bytes

/// Opens arrays as pictures.
enum NPYSource {
  /// The picture that an .npy file holds.
  static func open(_ file: FileBytes, _ options: DecodingOptions) throws -> RawSource {
    let header = try NPYHeader(file.all)
    let grid = try header.grid(options.axes)
    let memory = RawMemory(file, from: header.start)
    guard let count = grid.byteCount, memory.bytes.count >= count else {
      throw RawSource.tooShort(memory.bytes.count, grid.byteCount ?? .max)
    }
    return RawSource(.npy, grid) { memory }
  }

  /// The picture that an .npz archive holds: the array that the options name, or the only one.
  static func openArchive(_ file: FileBytes, _ options: DecodingOptions) throws -> RawSource {
    let member = try choose(ZipDirectory(file).members, options.array)
    let header = try member.beginning(of: file).withUnsafeBufferPointer { try NPYHeader($0) }
    let grid = try header.grid(options.axes)
    if member.isDeflated { try grid.check(options.limits) }
    guard let count = grid.byteCount, member.size == header.start + count else {
      throw RawSource.tooShort(member.size - header.start, grid.byteCount ?? .max)
    }
    return RawSource(.npz, grid, isWhole: member.isDeflated) {
      try member.content(of: file, from: header.start)
    }
  }

  private static func choose(_ members: [ZipMember], _ name: String?) throws -> ZipMember {
    let arrays = members.filter { $0.name.hasSuffix(".npy") }
    let names = arrays.map { String($0.name.dropLast(4)) }.joined(separator: ", ")
    if let name {
      guard let member = arrays.first(where: { $0.name == name || $0.name == name + ".npy" }) else {
        throw ReadingProblem("it has no array \(name), but \(names)")
      }
      return member
    }
    guard let member = arrays.first else { throw ReadingProblem("it has no array") }
    guard arrays.count == 1 else {
      throw ReadingProblem("it has several arrays (\(names)); say which one is the picture")
    }
    return member
  }
}
