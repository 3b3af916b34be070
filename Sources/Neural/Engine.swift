// What computes on this machine: kernels, backend and workers, chosen at start.

/// Kernels, backend and workers for one plan.
struct Engine {
  let kernels: Kernels
  let backend: any Backend
  let pool: WorkerPool
  let identity: EngineIdentity

  init(_ runtime: Runtime) {
    kernels = Kernels(limit: runtime.kernelLimit)
    switch runtime.backend {
    case .automatic, .blas: backend = BLASBackend(kernels)
    }
    pool = WorkerPool(workers: runtime.threads)
    identity = EngineIdentity(
      instructionSet: kernels.name, backend: backend.name, library: backend.library,
      precision: runtime.precision.rawValue)
  }
}
