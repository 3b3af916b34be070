// Everything that `work doctor` looks at. The command gathers it; what follows from it (DoctorFindings.swift)
// is tested with machines of every kind.

/// What is known of a machine and a workspace.
public struct DoctorFacts: Sendable {
  /// How the workspace stands.
  public struct Workspace: Sendable {
    /// Who has the right to write.
    public enum Owner: Sendable {
      case nobody
      case running(process: Int32)
      case gone(process: Int32)
      case leftBehind(process: Int32)
    }
    /// Its folder.
    public var path: String
    /// Who has the right to write.
    public var owner: Owner
    /// The protocol that `work` speaks with stages.
    public var protocolVersion: Int
    /// How many stages there are.
    public var stageCount: Int
    /// What keeps a run from starting.
    public var problem: String?

    /// How a workspace stands.
    public init(
      path: String, owner: Owner, protocolVersion: Int, stageCount: Int, problem: String? = nil
    ) {
      self.path = path
      self.owner = owner
      self.protocolVersion = protocolVersion
      self.stageCount = stageCount
      self.problem = problem
    }
  }

  /// The processor.
  public var processor: Processor
  /// Cores that this process may use.
  public var cores: Int
  /// Memory of the machine.
  public var memory: MachineMemory
  /// Free where the workspace lies, bytes; nil where that isn't known.
  public var freeDisk: Int?
  /// What `swift --version` says first; nil where there is no `swift` on PATH.
  public var swift: String?
  /// Whether util-linux's setpriv is there.
  public var hasSetpriv: Bool
  /// Libraries that `work` itself loads.
  public var libraries: [EngineReport.Library]
  /// The workspace.
  public var workspace: Workspace
  /// What the engine's program found, or why it could not be asked.
  public var engine: Result<EngineReport, Failure>

  /// Why the engine's program could not be asked, in words.
  public struct Failure: Error, Sendable {
    /// The whole message.
    public var message: String

    /// A failure.
    public init(_ message: String) { self.message = message }
  }

  /// What was gathered.
  public init(
    processor: Processor, cores: Int, memory: MachineMemory, freeDisk: Int?, swift: String?,
    hasSetpriv: Bool, libraries: [EngineReport.Library], workspace: Workspace,
    engine: Result<EngineReport, Failure>
  ) {
    self.processor = processor
    self.cores = cores
    self.memory = memory
    self.freeDisk = freeDisk
    self.swift = swift
    self.hasSetpriv = hasSetpriv
    self.libraries = libraries
    self.workspace = workspace
    self.engine = engine
  }
}
