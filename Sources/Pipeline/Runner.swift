// The door of this module: a workspace opened for status, runs and accepting.

public import Basics
public import Foundation

/// What to run, and how.
public struct RunOptions: Sendable {
  /// Stage names, instance names, or `all`; empty means all.
  public var targets: [String]
  /// Runs the named stages even where they are fresh: those of `from`, where it names any, else the targets.
  public var force: Bool
  /// Runs the targets alone, nothing before them.
  public var only: Bool
  /// Runs only these stages or instances and what depends on them, among the targets and what they need.
  public var from: [String] = []
  /// Takes all that depends on the targets as targets, too.
  public var downstream = false
  /// After a failure, goes on with everything that doesn't depend on what failed.
  public var keepGoing = false
  /// Asks the run to stop: the running stage gets the signal, no other is started.
  public var interruption: Interruption
  /// What to type to go on after a failure, as the summary's message gives it; `work run` with the
  /// targets where it is nil.
  public var command: String?
  /// Facts of the machine for the run's record, by name.
  public var host: [String: String] = [:]

  /// Everything, where it is stale.
  public init(
    targets: [String] = [], force: Bool = false, only: Bool = false,
    interruption: Interruption = Interruption()
  ) {
    self.targets = targets
    self.force = force
    self.only = only
    self.interruption = interruption
  }
}

/// A workspace with its parameters and graph read. Not for use from two threads at once.
public final class Runner {
  /// Where everything lies.
  public let workspace: Workspace
  /// params.yaml with this command's overrides.
  public let parameters: Parameters
  /// All instances, connected.
  public let graph: Graph
  /// Runtime parameters with this command's options.
  let runtime: JSONValue
  let builder: any StageBuilder
  let hashes: FileHashes
  let sources: SourceTable
  /// Names of the instances that there are without overrides.
  let lastingInstances: Set<String>
  /// Called before each step that a crash could interrupt, with its name; for tests that stop there.
  package var step: (String) throws -> Void = { _ in }

  /// Reads params.yaml and the headers of all stages, and checks the graph.
  ///
  /// - Parameters:
  ///   - overrides: `key=value`, as given to `-S`.
  ///   - runtime: runtime options on top of the section `runtime`, such as `data` for `--data`.
  ///   - builder: what builds compiled stages; by default SwiftPM.
  /// - Throws: `PipelineError` naming file, line and key of what is wrong.
  public init(
    workspace: Workspace, overrides: [String] = [], runtime: [JSONValue.Member] = [],
    builder: (any StageBuilder)? = nil
  ) throws {
    self.workspace = workspace
    self.builder = builder ?? SwiftPMBuilder(root: workspace.codeRoot)
    let declarations = try Self.declarations(in: workspace)
    let written = try Parameters(contentsOf: workspace.parametersFile)
    var parameters = written
    for override in overrides { try parameters.override(override) }
    self.parameters = parameters
    graph = try Graph(declarations.flatMap { try $0.instances(parameters) })
    lastingInstances =
      overrides.isEmpty
      ? Set(graph.instances.map(\.name))
      : Set(try declarations.flatMap { try $0.instances(written) }.map(\.name))
    self.runtime = Self.merged(parameters[Parameters.runtimeKey], runtime)
    hashes = FileHashes(root: workspace.root, table: workspace.hashes)
    sources = SourceTable(file: workspace.sources)
  }

  /// What is fresh and what is stale, and why, in the order of the graph. Nothing is run or written but
  /// the table of file hashes.
  ///
  /// - Parameters:
  ///   - targets: stage or instance names, with what they need; empty means all.
  public func status(_ targets: [String] = []) throws -> [InstanceStatus] {
    let selection = try Selection(targets, in: graph)
    hashes.forget()
    let status = try evaluator().status(selection)
    saveTables()
    return status
  }

  /// Writes down what was learnt of files, where there is a place for it.
  func saveTables() {
    guard WholeFile.exists(workspace.work) else { return }
    hashes.save()
    sources.save()
  }

