// A program of the workspace that a command starts as stages are started (built where it is stale, with
// an order, answering by files), but that has no place in the graph: what it makes is for the command.

public import Basics
public import Foundation
import Notebook

/// One thing that a program of the workspace can be asked to do.
public struct Tool: Sendable {
  /// The executable target of the workspace's package, with its sources in `Sources/<program>`.
  public let program: String
  /// What it is asked to do: the order's `stage`, and the key of the options among its parameters.
  public let name: String
  /// The source that a page of it shows, a file's name in the program's folder.
  public let source: String
  /// Names and patterns of environment variables with credentials that it sees.
  public let secrets: [String]

  /// Names a tool.
  public init(program: String, name: String, source: String, secrets: [String] = []) {
    self.program = program
    self.name = name
    self.source = source
    self.secrets = secrets
  }

  /// Builds the program, unless it is built already.
  ///
  /// - Parameters:
  ///   - builder: what builds it; by default SwiftPM.
  ///   - observer: told where the compiler starts.
  /// - Returns: the program.
  /// - Throws: `PipelineError` with the compiler's errors.
  @discardableResult
  public func build(
    in workspace: Workspace, builder: (any StageBuilder)? = nil,
    interruption: Interruption = Interruption(), observer: any RunObserver
  ) throws -> URL {
    let log = workspace.work.appendingPathComponent("build/\(program).log")
    try WholeFile.makeFolder(log.deletingLastPathComponent())
    try WholeFile.remove(log)
    let reader = CodeReader(
      root: workspace.codeRoot, table: SourceTable(file: workspace.sources))
    let identity = try reader.identity(ofProgram: program)
    let outcome = try (builder ?? SwiftPMBuilder(root: workspace.codeRoot)).build(
      stage: program, identity: identity, log: log, interruption: interruption
    ) { observer.observe(RunEvent($0, of: program)) }
    switch outcome {
    case .built(let url, let seconds):
      if let seconds { observer.observe(.buildFinished(stage: program, seconds: seconds)) }
      return url
    case .failed(let errors, let log):
      throw PipelineError(
        "\(program) does not compile:\n\(errors)\nthe compiler's output: \(log.path)", exit: .failed
      )
    }
  }

  /// Builds the program where it is stale, runs it, and waits for its end.
  ///
  /// - Parameters:
  ///   - options: what the command was asked for; the program finds them under the tool's name.
  ///   - outputs: names of files that the program is to write.
  ///   - data: an instance of the graph with whose parameters, inputs and item the program works, as the
  ///     instance itself would; nil where it needs none.
  ///   - runtime: runtime options, where there is no instance.
  ///   - host: facts of the machine for the record, by name.
  ///   - builder: what builds the program; by default SwiftPM.
  ///   - observer: told of the build, and of what the program tells.
  /// - Throws: `PipelineError` with the program's own words and exit code where it failed; its log is kept.
  public func run(
    in workspace: Workspace, options: [JSONValue.Member] = [], outputs: [String] = [],
    data: (runner: Runner, instance: String)? = nil, runtime: [JSONValue.Member] = [],
    host: [String: String] = [:],
    builder: (any StageBuilder)? = nil, interruption: Interruption, observer: any RunObserver
  ) throws -> ToolResult {
    let url = try build(
      in: workspace, builder: builder, interruption: interruption, observer: observer)
    let runtime = data?.runner.project.runtime ?? RuntimeOptions(options: runtime)
    let threads = try ThreadBudget(runtime, memory: nil).threads
    let folder = try ToolFolder(name, in: workspace)
    let order = try order(
      workspace, folder, options: options, outputs: outputs, data: data, runtime: runtime,
      threads: threads, host: host)
    try order.write(to: folder.files, threads: threads)
    let process = StageProcess(name, files: folder.files, threads: threads)
    try run(
      process, url, in: workspace, log: folder.files.log(name), interruption: interruption,
      observer: observer)
    return ToolResult(folder: folder, name: name)
  }

