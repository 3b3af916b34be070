// How to compute: threads, backend and precision. None of it changes what is computed, though the
// backend changes its last bits and the precision its rounding.

public import Choices
import Foundation

extension BackendChoice {
  /// Whether this build has it.
  public var isAvailable: Bool {
    #if WORK_ONEDNN
      true
    #else
      self != .oneDNN
    #endif
  }
}

/// The number format of multiplications and of images in memory; weights are kept in float32.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// IEEE 754 single precision.
  case float32
  /// Products of 16-bit numbers with float32's range and 8 bits of precision (AMX or AVX512_BF16), summed
  /// in float32; images between convolutions are held so, too. Convolutions with groups, and without
  /// AMX those of one tap, multiply in float32.
  case bfloat16

  /// Whether this processor can compute so.
  public var isAvailable: Bool {
    switch self {
    case .float32: true
    case .bfloat16: BFloat16Kernels(limit: 2, tiles: .never) != nil
    }
  }

  /// The fastest that this processor has.
  public static var fastest: Precision { bfloat16.isAvailable ? .bfloat16 : .float32 }
}

extension PrecisionChoice {
  /// The choice of this precision, whatever the machine.
  public init(_ precision: Precision) {
    self = precision == .bfloat16 ? .bfloat16 : .float32
  }

  /// What it stands for on this machine.
  public var precision: Precision {
    switch self {
    case .automatic: .fastest
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }
}

/// How to compute: what params.yaml's section `engine` comes to, and the threads granted.
public struct EngineSettings: Sendable, Equatable {
  /// Worker threads, at least 1. The number never changes a byte of the result.
  public var threads: Int
  /// The implementation of the heavy operations.
  public var backend: BackendChoice
  /// The number format.
  public var precision: Precision

  /// The instruction set to stop at, for tests: 0 portable, 1 AVX2, 2 all.
  package var kernelLimit = 2
  /// Whether the kernels for bfloat16 may use AMX, for tests.
  package var tiles = TileUse.whereReady

  /// - Parameter threads: 0 means one a core.
  public init(
    threads: Int = 0, backend: BackendChoice = .automatic, precision: Precision = .float32
  ) {
    self.threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    self.backend = backend
    self.precision = precision
  }

  package init(threads: Int, kernelLimit: Int) {
    self.init(threads: threads)
    self.kernelLimit = kernelLimit
  }
}
