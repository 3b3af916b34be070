// The engine as params.yaml wants it, with the threads that the runner grants.

public import Neural
public import Workbench

/// The section `engine` of params.yaml. What it says changes the last bits of a result, so it is
/// part of the fingerprint; the number of threads isn't, nor what `automatic` stands for on a machine.
struct EngineSettings: Codable {
  var backend: BackendChoice
  var precision: PrecisionChoice
}

extension Stage {
  /// How the engine should compute: the declared section `engine`, and the threads granted.
  ///
  /// - Parameter threads: those granted now, unless told otherwise.
  /// - Throws: `StageFailure` naming a value that is none of the choices.
  public func engine(threads: Int? = nil) throws -> Runtime {
    let settings = try parameters("engine", as: EngineSettings.self)
    return Runtime(
      threads: threads ?? self.threads, backend: settings.backend,
      precision: settings.precision.precision)
  }
}
