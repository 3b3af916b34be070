// One run, from the plan to the summary: takes the workspace, builds what is stale, runs it in order, side
// by side where that is asked for, and decides about each instance only when all that it needs is settled.
// All files of the runner are written from here, by one thread.

import Basics
import Foundation

/// The course of one `work run`.
final class RunSession {
  let runner: Runner
  let options: RunOptions
  let observer: any RunObserver
  let selection: Selection
  let owner: WorkspaceOwner
  let evaluator: Evaluator
  let budget: ThreadBudget
  /// Nil where `runtime.cache` is false.
  let cache: RunCache?
  private(set) var folder: RunFolder?
  private var record: RunRecord
  private var durations: Durations
  private lazy var earlier = LatestMetrics(workspace)
  private var programs: [String: [String]] = [:]
  /// How the compiled programs looked when they were built.
  private var built: [String: FileStamp] = [:]
  private var brokenStages: [String: String] = [:]
  private var results: [String: InstanceResult] = [:]
  /// Instances that nothing is known about yet, in the order of the graph.
  private var open: [Instance]
  /// Results that came from the cache before anything was built, until their turn to be told.
  var restoredAhead: [String: InstanceResult] = [:]
  private var running: [Execution] = []
  private var started = 0
  /// Instances whose outputs can't be relied on, and why nothing that needs them runs.
  private var unsettled: Set<String> = []
  private var exit = ExitCode.ok
  private let began = ContinuousClock.now
  private var isStopped = false

  var workspace: Workspace { runner.workspace }

  init(_ runner: Runner, _ options: RunOptions, _ observer: any RunObserver) throws {
    self.runner = runner
    self.options = options
    self.observer = observer
    selection = try Selection(options, in: runner.graph)
    budget = try ThreadBudget(runner.runtime)
    cache = try RunCache(runner)
    open = selection.instances
    owner = try WorkspaceOwner(runner.workspace.owner)
    runner.hashes.forget()
    evaluator = try runner.evaluator()
    durations = Durations(runner.workspace)
    record = RunRecord(
      started: RunFolder.timestamp(Date()), targets: options.targets,
      overrides: Dictionary(
        uniqueKeysWithValues: runner.parameters.overridden.map {
          ($0, runner.parameters[$0] ?? .null)
        }), runtime: runner.runtime, git: gitCommit(runner.workspace.codeRoot),
      parameters: runner.parameters.root, process: getpid(),
      host: options.host.isEmpty ? nil : options.host)
  }

  func run() throws -> RunSummary {
    if let notice = owner.notice { observer.observe(.notice(notice)) }
    try sweep()
    try retire()
    let plan = try evaluator.status(selection)
    observer.observe(.planned(plan))
    try checkInputs(plan)
    var stale = plan.filter { $0.state == .stale || $0.state == .undecided }
    if !stale.isEmpty {
      try begin()
      stale = try restoreAhead(stale)
      try checkSpace(stale)
      try build(Set(stale.map(\.stage)))
    }
    try work(count: stale.count)
    runner.saveTables()
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
    WholeFile.sweep(workspace.work, own: true)
    WholeFile.sweep(workspace.root, prefix: workspace.lockFile.lastPathComponent, own: true)
    let outputs = selection.instances.flatMap(\.outputs)
    for path in try Promotion.sweep(outputs, in: workspace) {
      observer.observe(.notice("removed \(path), which an interrupted run had left"))
    }
  }

  /// Fails before anything runs where an input can't come about.
  private func checkInputs(_ plan: [InstanceStatus]) throws {
    let obstacles = try evaluator.obstacles(selection, plan)
    guard obstacles.isEmpty else { throw PipelineError(obstacles.joined(separator: "\n")) }
  }

