// The machine as the kernel tells of it, read from the texts under /proc.

import Foundation

/// The processor, from the text of /proc/cpuinfo.
public struct Processor: Sendable, Equatable {
  /// As in "AMD EPYC"; "unknown" where the kernel doesn't say.
  public var name: String
  /// The kernel's names of what it can do, as in "avx2".
  public var features: Set<String>

  /// Reads the text of /proc/cpuinfo; what it doesn't say is left open.
  public init(cpuinfo text: String) {
    func value(_ key: String) -> String? {
      text.split(separator: "\n").first {
        $0.split(separator: ":").first.map { $0.trimmingCharacters(in: .whitespaces) } == key
      }.flatMap { line in
        line.firstIndex(of: ":").map {
          line[line.index(after: $0)...].trimmingCharacters(in: .whitespaces)
        }
      }
    }
    name = value("model name") ?? "unknown"
    features = Set(
      (value("flags") ?? value("Features") ?? "").split(separator: " ").map(String.init))
  }

  /// Everything that the engine's kernels with AVX2 need.
  public var hasAVX2: Bool { features.isSuperset(of: ["avx2", "fma"]) }
  /// Everything that the engine's kernels with AVX-512 need.
  public var hasAVX512: Bool {
    hasAVX2 && features.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl"])
  }
  /// Products of bfloat16 numbers in vectors.
  public var hasAVX512BF16: Bool { hasAVX512 && features.contains("avx512_bf16") }
  /// Products of bfloat16 numbers in tiles.
  public var hasAMX: Bool { features.isSuperset(of: ["amx_tile", "amx_bf16"]) }
}

/// Memory, from the text of /proc/meminfo.
public struct MachineMemory: Sendable, Equatable {
  /// Bytes.
  public var total: Int?
  /// Bytes that programs can have without swapping.
  public var available: Int?

  /// Reads the text of /proc/meminfo; what it doesn't say is left open.
  public init(meminfo text: String) {
    func bytes(_ key: String) -> Int? {
      text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        .flatMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
        .map { $0 * 1024 }
    }
    total = bytes("MemTotal")
    available = bytes("MemAvailable")
  }
}
