// The engine as params.yaml wants it, with the threads that the runner grants.

import Choices
public import Neural
public import Workbench

/// The section `engine` of params.yaml. What it says changes the last bits of a result, so it is
/// part of the fingerprint; the number of threads isn't, nor what `automatic` stands for on a machine.
struct EngineSection: Codable {
  var backend: BackendChoice
  var precision: PrecisionChoice
}

extension EngineSettings {
  /// What computes, in words: "bfloat16 by native".
  public var summary: String { "\(precision.rawValue) by \(decision.backend.rawValue)" }
}

extension Stage {
  /// How the engine should compute: the declared section `engine`, and the threads granted.
  ///
  /// - Parameter threads: those granted now, unless told otherwise.
  /// - Throws: `StageFailure` naming a value that is not one of the choices.
  public func engine(threads: Int? = nil) throws -> EngineSettings {
    let settings = try parameters("engine", as: EngineSection.self)
    return EngineSettings(
      threads: threads ?? self.threads, backend: settings.backend,
      precision: settings.precision.precision)
  }
}
