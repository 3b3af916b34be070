// One execution of one instance: scratch, order, program, and then either outputs with a lock entry or
// nothing. Where the program runs is its executor's business.

import Basics
import Foundation
import Notebook

final class Execution {
  let instance: Instance
  /// Owns this.
  private unowned let session: RunSession
  private let command: [String]
  let executor: any Executor
  let folder: RunFolder
  private var outcome: InstanceResult
  private var running: Running?
  private var isAskedToStop = false

  /// What there is to know while the program runs.
  private struct Running {
    let stage: any StartedStage
    let entry: Lock.Entry
    let scratch: Scratch
  }

  /// - Parameters:
  ///   - session: the run that this is part of.
  ///   - reasons: why it runs.
  ///   - command: its program, an absolute path, and the arguments.
  ///   - executor: what starts the program.
  ///   - folder: the run's folder.
  init(
    of instance: Instance, in session: RunSession, because reasons: [Reason], command: [String],
    by executor: any Executor, folder: RunFolder
  ) {
    self.session = session
    self.instance = instance
    self.command = command
    self.executor = executor
    self.folder = folder
    outcome = InstanceResult(instance, .failed, reasons: reasons)
  }

  private var staleness: Staleness { session.staleness }
  private var hashes: FileHashes { session.project.hashes }
  var workspace: Workspace { session.workspace }
  var requests: URL { folder.requests(instance.name) }
  var lockEntry: Lock.Entry? { staleness.lock.entries[instance.name] }
  func tell(_ notice: String) { session.observer.observe(.notice(notice)) }
  private func step(_ name: String) throws { try session.step(name) }

  /// What is told of its start.
  ///
  /// - Parameters:
  ///   - index: which it is among those that run, from 1.
  ///   - count: how many have to run, as far as is known.
  func announcement(index: Int, count: Int) -> RunEvent {
    .started(
      instance: instance.name, reasons: outcome.reasons, index: index, count: count,
      log: folder.log(instance.name), record: folder.record(instance.name))
  }

  /// What the run's record says of it while it runs.
  var item: RunRecord.Item {
    var item = RunRecord.Item(outcome, entry: nil, madeBy: nil)
    item.status = RunRecord.Item.running
    return item
  }

  // MARK: Start and end

  /// Starts it, with so many threads. What goes wrong is in `result`.
  func start(threads: Int) throws {
    do { try begin(threads: threads) } catch let error as any Failing { note(error) }
  }

  private func begin(threads: Int) throws {
    // Builds and other stages took their time; files may have changed.
    hashes.forget()
    guard let entry = try staleness.entry(of: instance) else { throw missingInputs() }
    let scratch = Scratch(workspace, instance, entry)
    let place = try executor.place(
      of: instance, fingerprint: entry.manifest.fingerprint, in: folder)
    if !place.goesOn {
      try step("make scratch")
      try scratch.prepare()
      let pinned = PinnedValues(workspace, instance, entry)
      try pinned.prepare(from: staleness.lock)
      try step("write the order")
      try order(scratch, pinned, entry, files: place.files, threads: threads)
        .write(to: place.files, threads: threads)
    }
    var latest = LatestRuns(workspace.latest)
    if !place.goesOn { try takeOverRequests(latest, entry, in: place.files) }
    try latest.set(instance.name, folder)
    outcome.log = folder.log(instance.name)
    outcome.entry = entry

    try step("start")
    outcome.started = Date()
    let launch = Launch(
      instance: instance, fingerprint: entry.manifest.fingerprint, command: command,
      threads: threads,
      memory: staleness.costs.expected(instance.name, stage: instance.stage)?.bytes,
      outputs: scratch.outputs, state: scratch.state)
    let stage = try executor.start(launch, at: place)
    outcome.job = stage.job
    running = Running(stage: stage, entry: entry, scratch: scratch)
  }

  /// Grants it another number of threads from now on.
  func grant(threads: Int) throws { try running?.stage.grant(threads: threads) }

  /// Whether it runs as a job of a cluster.
  var isJob: Bool { running?.stage.job != nil }

  /// Ends its program for good, also where that would go on without the run.
  func cancel() throws { try running?.stage.cancel() }

  /// Tells what it said since the last look; its result once it has ended and its outputs are in
  /// place, nil while it runs. Whatever went wrong with this instance is in the result.
  func result() throws -> InstanceResult? {
    guard let running else { return outcome }
    do {
      let (events, end) = try running.stage.look()
      outcome.job = running.stage.job
      take(events)
      if end == nil { try stopWhereAsked() }
      guard let end else { return nil }
      // Before the result is taken: what the run has of it then are files of its own.
      if case .left = end {} else { try running.stage.close() }
      try self.end(end, running)
    } catch let error as any Failing {
      note(error)
    }
    self.running = nil
    return outcome
  }

  private func end(_ end: StageEnd, _ running: Running) throws {
    outcome.ended = Date()
    let record = folder.record(instance.name)
    if WholeFile.exists(record) { outcome.record = record }
    switch end {
    case .ended(let child): try take(child, running)
    case .lost(let words, let isStopped):
      outcome.outcome = isStopped ? .interrupted : .failed
      outcome.error = words
    case .left:
      outcome.outcome = .interrupted
      outcome.isLeft = true
    }
  }