  /// Runs what is stale among the targets and everything before them.
  ///
  /// A failing stage doesn't throw: the summary says so, and its exit code.
  /// - Throws: `PipelineError` where the run can't start.
  public func run(_ options: RunOptions, observer: any RunObserver) throws -> RunSummary {
    let session = try RunSession(self, options, observer)
    return try session.run()
  }

  /// The files of an instance's latest run, also of an earlier command's.
  func latestFolder(of instance: String) -> RunFolder? {
    LatestRuns(workspace.latest).folder(of: instance, in: workspace.runs)
  }

  /// The executed record of an instance's latest run, or nil where none is left.
  public func latestRecord(of instance: String) -> URL? {
    workspace.latestRecord(of: instance)
  }

  /// The log (standard output and standard error) of an instance's latest run, or nil.
  public func latestLog(of instance: String) -> URL? {
    existing(latestFolder(of: instance)?.log(instance))
  }

  private func existing(_ url: URL?) -> URL? { url.flatMap { WholeFile.exists($0) ? $0 : nil } }

  /// Looks at code, parameters and the lock as they are now.
  func evaluator() throws -> Evaluator {
    Evaluator(self, lock: try Lock.read(workspace.lockFile))
  }

  private static func declarations(in workspace: Workspace) throws -> [Declaration] {
    let files: [String]
    do {
      files = try FileManager.default.contentsOfDirectory(atPath: workspace.stages.path)
    } catch {
      throw PipelineError(
        "\(workspace.stages.path): can't be listed (\(error.localizedDescription))")
    }
    var declarations: [Declaration] = []
    for file in files.sorted() {
      let url = workspace.stages.appendingPathComponent(file)
      guard try isScript(url) else { continue }
      guard let text = try? String(contentsOf: url, encoding: .utf8) else {
        throw PipelineError("\(url.path): can't be read, or is no text in UTF-8")
      }
      let declaration = try Declaration(file: file, text: text)
      if let other = declarations.first(where: { $0.stage == declaration.stage }) {
        throw PipelineError(
          "stages/\(other.file) and stages/\(file) are both the stage \(declaration.stage); rename one"
        )
      }
      declarations.append(declaration)
    }
    guard !declarations.isEmpty else {
      throw PipelineError(
        "\(workspace.stages.path): holds no stage; docs/adding-a-stage.md has how to add one")
    }
    return declarations
  }

  /// Swift files, and files that begin with `#!`. Notes, caches and what editors keep beside a file
  /// (`train.py.bak`) are no stages.
  ///
  /// - Throws: `PipelineError` for a file that may be a stage and can't be read, or has lost what it held:
  ///   its results are not to be taken for those of a stage that is gone.
  private static func isScript(_ url: URL) throws -> Bool {
    let name = url.lastPathComponent
    var isFolder: ObjCBool = false
    guard !name.hasPrefix("."), !name.hasSuffix("~"),
      FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue
    else { return false }
    if name.hasSuffix(".swift") { return true }
    guard name.count(where: { $0 == "." }) < 2 else { return false }
    let beginning: Data
    do {
      let file = try FileHandle(forReadingFrom: url)
      defer { try? file.close() }
      beginning = try file.read(upToCount: 2) ?? Data()
    } catch {
      throw PipelineError("\(url.path): can't be read (\(error.localizedDescription))")
    }
    guard !beginning.isEmpty else {
      throw PipelineError(
        "\(url.path): is empty; write the stage, or remove the file, so that the stage is gone")
    }
    return beginning == Data("#!".utf8)
  }

  private static func merged(
    _ section: JSONValue?, _ options: [JSONValue.Member]
  ) -> JSONValue {
    var merged = JSONValue.object([])
    if case .object? = section, let section { merged = section }
    for option in options { merged = merged.setting(option.key, option.value) }
    return merged
  }
}
