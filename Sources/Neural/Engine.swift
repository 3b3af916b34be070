// What computes on this machine: kernels, backend and workers, chosen at start.

/// Kernels, backend and workers for one plan.
struct Engine {
  let kernels: Kernels
  let rows: RowKernels
  /// How images between fast layers are held in memory.
  let element: Element
  let backend: any Backend
  let pool: WorkerPool
  let identity: EngineIdentity

  /// - Throws: `EngineError` when this processor or build lacks what is asked for.
  init(_ runtime: Runtime) throws {
    kernels = Kernels(limit: runtime.kernelLimit)
    var instructionSet = kernels.name
    var narrow: BFloat16Kernels?
    if runtime.precision == .bfloat16 {
      guard let found = BFloat16Kernels(limit: runtime.kernelLimit) else {
        throw EngineError.noBFloat16(instructionSet: kernels.name)
      }
      narrow = found
      instructionSet = found.name
    }
    rows = RowKernels(kernels, narrow)
    element = narrow == nil ? .float32 : .bfloat16
    switch runtime.backend {
    case .automatic, .blas: backend = BLASBackend(kernels, narrow)
    case .oneDNN:
      guard let narrow else { throw EngineError.oneDNNWantsBFloat16 }
      backend = try Engine.oneDNN(kernels, narrow)
    }
    pool = WorkerPool(workers: runtime.threads)
    identity = EngineIdentity(
      instructionSet: instructionSet, backend: backend.name, library: backend.library,
      precision: runtime.precision.rawValue)
  }

  private static func oneDNN(_ kernels: Kernels, _ narrow: BFloat16Kernels) throws -> any Backend {
    #if WORK_ONEDNN
      return OneDNNBackend(kernels, narrow)
    #else
      throw EngineError.noOneDNN
    #endif
  }
}

/// A way to compute that this machine or build does not have.
public enum EngineError: Error, Sendable, Equatable, CustomStringConvertible {
  /// bfloat16 was asked for, and the processor has no instructions for it.
  case noBFloat16(instructionSet: String)
  /// oneDNN was asked for in float32, where it is no faster than the engine's own kernels.
  case oneDNNWantsBFloat16
  /// The build has no oneDNN.
  case noOneDNN

  /// What is missing, and what to ask for instead.
  public var description: String {
    switch self {
    case .noBFloat16(let instructionSet):
      "precision bfloat16 needs a processor with AVX512_BF16 (Intel since Cooper Lake and Sapphire "
        + "Rapids, AMD since Zen 4); this one is used as \(instructionSet). Use precision float32."
    case .oneDNNWantsBFloat16:
      "backend oneDNN computes in bfloat16 only. Use precision bfloat16, or backend automatic."
    case .noOneDNN:
      "this build has no oneDNN: install libdnnl-dev (2.x) and build again, or use backend automatic."
    }
  }
}