  private func take(_ child: ChildResult, _ running: Running) throws {
    outcome.seconds = child.seconds
    outcome.cpuSeconds = child.cpuSeconds
    outcome.peakMemory = child.peakMemory > 0 ? child.peakMemory : nil
    outcome.exitStatus = child.status
    guard child.status == 0 else {
      outcome.outcome = session.isInterrupted || child.status == 130 ? .interrupted : .failed
      outcome.error = child.message(log: folder.log(instance.name))
      return
    }
    outcome.unchanged = try commit(running.entry, running.scratch)
    outcome.outcome = .done
    noteCourse(outcome.course)
    let keeping = try KeptFiles(workspace, folder).keep(instance)
    outcome.kept = keeping.kept
    for notice in keeping.notices { session.observer.observe(.notice(notice)) }
  }

  private func take(_ events: [StageEvent]) {
    for event in events {
      switch event {
      case .metric(let name, let value): outcome.metrics[name] = value
      case .point(let point, _):
        outcome.metrics.merge(point.metrics) { $1 }
        outcome.history.take(point)
      case .course(let course): outcome.course = course
      case .progress, .message, .warning: break
      }
      session.observer.observe(.stage(instance: instance.name, event))
    }
  }

  /// Asks it to end after the step that the run's options name, as soon as it is in that step.
  private func stopWhereAsked() throws {
    guard let last = session.options.stopAfterStep, !isAskedToStop, heedsRequests,
      (outcome.history.last?.step ?? 0) >= last - 1
    else { return }
    isAskedToStop = true
    try ask(Requests.stopAfterStep)
  }

  private func note(_ error: any Failing) {
    outcome.error = error.description
    hashes.forget()
  }

  // MARK: Before it

  private func missingInputs() -> PipelineError {
    let missing = (try? staleness.missing(of: instance)) ?? []
    let makers = missing.flatMap { session.project.graph.producers(of: $0, for: instance) }
    return PipelineError(
      "\(instance.name) needs \(missing.joined(separator: ", ")), which "
        + (makers.isEmpty
          ? "isn't there" : "\(Set(makers).sorted().joined(separator: ", ")) did not make"))
  }

  private func order(
    _ scratch: Scratch, _ pinned: PinnedValues, _ entry: Lock.Entry, files: RunFolder, threads: Int
  ) -> Order {
    var order = Order(
      to: instance.name, script: workspace.codeRoot.appendingPathComponent(instance.script),
      in: workspace, files: files, scratch: scratch.state, pinned: pinned.folder,
      outputs: Dictionary(
        uniqueKeysWithValues: instance.outputs.enumerated().map { ($1, scratch.output($0)) }),
      runtime: session.project.runtime, threads: threads, most: executor.mostThreads,
      host: session.options.host)
    order.stage = instance.stage
    order.take(instance, of: session.project, overridden: entry.overrides)
    order.requests = files.requests(instance.name).path
    order.fingerprint = entry.manifest.fingerprint
    order.code = entry.code
    order.data = entry.inputs.mapValues(\.hash)
    return order
  }

  // MARK: After it

  /// Checks and promotes the outputs and writes the lock; says whether the outputs are as before.
  private func commit(_ entry: Lock.Entry, _ scratch: Scratch) throws -> Bool {
    try step("look at the inputs again")
    hashes.forget()
    try checkInputs(entry)
    var entry = entry
    let old = staleness.lock.entries[instance.name]
    for (index, path) in instance.outputs.enumerated() {
      try refuseLink(scratch.output(index), path)
      guard let state = try hashes.state(of: scratch.output(index).path) else {
        throw PipelineError(
          "\(instance.name) ended well, but did not write its output \(path); write it to the place that "
            + "the order names, or take it out of `outs` in \(instance.script)")
      }
      entry.outputs[path] = state
    }
    entry.pinned = try PinnedValues(workspace, instance, entry).values()
    entry.course = outcome.course
    try session.commit(instance, entry, from: scratch)
    outcome.entry = entry
    try session.keepInCache(outcome, of: instance, entry, folder: folder)
    return old?.outputs == entry.outputs
  }

  /// An output that is a link would bring what it leads to, from wherever that is, into the cache and to its remotes.
  private func refuseLink(_ output: URL, _ path: String) throws {
    guard FolderWalk.isLink(at: output.path) else { return }
    throw PipelineError(
      "\(instance.name) wrote its output \(path) as a link; an output is a file or a folder of its own, so copy it there",
      exit: .failed)
  }

  private func checkInputs(_ entry: Lock.Entry) throws {
    for (path, state) in entry.inputs.sorted(by: { $0.key < $1.key })
    where try hashes.state(of: path) != state {
      throw PipelineError(
        "\(path) changed while \(instance.name) was reading it, so the result doesn't count; run again",
        exit: .failed)
    }
    guard instance.language != .swift else { return }
    // An interpreter may read its script line by line.
    let code = try CodeReader(root: workspace.codeRoot, table: session.project.sources)
      .identity(ofScript: instance.script, language: instance.language).parts
    guard code == entry.code else {
      throw PipelineError(
        "\(instance.script) was edited while it ran, so the result doesn't count; run again",
        exit: .failed)
    }
  }
}
