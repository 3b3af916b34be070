// Files of torch.save with a state dictionary, in both forms: a zip archive (since PyTorch 1.6), and before that
// pickles in a row with the storages behind them. Files are treated as untrusted: nothing in them is run.

import Bytes
package import Foundation

/// Named tensors out of a file of PyTorch's.
package struct TorchFile {
  /// How much is read of a file.
  package struct Limits: Sendable {
    /// Instructions of all its pickles together.
    package var instructions = 1 << 20
    /// Numbers of all tensors together.
    package var numbers = 1 << 28

    package init() {}
  }

  /// The tensors by name.
  package let tensors: [String: TorchTensor]

  /// Reads a file.
  ///
  /// - Throws: `WeightsError` for a file that can't be read, is cut short or damaged, or holds anything but
  ///   tensors by name.
  package init(contentsOf url: URL, limits: Limits = Limits()) throws {
    try self.init(name: url.path, limits) { try FileBytes(contentsOf: url) }
  }

  /// Reads bytes that belong to the caller.
  ///
  /// - Parameter name: how errors name them.
  /// - Throws: `WeightsError` for bytes that are cut short or damaged, or hold anything but tensors by name.
  package init(_ bytes: UnsafeRawBufferPointer, name: String, limits: Limits = Limits()) throws {
    try self.init(name: name, limits) { FileBytes(bytes, name: name) }
  }

  private init(name: String, _ limits: Limits, _ open: () throws -> FileBytes) throws {
    do {
      let file = try open()
      let isZip = file.count >= 4 && file.all.prefix(4).elementsEqual([0x50, 0x4B, 3, 4])
      tensors = try withExtendedLifetime(file) {
        try isZip ? ZipForm(file, limits).tensors(limits) : LegacyForm(file, limits).tensors(limits)
      }
    } catch let problem as ReadingProblem {
      throw WeightsError("\(name): \(problem.reason)")
    }
  }
}

/// One of the forms, with its pickle read.
private protocol Form {
  var machine: PickleMachine { get }
  /// The value that the pickle builds.
  var root: PickleValue { get }
  /// A storage's bytes: as many as its numbers need.
  func bytes(of storage: PickleMachine.Storage) throws -> UnsafeRawBufferPointer
}

extension Form {
  /// The tensors that the root holds by name.
  func tensors(_ limits: TorchFile.Limits) throws -> [String: TorchTensor] {
    guard case .dictionary(let index) = root else {
      throw ReadingProblem("it should hold tensors by name, but holds \(root.kind)")
    }
    var views: [String: PickleMachine.View] = [:]
    for (key, value) in machine.dictionaries[index] {
      guard case .text(let name) = key, case .tensor(let tensor) = value else {
        throw ReadingProblem(
          "it should hold tensors by name, but holds \(value.kind) under \(key.text)")
      }
      views[name] = machine.views[tensor]
    }
    // All is counted before anything is set aside.
    var counts: [String: Int] = [:]
    var total = 0
    for (name, view) in views {
      let count = try view.count()
      let (sum, overflow) = total.addingReportingOverflow(count)
      guard !overflow, sum <= limits.numbers else {
        throw ReadingProblem("its tensors have more numbers than are read (\(limits.numbers))")
      }
      (counts[name], total) = (count, sum)
    }
    return try views.reduce(into: [:]) { tensors, entry in
      tensors[entry.key] = entry.value.tensor(
        try bytes(of: entry.value.storage), count: counts[entry.key] ?? 0)
    }
  }
}

extension PickleValue {
  fileprivate var text: String {
    if case .text(let text) = self { "“\(text.shortened)”" } else { "a key that is \(kind)" }
  }
}

/// A zip archive: `…/data.pkl`, and a member `…/data/KEY` for each storage.
private struct ZipForm: Form {
  let machine: PickleMachine
  let root: PickleValue
  private let file: FileBytes
  private let members: [String: ZipMember]
  private let folder: String

