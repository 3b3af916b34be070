// The loop of a run: decides about one instance after the other, starts what has to run, and takes in what
// has ended.

import Basics

extension RunSession {
  /// Goes on until every instance is settled. Each round
  ///   1. decides about instances whose dependencies are all settled, in the order of the graph, as long as
  ///      there is room for one more. Most are settled by that: fresh, from the cache, not started.
  ///   2. starts those that have to run, and shares the threads out anew among all that run;
  ///   3. takes in what has ended, or waits a moment.
  /// Nothing runs and nothing can be decided any more: that is the end.
  ///
  /// - Parameter count: how many have to run, as far as is known.
  func runInstances(count: Int) throws {
    var pause = ChildProcess.Pause()
    while true {
      try heedStop()
      while let instance = nextToDecide(), hasRoom(for: instance) { try decide(instance) }
      if !states.ready.isEmpty {
        try startReady(count: count)
        pause = ChildProcess.Pause()
      }
      if states.running.isEmpty { return }
      if try !takeResults() { pause.wait() }
    }
  }

  /// After a failure, what runs may finish before the others are said not to run.
  private func nextToDecide() -> Instance? {
    isStopped && !states.running.isEmpty ? nil : states.next(in: project.graph)
  }

  /// Whether an instance may run beside what its executor runs already, or is about to.
  private func hasRoom(for instance: Instance) -> Bool {
    func need(_ instance: Instance) -> Int? {
      staleness.costs.expected(instance.name, stage: instance.stage)?.bytes
    }
    let executor = executors.expected(for: instance)
    let others = (states.running + states.ready).filter { $0.executor === executor }
    return executor.admits(need(instance), beside: others.map { need($0.instance) })
  }

  /// Settles an instance, or makes it ready to run.
  private func decide(_ instance: Instance) throws {
    do {
      switch try decision(on: instance) {
      case .settle(let result): try settle(result)
      case .run(let execution): states.move(instance.name, to: .ready(execution))
      }
    } catch let error as any Failing where !states.running.isEmpty || options.keepGoing {
      // No reason to stop what runs, or what could.
      var result = InstanceResult(instance, .failed)
      result.error = error.description
      stop(error.exit)
      try settle(result)
    }
  }

  private func startReady(count: Int) throws {
    let ready = states.ready
    shares.pass(states.running.map(\.instance.name))
    try grantThreads(to: states.running)
    for execution in ready {
      started += 1
      observer.observe(execution.announcement(index: started, count: max(count, started)))
      try execution.start(threads: threads(for: execution))
    }
    // All at once, for each has its share among them all.
    for execution in ready { states.move(execution.instance.name, to: .running(execution)) }
    try noting { try journal.note(states, lock: staleness.lock) }
  }

  private func grantThreads(to executions: [Execution]) throws {
    for execution in executions {
      try noting { try execution.grant(threads: threads(for: execution)) }
    }
  }

  /// Writes what can be done without: where that fails, as on a full disk, what runs goes on.
  func noting(_ body: () throws -> Void) throws {
    do { try body() } catch let error as FileError {
      guard !hasToldOfNotes else { return }
      hasToldOfNotes = true
      observer.observe(
        .notice("\(error); the run goes on, and its record will lack something"))
    }
  }

  /// The share of an execution among all that its executor runs or is about to.
  private func threads(for execution: Execution) -> Int {
    let executor = execution.executor
    let all = states.running + states.ready
    return executor.threads(among: all.count { $0.executor === executor })
  }

  /// Takes in what has ended; whether anything has.
  private func takeResults() throws -> Bool {
    let names = states.running.map(\.instance.name)
    let ended = try states.running.compactMap { try $0.result() }
    if ended.isEmpty { return false }
    shares.pass(names)
    for result in ended {
      switch result.outcome {
      case .interrupted: stop(.interrupted)
      case .failed: stop(result.exitStatus.map(ExitCode.init(ofStage:)) ?? .failed)
      default: break
      }
      try settle(result)
    }
    let running = states.running
    if isStopped, !isInterrupted, !running.isEmpty {
      observer.observe(
        .notice(
          "nothing new is started; \(listed(running.map(\.instance.name))) may finish "
            + "(Ctrl-C stops \(running.count == 1 ? "it" : "them"), too\(running.contains(where: \.isJob) ? ", but for jobs of the cluster" : ""))"
        ))
    }
    try grantThreads(to: running)
    return true
  }

  private func settle(_ result: InstanceResult) throws {
    if result.outcome == .done, let seconds = shares[result.instance] {
      try noting {
        try journal.note(Cost(seconds: seconds, bytes: result.peakMemory), of: result.instance)
      }
    }
    states.move(result.instance, to: .settled(result))
    try noting { try journal.note(states, lock: staleness.lock) }
    observer.observe(.finished(result))
  }
}
