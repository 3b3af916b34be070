// One run, from the plan to the summary: takes the workspace, builds what is stale, runs it in order, and
// decides about each instance only when everything before it is settled.

import Foundation

/// The course of one `work run`.
final class RunSession {
  let runner: Runner
  let options: RunOptions
  let observer: any RunObserver
  let selection: Selection
  let owner: WorkspaceOwner
  let evaluator: Evaluator
  private(set) var folder: RunFolder?
  private var record: RunRecord
  private var programs: [String: [String]] = [:]
  /// How the compiled programs looked when they were built.
  private var built: [String: FileStamp] = [:]
  private var brokenStages: [String: String] = [:]
  private var results: [InstanceResult] = []
  /// Instances whose outputs can't be relied on, and why nothing that needs them runs.
  private var unsettled: Set<String> = []
  private var exit = ExitCode.ok
  private var isStopped = false

  var workspace: Workspace { runner.workspace }

  init(_ runner: Runner, _ options: RunOptions, _ observer: any RunObserver) throws {
    self.runner = runner
    self.options = options
    self.observer = observer
    selection = try Selection(
      options.targets, force: options.force, only: options.only, in: runner.graph)
    owner = try WorkspaceOwner(runner.workspace.owner)
    runner.hashes.forget()
    evaluator = try runner.evaluator()
    record = RunRecord(
      started: RunFolder.timestamp(Date()), targets: options.targets,
      overrides: Dictionary(
        uniqueKeysWithValues: runner.parameters.overridden.map {
          ($0, runner.parameters[$0] ?? .null)
        }), runtime: runner.runtime, git: gitCommit(runner.workspace.codeRoot))
  }

  func run() throws -> RunSummary {
    if let notice = owner.notice { observer.observe(.notice(notice)) }
    try sweep()
    try retire()
    let plan = try evaluator.status(selection)
    observer.observe(.planned(plan))
    try checkInputs(plan)
    let open = plan.filter { $0.state == .stale || $0.state == .undecided }
    if !open.isEmpty {
      try begin()
      try build(Set(open.map(\.stage)))
    }
    for instance in selection.instances { try settle(instance, count: open.count) }
    runner.hashes.save()
    return try finish()
  }

  // MARK: Before the first stage

  private func begin() throws {
    folder = try RunFolder.make(in: workspace.runs, at: Date())
    try writeRecord()
  }

  private func writeRecord() throws {
    if let folder { try WholeFile.write(json: record, to: folder.json) }
  }

  private func sweep() throws {
    let outputs = selection.instances.flatMap(\.outputs)
    for path in try Promotion.sweep(outputs, in: workspace) {
      observer.observe(.notice("removed \(path), which an interrupted run had left"))
    }
  }

  /// Fails before anything runs where an input can't come about.
  private func checkInputs(_ plan: [InstanceStatus]) throws {
    let selected = Set(selection.instances.map(\.name))
    var lines: [String] = []
    for (instance, status) in zip(selection.instances, plan)
    where status.state == .stale || status.state == .undecided {
      for input in try evaluator.missing(of: instance) {
        let producers = runner.graph.producers(of: input, for: instance)
        if producers.isEmpty {
          let known = runner.graph.instances.flatMap(\.outputs)
          lines.append(
            "\(input): \(instance.name) (\(instance.script)) needs it, but it isn't there and no stage "
              + "makes it" + didYouMean(input, among: known))
        } else if !producers.contains(where: selected.contains) {
          lines.append(
            "\(input): \(instance.name) needs it, but it isn't there; run "
              + "\(producers.joined(separator: ", ")) first, or leave out --only")
        }
      }
    }
    guard lines.isEmpty else { throw PipelineError(lines.joined(separator: "\n")) }
  }

  private func build(_ stages: Set<String>) throws {
    for stage in runner.graph.stages where stages.contains(stage) && !isInterrupted {
      guard let instance = selection.instances.first(where: { $0.stage == stage }), let folder
      else {
        continue
      }
      let script = workspace.codeRoot.appendingPathComponent(instance.script)
      if case .script(let interpreter) = instance.language {
        programs[stage] = interpreter + [script.path]
        continue
      }
      let outcome: BuildOutcome
      do {
        outcome = try runner.builder.build(
          stage: stage, identity: try evaluator.buildIdentity(of: instance),
          log: folder.buildLog(stage), interruption: options.interruption
        ) { observer.observe(.buildStarted(stage: stage)) }
      } catch let error as PipelineError where isInterrupted || error.exit == .interrupted {
        break
      }
      switch outcome {
      case .built(let program, let seconds):
        programs[stage] = [program.path]
        built[stage] = Self.stamp(of: program.path)
        if let seconds { observer.observe(.buildFinished(stage: stage, seconds: seconds)) }
      case .failed(let errors, let log):
        if isInterrupted { break }
        brokenStages[stage] = errors
        exit = .failed
        observer.observe(.buildFailed(stage: stage, errors: errors, log: log))
      }
    }
    try checkCodeIsAsBuilt(stages)
  }

  /// What was compiled has to be what the fingerprint says.
  private func checkCodeIsAsBuilt(_ stages: Set<String>) throws {
    let now = try runner.evaluator()
    for instance in selection.instances
    where stages.contains(instance.stage) && brokenStages[instance.stage] == nil {
      guard try now.code(of: instance) == evaluator.code(of: instance) else {
        throw PipelineError(
          "the code of \(instance.stage) was edited while it was being compiled; run again",
          exit: .failed)
      }
    }
  }

  // MARK: One instance after the other

  var isInterrupted: Bool { options.interruption.count > 0 }