  init(_ file: FileBytes, _ limits: TorchFile.Limits) throws {
    self.file = file
    let all = try ZipDirectory(file).members
    let pickles = all.filter { $0.name.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw ReadingProblem("it is a zip archive, but not one of torch.save: it has no data.pkl")
    }
    folder = String(pickle.name.dropLast("data.pkl".count))
    members = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    if let order = members[folder + "byteorder"] {
      guard try Self.content(order, file).elementsEqual("little".utf8) else {
        throw ReadingProblem("its numbers have their highest byte first, which is not read")
      }
    }
    let bytes = try Self.content(pickle, file)
    var machine = PickleMachine(
      bytes.bindMemory(to: UInt8.self), instructions: limits.instructions)
    root = try machine.load()
    self.machine = machine
  }

  func bytes(of storage: PickleMachine.Storage) throws -> UnsafeRawBufferPointer {
    guard let member = members["\(folder)data/\(storage.key)"] else {
      throw ReadingProblem("its storage \(storage.key.shortened) is missing")
    }
    let bytes = try Self.content(member, file)
    // Compared by division: the count comes from the file.
    guard bytes.count / storage.type.size >= storage.count else {
      throw ReadingProblem(
        "its storage \(storage.key.shortened) should have \(storage.count) numbers, but has \(bytes.count) bytes"
      )
    }
    return bytes
  }

  /// A member's bytes, which are the file's own.
  private static func content(_ member: ZipMember, _ file: FileBytes) throws
    -> UnsafeRawBufferPointer
  {
    guard !member.isDeflated else {
      throw ReadingProblem(
        "its member \(member.name.shortened) is compressed, which torch.save never does")
    }
    return try member.content(of: file, from: 0).bytes
  }
}

/// Pickles in a row (a magic number, a version, facts of the machine, the value, the storages' keys), then each
/// storage: how many numbers, and the numbers.
private struct LegacyForm: Form {
  let machine: PickleMachine
  let root: PickleValue
  private let file: FileBytes
  private var places: [String: (start: Int, storage: PickleMachine.Storage)] = [:]

  /// 0x1950a86a20f9469cfc6c, lowest byte first.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  init(_ file: FileBytes, _ limits: TorchFile.Limits) throws {
    self.file = file
    var machine = PickleMachine(file.all, instructions: limits.instructions)
    let first: PickleValue?
    // Any file may begin like a pickle, and most don't.
    do { first = try machine.load() } catch is ReadingProblem { first = nil }
    guard case .long(Self.magic)? = first else {
      throw ReadingProblem("it is no file of torch.save: neither of its two beginnings is there")
    }
    guard case .integer(1001) = try machine.load() else {
      throw ReadingProblem("it is of a version of torch.save that is not read (1001 is)")
    }
    if case .dictionary(let index) = try machine.load() {
      for (key, value) in machine.dictionaries[index] {
        if case .text("little_endian") = key, case .bool(false) = value {
          throw ReadingProblem("its numbers have their highest byte first, which is not read")
        }
      }
    }
    root = try machine.load()
    let keys = try machine.load()
    self.machine = machine
    try findStorages(keys, machine.cursor.place)
  }

  private mutating func findStorages(_ keys: PickleValue, _ start: Int) throws {
    guard case .list(let index) = keys else {
      throw ReadingProblem("the list of its storages is missing")
    }
    let known = Dictionary(machine.storages.map { ($0.key, $0) }) { first, _ in first }
    var cursor = ByteCursor(file.all, at: start)
    for key in machine.sequences[index] {
      guard case .text(let name) = key, let storage = known[name] else {
        throw ReadingProblem("it has a storage that no tensor knows")
      }
      guard try cursor.number(8) == storage.count else {
        throw ReadingProblem("its storage \(name.shortened) has two sizes")
      }
      let place = cursor.place
      guard storage.count <= cursor.left / storage.type.size else {
        throw ReadingProblem("the file ends too early, within the storage \(name.shortened)")
      }
      try cursor.skip(storage.count * storage.type.size)
      places[name] = (place, storage)
    }
  }

  func bytes(of storage: PickleMachine.Storage) throws -> UnsafeRawBufferPointer {
    guard let found = places[storage.key], found.storage == storage else {
      throw ReadingProblem("its storage \(storage.key.shortened) is missing")
    }
    return UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(file.all)[
        found.start..<(found.start + storage.count * storage.type.size)])
  }
}
