// Which backend `automatic` stands for on this machine, and why.

import CKernels
public import Choices

/// A backend, and the reason for it in words.
public struct BackendDecision: Sendable, Equatable {
  /// Never `automatic`.
  public var backend: BackendChoice
  /// For people, for example `bfloat16 on a processor with AMX`.
  public var reason: String
}

/// What the choice of a backend depends on.
package struct BackendFindings: Sendable, Equatable {
  /// Whether processor and system have AMX for bfloat16.
  package var hasAMX: Bool
  /// The instruction set that oneDNN chose; nil in builds without the library.
  package var oneDNN: String?

  package init(hasAMX: Bool, oneDNN: String?) {
    self.hasAMX = hasAMX
    self.oneDNN = oneDNN
  }

  /// Those of this machine and build.
  package static func here() -> BackendFindings {
    #if WORK_ONEDNN
      let library: String? = OneDNNBackend.instructionSet
    #else
      let library: String? = nil
    #endif
    return BackendFindings(hasAMX: ck_has_amx_bfloat16() != 0, oneDNN: library)
  }

  /// Whether a processor has AMX for bfloat16 that the system lets programs use.
  /// - Parameters:
  ///   - leaf7: register edx of cpuid's leaf 7.
  ///   - keptStates: extended control register 0.
  package static func allowsAMX(leaf7: UInt32, keptStates: UInt64) -> Bool {
    ck_allows_amx_bfloat16(leaf7, keptStates) != 0
  }
}

extension EngineSettings {
  /// The backend on this machine.
  public var decision: BackendDecision { decision(.here()) }

  /// The library's advantage is AMX; without it the engine's own kernels are as fast, and need no
  /// weights in another order and no copies of images.
  package func decision(_ findings: BackendFindings) -> BackendDecision {
    guard backend == .automatic else {
      return BackendDecision(backend: backend, reason: "asked for")
    }
    func own(_ reason: String) -> BackendDecision {
      BackendDecision(backend: .native, reason: reason)
    }
    guard precision == .bfloat16 else { return own("the engine's own kernels, for float32") }
    guard findings.hasAMX else {
      return own("the engine's own kernels, for bfloat16 without AMX")
    }
    guard let oneDNN = findings.oneDNN else {
      return own(
        "this build has no oneDNN, whose kernels for AMX are the proven ones: install libdnnl-dev and "
          + "build again")
    }
    guard oneDNN.contains("amx") else {
      return own("the processor has AMX, but oneDNN doesn't use it (it takes \(oneDNN))")
    }
    return BackendDecision(backend: .oneDNN, reason: "bfloat16 on a processor with AMX")
  }
}
