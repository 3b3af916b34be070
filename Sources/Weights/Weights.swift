// Named tensors of a network: what a trained model is. Values are in PyTorch's order and under
// PyTorch's names (`weight`, `bias`, `running_mean`, `running_var`), so that either can read them.

public import Foundation

/// Values with a shape, row-major.
public struct Tensor: Sendable, Equatable {
  /// Length of each dimension.
  public var shape: [Int]
  /// As many values as the product of `shape`.
  public var values: [Float]

  /// A tensor of this shape and these values.
  public init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "\(shape) does not hold \(values.count)")
    self.shape = shape
    self.values = values
  }
}

/// The weights and batch-norm statistics of a network, by name, with free text about them.
public struct Weights: Sendable, Equatable {
  /// Tensors by name, for example `down0.conv0.weight`.
  public var tensors: [String: Tensor]
  /// Text kept with them.
  public var metadata: [String: String]

  /// Whether all their values are numbers.
  package var areFinite: Bool { tensors.values.allSatisfy { $0.values.allSatisfy(\.isFinite) } }

  /// Named tensors and text.
  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a safetensors file.
  /// - Throws: `SafetensorsError` saying what is wrong with which file.
  public init(contentsOf url: URL) throws {
    let file = try Safetensors(contentsOf: url)
    self.init(tensors: file.tensors, metadata: file.metadata)
  }

  /// Writes a safetensors file, whole or not at all.
  /// - Throws: `FileError` where it can't be written.
  public func write(to url: URL) throws {
    try Safetensors(tensors: tensors, metadata: metadata).write(to: url)
  }
}
