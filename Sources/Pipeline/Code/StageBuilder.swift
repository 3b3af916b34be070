// The seam between the runner and what turns a script into a program.

public import Foundation

/// What came of building one stage.
public enum BuildOutcome: Sendable {
  /// `seconds` is nil where nothing had to be done.
  case built(program: URL, seconds: Double?)
  /// Compiler errors in words, with file and line.
  case failed(errors: String, log: URL)
}

/// What a builder tells while it builds.
public enum BuildNews: Sendable, Equatable {
  /// The compiler is about to start.
  case starts
  /// Something the user should know, such as that the build folder was made elsewhere.
  case notice(String)
}

/// Builds the programs of compiled stages.
public protocol StageBuilder: Sendable {
  /// Builds one stage's program, or finds it built.
  ///
  /// - Parameters:
  ///   - stage: the stage's name, which is the product's.
  ///   - identity: a digest of everything that the program is built from.
  ///   - log: where the compiler's output goes.
  ///   - interruption: stops the compiler.
  ///   - tell: told before the compiler starts, and not at all where the program is up to date.
  /// - Throws: `PipelineError` where no build can be started, or the run was interrupted.
  func build(
    stage: String, identity: String, log: URL, interruption: Interruption,
    tell: (BuildNews) -> Void
  ) throws -> BuildOutcome
}