  private func order(
    _ workspace: Workspace, _ folder: ToolFolder, options: [JSONValue.Member],
    outputs: [String], data: (runner: Runner, instance: String)?, runtime: RuntimeOptions,
    threads: Int, host: [String: String]
  ) throws -> Order {
    // Nothing runs side by side with it, so what it is granted never changes.
    var order = Order(
      to: name, script: workspace.codeRoot.appendingPathComponent("Sources/\(program)/\(source)"),
      in: workspace, files: folder.files, scratch: folder.scratch,
      pinned: folder.scratch.appendingPathComponent("pinned"),
      outputs: Dictionary(uniqueKeysWithValues: outputs.map { ($0, folder.output($0)) }),
      runtime: runtime, threads: threads, most: threads, host: host)
    if let data {
      let project = data.runner.project
      guard let instance = project.graph[data.instance] else {
        throw PipelineError("no instance “\(data.instance)” whose data \(name) could take")
      }
      let missing = try Staleness(project).missing(of: instance)
      guard missing.isEmpty else {
        throw PipelineError(
          "\(name) needs \(missing.joined(separator: ", ")), as \(instance.name) does, but nothing is there"
        )
      }
      order.take(instance, of: project, overridden: project.parameters.overridden)
    }
    guard case .object(var params) = order.params else { return order }
    params[name] = .object(options)
    order.params = .object(params)
    return order
  }

  private func run(
    _ process: StageProcess, _ program: URL, in workspace: Workspace, log: URL,
    interruption: Interruption, observer: any RunObserver
  ) throws {
    try process.start(
      [program.path], in: workspace.root, secrets: secrets, interruption: interruption)
    var pause = ChildProcess.Pause()
    var result: ChildResult?
    while result == nil {
      pause.wait()
      let (events, end) = try process.look()
      for event in events { observer.observe(.stage(instance: name, event)) }
      result = end
    }
    guard let child = result, child.status != 0 else { return }
    if interruption.count > 0 || child.status == ExitCode.interrupted.rawValue {
      throw PipelineError("interrupted", exit: .interrupted)
    }
    let code = ExitCode(ofStage: child.status)
    throw PipelineError(
      "\(name): \(child.message(log: log))"
        + (code == .failed ? "\nits log: \(log.path)" : ""), exit: code)
  }
}

/// What a tool left. Its files are removed with the value.
public final class ToolResult: Sendable {
  private let folder: ToolFolder
  /// The executed record.
  public let record: URL

  init(folder: ToolFolder, name: String) {
    self.folder = folder
    record = folder.files.record(name)
  }

  deinit { folder.remove() }

  /// One of the outputs that were asked for.
  ///
  /// - Throws: `PipelineError` where the program did not write it.
  public func output(_ name: String) throws -> Data {
    let file = folder.output(name)
    do { return try Data(contentsOf: file) } catch {
      throw PipelineError(
        "\(file.path): was not written (\(systemReason(error)))", exit: .failed)
    }
  }
}

/// The files of one start of a tool: `.work/tools/NAME-PROCESS`. Those of one that failed stay until the
/// next start.
struct ToolFolder: Sendable {
  let url: URL

  /// Makes the folder, and removes those of processes that are gone.
  init(_ name: String, in workspace: Workspace) throws {
    let all = workspace.work.appendingPathComponent("tools", isDirectory: true)
    for other in (try? FileManager.default.contentsOfDirectory(atPath: all.path)) ?? [] {
      guard other.hasPrefix(name + "-"), let process = pid_t(other.dropFirst(name.count + 1)),
        process == getpid() || !WorkspaceOwner.isRunning(process)
      else { continue }
      try WholeFile.remove(all.appendingPathComponent(other))
    }
    url = all.appendingPathComponent("\(name)-\(getpid())", isDirectory: true)
    try WholeFile.makeFolder(scratch)
    try WholeFile.makeFolder(url.appendingPathComponent("outs"))
  }

  var files: RunFolder { RunFolder(url: url) }
  var scratch: URL { url.appendingPathComponent("state", isDirectory: true) }
  func output(_ name: String) -> URL { url.appendingPathComponent("outs/\(name)") }

  func remove() { try? WholeFile.remove(url) }
}
