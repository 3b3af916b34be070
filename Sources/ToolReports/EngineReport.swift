// What `work doctor` learns of the engine, as data.

public import Choices

/// The engine and the workspace's libraries as they are in this build, on this machine.
public struct EngineReport: ToolReport, Equatable {
  /// A combination of backend and precision, and what it comes to.
  public struct Choice: Codable, Sendable, Equatable {
    /// As asked for.
    public var backend: BackendChoice
    /// As asked for.
    public var precision: PrecisionChoice
    /// What computes then; nil where it is refused.
    public var engine: Engine?
    /// Why that, where the choice was the engine's.
    public var reason: String?
    /// Why it is refused.
    public var refusal: String?

    /// What came of asking for it.
    public init(
      backend: BackendChoice, precision: PrecisionChoice, engine: Engine? = nil,
      reason: String? = nil,
      refusal: String? = nil
    ) {
      self.backend = backend
      self.precision = precision
      self.engine = engine
      self.reason = reason
      self.refusal = refusal
    }
  }

  /// What computes.
  public struct Engine: Codable, Sendable, Equatable {
    /// As in "native".
    public var backend: String
    /// With its version.
    public var library: String
    /// What the kernels were compiled for.
    public var instructionSet: String

    /// What computes.
    public init(backend: String, library: String, instructionSet: String) {
      self.backend = backend
      self.library = library
      self.instructionSet = instructionSet
    }
  }

  /// A tiny network, computed by an engine and by the portable kernels.
  public struct SelfTest: Codable, Sendable, Equatable {
    /// As asked for.
    public var backend: BackendChoice
    /// As asked for.
    public var precision: PrecisionChoice
    /// The largest difference of results and gradients, relative to the largest value; nil where it
    /// could not be computed.
    public var difference: Double?
    /// What rounding allows.
    public var bound: Double
    /// Why it could not be computed.
    public var failure: String?

    /// What came of the test.
    public init(
      backend: BackendChoice, precision: PrecisionChoice, difference: Double?, bound: Double,
      failure: String? = nil
    ) {
      self.backend = backend
      self.precision = precision
      self.difference = difference
      self.bound = bound
      self.failure = failure
    }
  }

  /// A library of the system, as the workspace's programs load it.
  public struct Library: Codable, Sendable, Equatable {
    /// As in "libcurl".
    public var name: String
    /// As the library itself tells it.
    public var version: String

    /// A library.
    public init(_ name: String, _ version: String) {
      self.name = name
      self.version = version
    }
  }

  /// Where Kaggle's credentials were found, never what they are.
  public struct Kaggle: Codable, Sendable, Equatable {
    /// A file's path, or the names of environment variables; nil where there are none.
    public var source: String?
    /// What is not as it should be, with what to do.
    public var warnings: [String]
    /// Why none can be used.
    public var problem: String?

    /// What was found.
    public init(source: String? = nil, warnings: [String] = [], problem: String? = nil) {
      self.source = source
      self.warnings = warnings
      self.problem = problem
    }
  }

  /// The protocol that the workspace's sources speak with the runner.
  public var protocolVersion: Int
  /// Every combination of backend and precision.
  public var choices: [Choice]
  /// The combinations that can be had, tested.
  public var selfTests: [SelfTest]
  /// By precision, oneDNN's names of the kernels that it chose for a U-Net's layers, "own" for those
  /// that it left to the engine's; empty in builds without the library.
  public var implementations: [String: [String]]
  /// Libraries that the workspace's programs load.
  public var libraries: [Library]
  /// Credentials.
  public var kaggle: Kaggle

  /// What was found.
  public init(
    protocolVersion: Int, choices: [Choice], selfTests: [SelfTest],
    implementations: [String: [String]],
    libraries: [Library], kaggle: Kaggle
  ) {
    self.protocolVersion = protocolVersion
    self.choices = choices
    self.selfTests = selfTests
    self.implementations = implementations
    self.libraries = libraries
    self.kaggle = kaggle
  }
}
