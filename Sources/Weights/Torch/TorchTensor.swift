// The numbers of a tensor out of a storage, wherever they lie in it.

import Bytes

/// A tensor as PyTorch saved it.
package struct TorchTensor: Equatable {
  /// Length of each dimension.
  package let shape: [Int]
  /// As many as the product of `shape`, the last dimension varying fastest.
  package let values: Values

  package init(shape: [Int], values: Values) {
    self.shape = shape
    self.values = values
  }

  /// Numbers of a kind.
  package enum Values: Equatable {
    /// Out of float32, float16 or bfloat16.
    case floats([Float])
    case integers([Int64])
  }
}

extension PickleMachine.View {
  /// How many numbers the tensor has.
  ///
  /// - Throws: `ReadingProblem` for a shape beyond all bounds, or one that reaches beyond its storage.
  func count() throws -> Int {
    let impossible = ReadingProblem(
      "a tensor of shape \(shape) reaches beyond its \(storage.count) numbers")
    guard shape.count == strides.count, offset >= 0 else { throw impossible }
    if shape.contains(0) { return 0 }
    var (count, last) = (1, offset)
    for (length, stride) in zip(shape, strides) {
      let (product, isTooMany) = count.multipliedReportingOverflow(by: length)
      let (way, isTooFar) = (length - 1).multipliedReportingOverflow(by: stride)
      let (end, isBeyond) = last.addingReportingOverflow(way)
      guard !isTooMany, !isTooFar, !isBeyond else { throw impossible }
      (count, last) = (product, end)
    }
    guard last < storage.count else { throw impossible }
    return count
  }

  /// The tensor.
  ///
  /// - Parameters:
  ///   - bytes: the storage's, as many as it says that it has.
  ///   - count: as `count()` gives it.
  func tensor(_ bytes: UnsafeRawBufferPointer, count: Int) -> TorchTensor {
    func all<Bits: FixedWidthInteger, Value>(
      _ type: Bits.Type, _ value: (Bits) -> Value
    ) -> [Value] {
      var index = [Int](repeating: 0, count: shape.count)
      var place = offset
      return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
        for number in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: place * (Bits.bitWidth / 8), as: type)
          (buffer.baseAddress! + number).initialize(to: value(Bits(littleEndian: bits)))
          // The next place: the last dimension first, as an odometer does.
          var dimension = shape.count - 1
          while dimension >= 0 {
            index[dimension] += 1
            place += strides[dimension]
            if index[dimension] < shape[dimension] { break }
            place -= strides[dimension] * shape[dimension]
            index[dimension] = 0
            dimension -= 1
          }
        }
        initialized = count
      }
    }
    let values: TorchTensor.Values =
      switch storage.type {
      case .float32: .floats(all(UInt32.self) { Float(bitPattern: $0) })
      case .float16: .floats(all(UInt16.self) { Float(Float16(bitPattern: $0)) })
      case .bfloat16: .floats(all(UInt16.self) { Float(bitPattern: UInt32($0) << 16) })
      case .int64: .integers(all(UInt64.self) { Int64(bitPattern: $0) })
      }
    return TorchTensor(shape: shape, values: values)
  }
}