  /// Fails before anything runs where the disk has no room for it.
  private func checkSpace(_ stale: [InstanceStatus]) throws {
    guard try runner.checksDisk else { return }
    // What may turn out to be fresh is no reason to refuse.
    let certain = stale.filter { $0.state == .stale }.compactMap { runner.graph[$0.instance] }
    let space = DiskSpace(certain, lock: evaluator.lock, free: freeBytes(in: workspace.root))
    guard let refusal = space?.refusal(in: workspace) else { return }
    record.status = "\(ExitCode.failed)"
    record.exit = ExitCode.failed.rawValue
    record.ended = RunFolder.timestamp(Date())
    try writeRecord()
    throw refusal
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

  // MARK: The instances

  var isInterrupted: Bool { options.interruption.count > 0 }

  private func work(count: Int) throws {
    var pause = ChildProcess.Pause()
    while true {
      var ready: [(execution: Execution, reasons: [Reason])] = []
      while running.count + ready.count < budget.jobs,
        let instance = nextToDecide(besides: ready.map(\.execution.instance.name))
      {
        open.removeAll { $0.name == instance.name }
        if let stale = try decide(instance) { ready.append(stale) }
      }
      if !ready.isEmpty {
        try start(ready, count: count)
        pause = ChildProcess.Pause()
      }
      if running.isEmpty { return }
      if try !takeResults() { pause.wait() }
    }
  }

  /// The next instance whose dependencies are all settled. After a failure, what runs is let finish
  /// before it is said of the others that they don't run.
  private func nextToDecide(besides ready: [String]) -> Instance? {
    if isStopped, !running.isEmpty { return nil }
    let unknown = Set(open.map(\.name) + running.map(\.instance.name) + ready)
    return open.first { unknown.isDisjoint(with: runner.graph.dependencies(of: $0.name)) }
  }

  /// What there is to run of an instance; nil where nothing is, and the result is known.
  private func decide(_ instance: Instance) throws -> (execution: Execution, reasons: [Reason])? {
    do {
      switch try look(at: instance) {
      case .result(let result): try settle(result)
      case .run(let program, let reasons):
        guard let folder else { return nil }
        return (Execution(self, instance, reasons, program, folder), reasons)
      }
    } catch let error as any Failing where !running.isEmpty || options.keepGoing {
      // No reason to stop what runs, or what could.
      var result = InstanceResult(instance, .failed)
      result.error = error.description
      stop(error.exit)
      try settle(result)
    }
    return nil
  }

  /// Starts instances, and shares the threads out anew among all that run then.
  private func start(_ ready: [(execution: Execution, reasons: [Reason])], count: Int) throws {
    let threads = budget.share(among: running.count + ready.count)
    for execution in running { try execution.grant(threads: threads) }
    for (execution, reasons) in ready {
      let name = execution.instance.name
      started += 1
      if let folder {
        observer.observe(
          .started(
            instance: name, reasons: reasons, index: started, count: max(count, started),
            log: folder.log(name), record: folder.record(name)))
      }
      try execution.start(threads: threads)
      running.append(execution)
    }
    try noteInstances()
  }

  /// Takes in what has ended; whether anything has.
  private func takeResults() throws -> Bool {
    var ended: [InstanceResult] = []
    for execution in running {
      if let result = try execution.result() { ended.append(result) }
    }
    if ended.isEmpty { return false }
    running.removeAll { execution in ended.contains { $0.instance == execution.instance.name } }
    for result in ended {
      switch result.outcome {
      case .interrupted: stop(.interrupted)
      case .failed: stop(result.exitStatus.map(ExitCode.init(ofStage:)) ?? .failed)
      default: break
      }
      try settle(result)
    }
    if isStopped, !isInterrupted, !running.isEmpty {
      observer.observe(
        .notice(
          "nothing new is started; \(words(running.map(\.instance.name))) \(running.count == 1 ? "is" : "are") "
            + "let finish (Ctrl-C stops that, too)"))
    }
    for execution in running { try execution.grant(threads: budget.share(among: running.count)) }
    return true
  }

  private func settle(_ result: InstanceResult) throws {
    switch result.outcome {
    case .done, .restored, .fresh, .frozen: break
    case .failed, .interrupted, .notStarted: unsettled.insert(result.instance)
    }
    if result.outcome == .done, let seconds = result.seconds {
      try durations.set(result.instance, seconds: seconds)
    }
    results[result.instance] = result
    try noteInstances()
    observer.observe(.finished(result))
  }

  /// Writes down what is known of the instances: what has ended, and what runs.
  private func noteInstances() throws {
    guard let folder else { return }
    let latest = LatestRuns(workspace.latest)
    record.instances = selection.instances.compactMap { instance in
      if let execution = running.first(where: { $0.instance.name == instance.name }),
        results[instance.name] == nil
      {
        return execution.item
      }
      return results[instance.name].map { result in
        let made = latest.folder(of: instance.name, in: workspace.runs)?.id
        return RunRecord.Item(
          result, entry: evaluator.lock.entries[instance.name],
          madeBy: result.restored?.run ?? (result.seconds == nil && made != folder.id ? made : nil))
      }
    }
    try writeRecord()
  }

  /// All results so far, in the order of the graph.
  private var inOrder: [InstanceResult] { selection.instances.compactMap { results[$0.name] } }

  /// What is to be done about an instance.
  private enum Look {
    case result(InstanceResult)
    case run(program: [String], reasons: [Reason])
  }

  private func look(at instance: Instance) throws -> Look {
    func result(_ outcome: InstanceResult.Outcome, _ reasons: Reason...) -> Look {
      .result(InstanceResult(instance, outcome, reasons: reasons))
    }
    if let restored = restoredAhead.removeValue(forKey: instance.name) { return .result(restored) }
    if let failed = runner.graph.dependencies(of: instance.name).first(where: unsettled.contains) {
      return result(.notStarted, .dependencyFailed(failed))
    }
    if isStopped { return result(.notStarted, .runStopped) }
    var reasons = try evaluator.reasons(instance)
    if reasons.isEmpty, selection.forced.contains(instance.name) { reasons = [.forced] }
    guard !reasons.isEmpty else {
      // A crash just after the lock was written leaves scratch behind.
      try WholeFile.remove(workspace.scratch.appendingPathComponent(instance.name))
      var result = InstanceResult(instance, .fresh)
      result.metrics = earlier.metrics(of: instance.name)
      return .result(result)
    }
    if isInterrupted {
      stop(.interrupted)
      return result(.notStarted, .runStopped)
    }
    if instance.isFrozen { return .result(try frozen(instance, reasons)) }
    if let result = try restored(instance, reasons) { return .result(result) }
    if let errors = brokenStages[instance.stage] {
      var result = InstanceResult(instance, .failed, reasons: [.buildFailed(instance.script)])
      result.error = errors
      result.log = folder?.buildLog(instance.stage)
      return .result(result)
    }
    guard let program = programs[instance.stage] else {
      throw PipelineError(
        "\(instance.name) became stale while the run went on; run again", exit: .failed)
    }
    // Hours may lie between the build and here, and a `swift build` of somebody else's.
    guard instance.language != .swift || Self.stamp(of: program[0]) == built[instance.stage] else {
      throw PipelineError(
        "\(program[0]) was built anew while the run went on, so it is no longer what the run began with; "
          + "run again", exit: .failed)
    }
    return .run(program: program, reasons: reasons)
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

  /// The first failure's exit code is the run's, unless it is interrupted.
  private func stop(_ code: ExitCode) {
    if exit == .ok || code == .interrupted { exit = code }
    if !options.keepGoing || code == .interrupted { isStopped = true }
  }

  // MARK: The end

  private func finish() throws -> RunSummary {
    record.ended = RunFolder.timestamp(Date())
    record.seconds = (ContinuousClock.now - began) / .seconds(1)
    record.exit = exit.rawValue
    record.status = "\(exit)"
    try writeRecord()
    try PinnedValues.sweep(workspace, runner.graph)
    if folder != nil { try TreeStore(workspace).sweep(evaluator.lock) }
    return RunSummary(results: inOrder, exit: exit, folder: folder?.url, message: message())
  }

  private func message() -> String {
    func names(_ outcome: InstanceResult.Outcome) -> [String] {
      inOrder.filter { $0.outcome == outcome }.map(\.instance)
    }
    let again =
      options.command
      ?? "work run" + (options.targets.isEmpty ? " all" : options.targets.map { " \($0)" }.joined())
    let done = names(.done).count
    let failed = names(.failed)
    let failure = failed.isEmpty ? "" : "\(words(failed)) failed"
    if exit == .interrupted {
      let stopped = names(.interrupted)
      return (failed.isEmpty ? "" : failure + "; then ") + "interrupted; what is finished is kept"
        + (stopped.isEmpty
          ? ""
          : stopped.count == 1
            ? ", and \(stopped[0]) goes on from its last checkpoint"
            : ", and \(words(stopped)) go on from their last checkpoints") + ": `\(again)`"
    }
    if !failed.isEmpty {
      let waiting = names(.notStarted).count
      let others = options.keepGoing && done > 0 ? ", \(done) ran all the same" : ""
      return failure + (waiting == 0 ? "" : ", \(waiting) not started") + others
        + "; mend it, then `\(again)`"
    }
    let frozen = names(.frozen)
    let kept = frozen.isEmpty ? "" : "; frozen, though stale: \(frozen.joined(separator: ", "))"
    let restored = names(.restored).count
    let made = [
      restored == 0 ? nil : "\(restored) restored from the cache", done == 0 ? nil : "\(done) ran",
    ].compactMap { $0 }.joined(separator: ", ")
    return made.isEmpty
      ? "nothing to do: all is up to date\(kept)" : "\(made), the rest is up to date\(kept)"
  }
}

/// "a", "a and b", "a, b and c".
private func words(_ names: [String]) -> String {
  names.count < 2
    ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
}
