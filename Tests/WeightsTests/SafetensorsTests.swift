// The file format: what is written reads back, and broken files are refused with a reason.

import Basics
import Foundation
import Weights
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  let good = Safetensors(
    tensors: [
      "b": Tensor(shape: [2, 3], values: [1, -2, 3.5, .infinity, -0.0, .leastNonzeroMagnitude]),
      "a \"ü\"": Tensor(shape: [], values: [7]), "empty": Tensor(shape: [0, 4], values: []),
    ], metadata: ["note": "line\nbreak / \u{1F30D}"])

  @Test func roundTrip() throws {
    let data = try good.encoded()
    #expect(try Safetensors(data, name: "x") == good)
    #expect(try good.encoded() == data)
    #expect(data.count % 4 == 0)
    #expect((8 + Int(data[0]) + Int(data[1]) * 256) % 8 == 0)
  }

  @Test func everyTruncationIsRefused() throws {
    let data = try good.encoded()
    for length in 0..<data.count {
      #expect(throws: SafetensorsError.self) {
        try Safetensors(data.prefix(length), name: "x")
      }
    }
  }

  @Test func noByteFlipCrashes() throws {
    let data = try good.encoded()
    for index in data.indices {
      for bit in 0..<8 {
        var broken = data
        broken[index] ^= 1 << bit
        // Flips in values or text give another valid file; the rest must throw, none may trap.
        _ = try? Safetensors(broken, name: "x")
      }
    }
  }

  func file(_ header: String, _ body: Int = 0, length: UInt64? = nil) -> Data {
    var data = Data()
    withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) {
      data.append(contentsOf: $0)
    }
    return data + Data(header.utf8) + Data(count: body)
  }

  @Test(arguments: [
    ("[]", 0), ("nonsense", 0), ("{\"a\":1}", 0), ("{\"__metadata__\":{\"a\":1}}", 0),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4),
    (#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#, 2),
    (#"{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"#, 8),
    (#"{"a.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,4]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,4]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      4
    ),
  ])
  func malformed(header: String, body: Int) {
    #expect(throws: SafetensorsError.self) { try Safetensors(file(header, body), name: "x") }
  }

  /// PyTorch saves one with every batch norm.
  @Test func countersOfBatchesAreLeftOut() throws {
    let header = """
      {"b.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},\
      "b.weight":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}
      """
    let tensors = try Safetensors(file(header, 12), name: "x").tensors
    #expect(tensors == ["b.weight": Tensor(shape: [1], values: [0])])
  }

  @Test func absurdHeaderLength() {
    #expect(throws: SafetensorsError.self) {
      try Safetensors(file("{}", length: .max), name: "x")
    }
  }

  @Test func filesAppearWholeOrNotAtAll() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("w.safetensors")
    try Weights(tensors: good.tensors, metadata: good.metadata).write(to: url)
    try Weights(tensors: good.tensors).write(to: url)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 1)
    #expect(try Weights(contentsOf: url).tensors == good.tensors)
    let error = #expect(throws: FileError.self) {
      try Weights(tensors: [:]).write(to: url.appendingPathComponent("below.safetensors"))
    }
    #expect(error?.path == url.path)
    #expect(throws: SafetensorsError.self) {
      try Weights(contentsOf: folder.url.appendingPathComponent("none"))
    }
  }
}