  private func settle(_ instance: Instance, count: Int) throws {
    let result = try outcome(of: instance, count: count)
    switch result.outcome {
    case .done, .fresh, .frozen: break
    case .failed, .interrupted, .notStarted: unsettled.insert(instance.name)
    }
    results.append(result)
    record.instances.append(RunRecord.Item(result))
    try writeRecord()
    observer.observe(.finished(result))
  }

  private func outcome(of instance: Instance, count: Int) throws -> InstanceResult {
    if let failed = runner.graph.dependencies(of: instance.name).first(where: unsettled.contains) {
      return InstanceResult(instance, .notStarted, reasons: [.dependencyFailed(failed)])
    }
    if isStopped { return InstanceResult(instance, .notStarted, reasons: [.runStopped]) }
    var reasons = try evaluator.reasons(instance)
    if reasons.isEmpty, selection.forced.contains(instance.name) { reasons = [.forced] }
    guard !reasons.isEmpty else {
      // A crash just after the lock was written leaves scratch behind.
      try WholeFile.remove(workspace.scratch.appendingPathComponent(instance.name))
      var result = InstanceResult(instance, .fresh)
      result.metrics = runner.latestMetrics(of: instance.name)
      return result
    }
    if isInterrupted {
      stop(.interrupted)
      return InstanceResult(instance, .notStarted, reasons: [.runStopped])
    }
    if instance.isFrozen { return try frozen(instance, reasons) }
    if let errors = brokenStages[instance.stage] {
      var result = InstanceResult(instance, .failed, reasons: [.buildFailed(instance.script)])
      result.error = errors
      result.log = folder?.buildLog(instance.stage)
      return result
    }
    guard let program = programs[instance.stage], let folder else {
      throw PipelineError(
        "\(instance.name) became stale while the run went on; run again", exit: .failed)
    }
    // Hours may lie between the build and here, and a `swift build` of somebody else's.
    guard instance.language != .swift || Self.stamp(of: program[0]) == built[instance.stage] else {
      throw PipelineError(
        "\(program[0]) was built anew while the run went on, so it is no longer what the run began with; "
          + "run again", exit: .failed)
    }
    let started = results.count { $0.seconds != nil } + 1
    observer.observe(
      .started(
        instance: instance.name, reasons: reasons, index: started, count: max(count, started),
        log: folder.log(instance.name), record: folder.record(instance.name)))
    var result = try Execution(self, instance, program, folder).run()
    result.reasons = reasons
    switch result.outcome {
    case .interrupted: stop(.interrupted)
    case .failed: stop(result.exitStatus.map(Self.exitCode) ?? .failed)
    default: break
    }
    return result
  }

  private static func stamp(of program: String) -> FileStamp? {
    guard case .file(let stamp)? = try? FolderWalk.entry(at: program) else { return nil }
    return stamp
  }

  private func frozen(_ instance: Instance, _ reasons: [Reason]) throws -> InstanceResult {
    guard try instance.outputs.allSatisfy({ try runner.hashes.state(of: $0) != nil }) else {
      var result = InstanceResult(instance, .failed, reasons: reasons)
      result.error =
        "\(instance.name) is frozen, but its outputs are not all there; take `frozen: true` out of "
        + instance.script
      stop(.badInput)
      return result
    }
    return InstanceResult(instance, .frozen, reasons: reasons)
  }

  private func stop(_ code: ExitCode) {
    isStopped = true
    exit = code
  }

  /// A stage's documented exit codes are the runner's; any other means that it failed.
  private static func exitCode(_ status: Int32) -> ExitCode {
    switch ExitCode(rawValue: status) {
    case .badInput?: .badInput
    case .network?: .network
    default: .failed
    }
  }

  // MARK: The end

  private func finish() throws -> RunSummary {
    record.ended = RunFolder.timestamp(Date())
    record.exit = exit.rawValue
    record.status = "\(exit)"
    try writeRecord()
    return RunSummary(results: results, exit: exit, folder: folder?.url, message: message())
  }

  private func message() -> String {
    let again =
      options.command
      ?? "work run" + (options.targets.isEmpty ? " all" : options.targets.map { " \($0)" }.joined())
    let done = results.count { $0.outcome == .done }
    if exit == .interrupted {
      let stopped = results.first { $0.outcome == .interrupted }?.instance
      return "interrupted; what is finished is kept"
        + (stopped.map { ", and \($0) goes on from its last checkpoint" } ?? "") + ": `\(again)`"
    }
    let failed = results.filter { $0.outcome == .failed }.map(\.instance)
    if !failed.isEmpty {
      let waiting = results.count { $0.outcome == .notStarted }
      return "\(failed.joined(separator: ", ")) failed"
        + (waiting == 0 ? "" : ", \(waiting) not started") + "; mend it, then `\(again)`"
    }
    let frozen = results.filter { $0.outcome == .frozen }.map(\.instance)
    let kept = frozen.isEmpty ? "" : "; frozen, though stale: \(frozen.joined(separator: ", "))"
    return done == 0
      ? "nothing to do: all is up to date\(kept)" : "\(done) ran, the rest is up to date\(kept)"
  }
}

extension RunRecord.Item {
  fileprivate init(_ result: InstanceResult) {
    self.init(
      instance: result.instance, stage: result.stage, status: result.outcome.rawValue,
      reasons: result.reasons.map(\.description), seconds: result.seconds,
      cpuSeconds: result.cpuSeconds, peakMemory: result.peakMemory, exitStatus: result.exitStatus,
      metrics: result.metrics, error: result.error, unchanged: result.unchanged)
  }
}
