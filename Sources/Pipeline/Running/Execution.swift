// One execution of one instance: scratch, order, child, and then either outputs with a lock entry or
// nothing.

import Basics
import Foundation

final class Execution {
  let instance: Instance
  /// Owns this.
  private unowned let session: RunSession
  private let program: [String]
  private let folder: RunFolder
  private var outcome: InstanceResult
  private var running: Running?

  /// What there is to know while the program runs.
  private struct Running {
    let child: ChildProcess
    let follower: EventFollower
    let entry: Lock.Entry
    let scratch: Scratch
    var threads: Int
  }

  init(
    _ session: RunSession, _ instance: Instance, _ reasons: [Reason], _ program: [String],
    _ folder: RunFolder
  ) {
    self.session = session
    self.instance = instance
    self.program = program
    self.folder = folder
    outcome = InstanceResult(instance, .failed, reasons: reasons)
  }

  private var evaluator: Evaluator { session.evaluator }
  private var hashes: FileHashes { session.runner.hashes }
  private var workspace: Workspace { session.workspace }
  private func step(_ name: String) throws { try session.runner.step(name) }

  /// Starts it, with so many threads. What goes wrong is in `result`.
  func start(threads: Int) throws {
    try noting {
      // Builds and other stages took their time; files may have changed.
      hashes.forget()
      guard let entry = try evaluator.entry(of: instance) else { throw missingInputs() }
      let scratch = Scratch(workspace, instance, entry)
      try step("make scratch")
      try scratch.prepare()
      let pinned = PinnedValues(workspace, instance, entry)
      try pinned.prepare(from: evaluator.lock)
      try step("write the order")
      try write(threads: threads)
      try WholeFile.write(
        json: order(scratch, pinned, entry, threads: threads),
        to: folder.order(instance.name))
      var latest = LatestRuns(workspace.latest)
      try latest.set(instance.name, folder)
      outcome.log = folder.log(instance.name)
      outcome.entry = entry

      try step("start")
      var environment = ProcessInfo.processInfo.environment
      environment["WORK_ORDER"] = folder.order(instance.name).path
      outcome.started = Date()
      let child = try ChildProcess(
        program, folder: workspace.root, environment: environment, log: folder.log(instance.name),
        inheriting: session.owner.descriptor, interruption: session.options.interruption)
      running = Running(
        child: child, follower: EventFollower(folder.events(instance.name)), entry: entry,
        scratch: scratch, threads: threads)
    }
  }

  /// Grants it another number of threads from now on.
  func grant(threads: Int) throws {
    guard let now = running?.threads, now != threads else { return }
    running?.threads = threads
    try write(threads: threads)
  }

  private func write(threads: Int) throws {
    try WholeFile.write("\(threads)\n".utf8, to: folder.threads(instance.name), flushed: false)
  }

  /// Tells what it said since the last look; its result once it has ended and its outputs are in
  /// place, nil while it runs. Whatever went wrong with this instance is in the result.
  func result() throws -> InstanceResult? {
    guard let running else { return outcome }
    do {
      let child = try running.child.result()
      tell(running.follower.events())
      guard let child else { return nil }
      try end(child, running)
    } catch let error as any Failing {
      note(error)
    }
    self.running = nil
    return outcome
  }

  private func end(_ child: ChildResult, _ running: Running) throws {
    outcome.ended = Date()
    outcome.seconds = child.seconds
    outcome.cpuSeconds = child.cpuSeconds
    outcome.peakMemory = child.peakMemory
    outcome.exitStatus = child.status
    let record = folder.record(instance.name)
    if WholeFile.exists(record) { outcome.record = record }
    guard child.status == 0 else {
      outcome.outcome = session.isInterrupted || child.status == 130 ? .interrupted : .failed
      outcome.error = child.message(log: folder.log(instance.name))
      return
    }
    outcome.unchanged = try commit(running.entry, running.scratch)
    outcome.outcome = .done
    let keeping = try KeptFiles(workspace, folder).keep(instance)
    outcome.kept = keeping.kept
    for notice in keeping.notices { session.observer.observe(.notice(notice)) }
  }

  /// What the run's record says of it while it runs.
  var item: RunRecord.Item {
    var item = RunRecord.Item(outcome, entry: nil, madeBy: nil)
    item.status = RunRecord.Item.running
    return item
  }

