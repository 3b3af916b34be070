// Files of weights: safetensors, and PyTorch's, of which nothing is run.

import Foundation

@testable import Weights

let weightsTargets: [Target] = [
  Target(name: "safetensors") {
    try [
      Safetensors(
        tensors: [
          "a": Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
          "b.c": Tensor(shape: [], values: [1]),
          "d": Tensor(shape: [0], values: []),
        ], metadata: ["k": "v \"w\""]
      ).encoded()
    ]
      + [#"{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#].map { text in
        withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) } + Data(text.utf8)
          + Data([0, 0x3F, 0, 0x40])
      }
  } body: { data in
    let file = try Safetensors(data, name: "input")
    for tensor in file.tensors.values {
      promise(tensor.values.count == tensor.shape.reduce(1, *), "values fill the shape")
    }
    // Names may be so that they can't be written; what is written is read.
    guard let written = try? file.encoded() else { return }
    let again = outcome { try Safetensors(written, name: "again") }
    guard let again = try? again.get() else {
      return promise(false, "what is written is read: \(again)")
    }
    promise(
      again.metadata == file.metadata && again.tensors.keys == file.tensors.keys, "it is the same")
  },
  Target(name: "torch") {
    try Repository.files("Tests/WeightsTests/Golden", ".pth").filter { $0.count < 100_000 }
  } body: { data in
    var limits = TorchFile.Limits()
    limits.numbers = 1 << 20
    try data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      let file = try TorchFile(bytes, name: "input", limits: limits)
      for tensor in file.tensors.values {
        let count = tensor.shape.reduce(1, *)
        switch tensor.values {
        case .floats(let values): promise(values.count == count, "values fill the shape")
        case .integers(let values): promise(values.count == count, "values fill the shape")
        }
      }
    }
  },
]
