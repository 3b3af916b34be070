// What computes on this machine: kernels, backend and workers, chosen at start.

/// Kernels, backend and workers for one plan.
struct Engine {
  let kernels: Kernels
  let rows: RowKernels
  /// How images between fast layers are held in memory.
  let element: Element
  let backend: any Backend
  let pool: WorkerPool
  private let instructionSet: String
  private let precision: Precision

  /// - Throws: `EngineError` when this processor or build lacks what is asked for.
  init(_ settings: EngineSettings) throws {
    kernels = Kernels(limit: settings.kernelLimit)
    var instructionSet = kernels.name
    var narrow: BFloat16Kernels?
    if settings.precision == .bfloat16 {
      guard let found = BFloat16Kernels(limit: settings.kernelLimit, tiles: settings.tiles) else {
        throw EngineError.noBFloat16(instructionSet: kernels.name)
      }
      narrow = found
      instructionSet = found.name
    }
    rows = RowKernels(kernels, narrow)
    element = narrow == nil ? .float32 : .bfloat16
    let own = NativeBackend(kernels, narrow)
    backend =
      settings.decision.backend == .oneDNN ? try Engine.oneDNN(own, settings.precision) : own
    pool = WorkerPool(workers: settings.threads)
    self.instructionSet = instructionSet
    precision = settings.precision
  }

  /// What computes, once the plan is compiled: until then, nobody knows which layers a library has
  /// no fast kernel for.
  var identity: EngineIdentity {
    EngineIdentity(
      instructionSet: instructionSet, backend: backend.name, library: backend.library,
      precision: precision.rawValue)
  }

  private static func oneDNN(_ own: NativeBackend, _ precision: Precision) throws -> any Backend {
    #if WORK_ONEDNN
      return OneDNNBackend(own, precision)
    #else
      throw EngineError.noOneDNN
    #endif
  }
}

/// A way to compute that this machine or build does not have.
public enum EngineError: Error, Sendable, Equatable, CustomStringConvertible {
  /// bfloat16 was asked for, and the processor has no instructions for it.
  case noBFloat16(instructionSet: String)
  /// The build has no oneDNN.
  case noOneDNN

  /// What is missing, and what to ask for instead.
  public var description: String {
    switch self {
    case .noBFloat16(let instructionSet):
      "precision bfloat16 needs a processor with AVX512_BF16 (Intel since Cooper Lake and Sapphire "
        + "Rapids, AMD since Zen 4); this one is used as \(instructionSet). Use precision float32."
    case .noOneDNN:
      "this build has no oneDNN: install libdnnl-dev, or set ONEDNN_ROOT, and build again; or use backend "
        + "automatic."
    }
  }
}
