// Files of torch.save: what PyTorch wrote is read in both forms, and all else is refused with a reason.

import Foundation
import Testing
import Weights

@Suite struct TorchFileTests {
  /// What Golden/make.py wrote with PyTorch.
  private static func golden(_ name: String) throws -> Data {
    try Data(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden/\(name).pth"))
  }

  private func read(_ data: Data, _ limits: TorchFile.Limits = .init()) throws -> TorchFile {
    try data.withUnsafeBytes { try TorchFile($0, name: "x.pth", limits: limits) }
  }

  private func problem(_ data: Data, _ limits: TorchFile.Limits = .init()) -> String {
    do {
      _ = try read(data, limits)
      return "it was read"
    } catch { return "\(error)" }
  }

  @Test(arguments: ["zip", "legacy"]) func whatPyTorchWroteIsRead(_ form: String) throws {
    let tensors = try read(Self.golden(form)).tensors
    let expected: [String: (shape: [Int], values: [Float])] = [
      "weight": ([2, 3], [1.5, -2, 0.25, 3, 1e-3, -7]),
      "strided": ([3, 2], [0, 3, 1, 4, 2, 5]),
      "whole": ([3, 4], (0..<12).map { Float($0) / 4 }),
      "part": ([2, 2], [1.25, 1.5, 2.25, 2.5]),
      "half": ([4], [0.5, -1, 65504, 5.960464477539063e-08]),
      "brain": ([3], [1, -3.140625, 1.0002555517425873e+30]),
      "scalar": ([], [2.5]),
      "empty": ([0, 4], []),
    ]
    #expect(Set(tensors.keys) == Set(expected.keys).union(["norm.num_batches_tracked"]))
    for (name, tensor) in expected {
      #expect(tensors[name]?.shape == tensor.shape, "\(name)")
      #expect(tensors[name]?.values == .floats(tensor.values), "\(name)")
    }
    #expect(tensors["norm.num_batches_tracked"]?.values == .integers([-12_345_678_901]))
  }

  @Test func whatIsNoStateDictionaryIsNamed() throws {
    #expect(
      problem(try Self.golden("epoch"))
        == "x.pth: it should hold tensors by name, but holds a whole number under “epoch”")
    #expect(
      problem(try Self.golden("double"))
        == "x.pth: it holds numbers of type torch.DoubleStorage, which are not read (float32, float16, bfloat16 and "
        + "int64 are)")
  }

  @Test(arguments: ["", "PK", "<!DOCTYPE html>", "\u{80}\u{2}K\u{1}."]) func otherFiles(
    _ text: String
  ) {
    #expect(problem(Data(text.utf8)).contains("no file of torch.save"), "\(text)")
  }

  @Test func anEmptyZipArchive() {
    #expect(problem(Data([0x50, 0x4B, 3, 4])).contains("zip archive's directory is missing"))
  }

  // MARK: Pickles by hand

  /// A file of the legacy form around a pickle.
  private func legacy(_ pickle: [UInt8], storages: [UInt8] = [0x5D, 0x2E]) -> Data {
    var data = Data([0x80, 2, 0x8A, 10])
    data += [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    data += [0x80, 2, 0x4D, 0xE9, 3, 0x2E]
    data += [0x80, 2, 0x7D, 0x2E]
    return data + [0x80, 2] + pickle + [0x2E, 0x80, 2] + storages
  }

  private func text(_ text: String) -> [UInt8] {
    [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8)
  }

  private func global(_ module: String, _ name: String) -> [UInt8] {
    [0x63] + Array("\(module)\n\(name)\n".utf8)
  }

  private func number(_ number: Int) -> [UInt8] {
    [0x8A, 8] + withUnsafeBytes(of: Int64(number).littleEndian) { Array($0) }
  }

  /// {"a": a tensor} out of one storage of float32.
  private func tensor(count: Int, offset: Int, shape: [Int], strides: [Int], values: Int = 4)
    -> Data
  {
    var pickle: [UInt8] = [0x7D] + text("a") + global("torch._utils", "_rebuild_tensor_v2")
    pickle += [0x28, 0x28] + text("storage") + global("torch", "FloatStorage") + text("0")
    pickle += text("cpu") + number(count) + [0x4E, 0x74, 0x51] + number(offset)
    pickle += [0x28] + shape.flatMap(number) + [0x74, 0x28] + strides.flatMap(number) + [0x74]
    pickle += [0x89, 0x7D, 0x74, 0x52, 0x73]
    var storages: [UInt8] = [0x5D] + text("0") + [0x61, 0x2E]
    storages += withUnsafeBytes(of: Int64(count).littleEndian) { Array($0) }
    for value in 0..<values {
      storages += withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { Array($0) }
    }
    return legacy(pickle, storages: storages)
  }

  @Test func aTensorByHand() throws {
    let good = tensor(count: 4, offset: 1, shape: [2, 2], strides: [0, 2])
    #expect(
      try read(good).tensors["a"] == TorchTensor(shape: [2, 2], values: .floats([1, 3, 1, 3])))
  }

  /// Impossible sizes are refused before anything is set aside for them.
  @Test func impossibleTensors() {
    let huge = 1 << 61
    let cases: [(Data, String)] = [
      (tensor(count: 4, offset: 0, shape: [5], strides: [1]), "reaches beyond its 4 numbers"),
      (tensor(count: 4, offset: 4, shape: [1], strides: [1]), "reaches beyond"),
      (tensor(count: 4, offset: 0, shape: [2], strides: [huge]), "reaches beyond"),
      (tensor(count: 4, offset: 0, shape: [huge, huge], strides: [0, 0]), "reaches beyond"),
      (tensor(count: 4, offset: 0, shape: [1 << 40], strides: [0]), "more numbers than are read"),
      (tensor(count: 4, offset: 0, shape: [2, 2], strides: [1]), "reaches beyond"),
      (tensor(count: 4, offset: -1, shape: [1], strides: [1]), "reaches beyond"),
      (tensor(count: 4, offset: 0, shape: [-1], strides: [1]), "damaged"),
      (tensor(count: huge, offset: 0, shape: [4], strides: [1]), "ends too early"),
      (tensor(count: 5, offset: 0, shape: [4], strides: [1]), "ends too early"),
    ]
    for (data, reason) in cases {
      #expect(problem(data).contains(reason), "\(reason): \(problem(data))")
    }
  }

  @Test func limitsHold() throws {
    let data = try Self.golden("zip")
    var limits = TorchFile.Limits()
    limits.numbers = 20
    #expect(problem(data, limits).contains("more numbers than are read (20)"))
    limits = TorchFile.Limits()
    limits.instructions = 20
    #expect(problem(data, limits).contains("more instructions than are read"))
  }

  @Test func nothingIsCalled() {
    #expect(
      problem(legacy(global("os", "system") + [0x28] + text("true") + [0x74, 0x52]))
        == "x.pth: it wants to call os.system, which isn't allowed: only tensors are read from a pickle, and nothing "
        + "in it is run")
    #expect(
      problem(legacy(text("builtins") + text("eval") + [0x93])).contains("call builtins.eval"))
    #expect(problem(legacy([0x28, 0x69])).contains("instruction INST (0x69) at byte"))
    #expect(problem(legacy([0x29, 0x81])).contains("instruction NEWOBJ (0x81)"))
    #expect(problem(legacy([0xFF])).contains("unknown instruction (0xff)"))
    #expect(
      problem(legacy(global("collections", "OrderedDict") + [0x7D, 0x62]))
        .contains("sets attributes of collections.OrderedDict"))
  }

  /// Nesting and values that hold themselves need no recursion.
  @Test func deepAndCircularValues() {
    let deep = [UInt8](repeating: 0x5D, count: 200_000) + [UInt8](repeating: 0x61, count: 199_999)
    #expect(problem(legacy(deep)).contains("holds a list"))
    #expect(problem(legacy([0x5D, 0x71, 0, 0x68, 0, 0x61])).contains("holds a list"))
    let tuples = [0x4E] + [UInt8](repeating: 0x85, count: 200_000)
    #expect(problem(legacy(tuples)).contains("holds a tuple"))
  }

  // MARK: Damage

  @Test(arguments: ["zip", "legacy"]) func everyTruncationIsRefused(_ form: String) throws {
    let data = try Self.golden(form)
    for length in 0..<data.count {
      #expect(throws: WeightsError.self, "\(length)") { try read(data.prefix(length)) }
    }
  }

  @Test(arguments: ["zip", "legacy"]) func noByteFlipCrashes(_ form: String) throws {
    var data = try Self.golden(form)
    for index in data.indices {
      for bit in 0..<8 {
        data[index] ^= 1 << bit
        // Flips in values or names give another valid file; the rest must throw, none may trap.
        _ = try? read(data)
        data[index] ^= 1 << bit
      }
    }
  }

  @Test(arguments: ["zip", "legacy"]) func noDamageCrashes(_ form: String) throws {
    let data = try Self.golden(form)
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<20_000 {
      var broken = data
      for _ in 0...random(6) {
        let place = random(broken.count - 8)
        switch random(3) {
        case 0: broken[place] = UInt8(random(256))
        case 1: for index in 0..<8 { broken[place + index] = [0, 0xFF, 0x7F][random(3)] }
        default: broken.removeSubrange(place..<(place + random(8)))
        }
      }
      _ = try? read(broken)
    }
  }
}