  private func tell(_ events: [StageEvent]) {
    for event in events {
      switch event {
      case .metric(let name, let value): outcome.metrics[name] = value
      case .point(let point, _):
        outcome.metrics.merge(point.metrics) { $1 }
        outcome.history.take(point)
      case .progress, .message, .warning: break
      }
      session.observer.observe(.stage(instance: instance.name, event))
    }
  }

  private func noting(_ body: () throws -> Void) throws {
    do { try body() } catch let error as any Failing { note(error) }
  }

  private func note(_ error: any Failing) {
    outcome.error = error.description
    hashes.forget()
  }

  // MARK: Before it

  private func missingInputs() -> PipelineError {
    let missing = (try? evaluator.missing(of: instance)) ?? []
    let makers = missing.flatMap { session.runner.graph.producers(of: $0, for: instance) }
    return PipelineError(
      "\(instance.name) needs \(missing.joined(separator: ", ")), which "
        + (makers.isEmpty
          ? "isn't there" : "\(Set(makers).sorted().joined(separator: ", ")) did not make"))
  }

  private func order(
    _ scratch: Scratch, _ pinned: PinnedValues, _ entry: Lock.Entry, threads: Int
  ) -> Order {
    let runner = session.runner
    var environment = session.options.host
    if let commit = gitCommit(workspace.codeRoot) { environment["git"] = commit }
    return Order(
      stage: instance.stage, instance: instance.name, item: .object(instance.item),
      root: workspace.root.path,
      script: workspace.codeRoot.appendingPathComponent(instance.script).path,
      params: runner.parameters.tree(of: instance.parameters),
      overridden: entry.overrides, inputs: instance.inputs,
      expanded: runner.graph.expanded(instance),
      outputs: Dictionary(
        uniqueKeysWithValues: instance.outputs.enumerated().map { ($1, scratch.output($0).path) }),
      scratch: scratch.state.path, record: folder.record(instance.name).path,
      events: folder.events(instance.name).path, pinned: pinned.folder.path,
      runtime: runner.runtime.setting("threads", .int(threads)),
      grant: .init(file: folder.threads(instance.name).path, most: session.budget.threads),
      environment: environment, fingerprint: entry.manifest.fingerprint, code: entry.code,
      data: entry.inputs.mapValues(\.hash))
  }

  // MARK: After it

  /// Checks and promotes the outputs and writes the lock; says whether the outputs are as before.
  private func commit(_ entry: Lock.Entry, _ scratch: Scratch) throws -> Bool {
    try step("look at the inputs again")
    hashes.forget()
    try checkInputs(entry)
    var entry = entry
    let old = evaluator.lock.entries[instance.name]
    for (index, path) in instance.outputs.enumerated() {
      guard let state = try hashes.state(of: scratch.output(index).path) else {
        throw PipelineError(
          "\(instance.name) ended well, but did not write its output \(path); write it to the place that "
            + "the order names, or take it out of `outs` in \(instance.script)")
      }
      entry.outputs[path] = state
    }
    entry.pinned = try PinnedValues(workspace, instance, entry).values()
    try session.commit(instance, entry, scratch)
    outcome.entry = entry
    try session.keep(instance, entry, outcome, folder)
    return old?.outputs == entry.outputs
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
    let code = try CodeReader(root: workspace.codeRoot, table: session.runner.sources)
      .identity(ofScript: instance.script, language: instance.language).parts
    guard code == entry.code else {
      throw PipelineError(
        "\(instance.script) was edited while it ran, so the result doesn't count; run again",
        exit: .failed)
    }
  }
}

/// The folder of a running instance, by its fingerprint: the same again after a crash.
struct Scratch {
  private let all: URL
  private let own: URL

  init(_ workspace: Workspace, _ instance: Instance, _ entry: Lock.Entry) {
    all = workspace.scratch.appendingPathComponent(instance.name, isDirectory: true)
    own = all.appendingPathComponent(
      String(entry.manifest.fingerprint.prefix(16)), isDirectory: true)
  }

  private var outputs: URL { own.appendingPathComponent("outs", isDirectory: true) }
  var state: URL { own.appendingPathComponent("state", isDirectory: true) }
  var aside: URL { own.appendingPathComponent("aside", isDirectory: true) }
  func output(_ index: Int) -> URL { outputs.appendingPathComponent(String(index)) }

  func prepare() throws {
    try WholeFile.remove(outputs)
    try WholeFile.remove(aside)
    try WholeFile.makeFolder(outputs)
    try WholeFile.makeFolder(state)
  }

  /// Removes the instance's scratch, also of other fingerprints.
  func remove() throws { try WholeFile.remove(all) }
}
