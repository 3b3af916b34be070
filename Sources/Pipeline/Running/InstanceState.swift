// Where each instance stands in the course of a run. docs/runner.md draws the states and the ways between
// them.

/// The state of one instance during a run.
enum InstanceState {
  /// Nothing is decided. Every instance begins here, and stays until all that it needs is settled.
  case waiting
  /// Its outputs came from the cache before anything was built, and the lock has its entry. That is told
  /// when its turn comes, so that what is told is in the order of the graph.
  case restored(InstanceResult)
  /// It has to run, its program is built, and all that it needs is settled well. It starts as soon as the
  /// threads are shared out.
  case ready(Execution)
  /// Its program runs, or has ended and its outputs are being put in place.
  case running(Execution)
  /// How it fared is known, noted and told. The last state.
  case settled(InstanceResult)

  /// Whether an instance may go from this state to another.
  func mayBecome(_ next: InstanceState) -> Bool {
    switch (self, next) {
    // It came from the cache ahead of the builds; or it has to run; or it is fresh, came from the cache in
    // its turn, is frozen, can't be built, or is not started.
    case (.waiting, .restored), (.waiting, .ready), (.waiting, .settled): true
    case (.restored, .settled): true
    case (.ready, .running): true
    case (.running, .settled): true
    default: false
    }
  }
}

/// The states of all instances that are selected. What isn't selected is taken as it lies.
struct InstanceStates {
  /// In the order of the graph.
  let instances: [Instance]
  private var states: [String: InstanceState]

  /// All wait.
  init(_ instances: [Instance]) {
    self.instances = instances
    states = Dictionary(uniqueKeysWithValues: instances.map { ($0.name, .waiting) })
  }

  /// Nil for an instance that isn't selected.
  subscript(name: String) -> InstanceState? { states[name] }

  /// Brings an instance from its state to the next.
  mutating func move(_ name: String, to next: InstanceState) {
    assert(states[name]?.mayBecome(next) ?? false, "\(name) can't get there from its state")
    states[name] = next
  }

  /// Executions that have been started and have not ended.
  var running: [Execution] {
    instances.compactMap { if case .running(let one)? = states[$0.name] { one } else { nil } }
  }

  /// Executions that wait for their start.
  var ready: [Execution] {
    instances.compactMap { if case .ready(let one)? = states[$0.name] { one } else { nil } }
  }

  /// What is known for good.
  var results: [InstanceResult] {
    instances.compactMap { if case .settled(let one)? = states[$0.name] { one } else { nil } }
  }

  /// The first instance that nothing is decided of though all that it needs is settled.
  func next(in graph: Graph) -> Instance? {
    instances.first { instance in
      switch states[instance.name] {
      case .waiting?, .restored?:
        graph.dependencies(of: instance.name).allSatisfy { isSettled($0) }
      default: false
      }
    }
  }

  private func isSettled(_ name: String) -> Bool {
    switch states[name] {
    case nil, .settled?: true
    default: false
    }
  }

  /// Whether an instance has ended otherwise than well, so that nothing that needs it may run.
  func hasFailed(_ name: String) -> Bool {
    guard case .settled(let result)? = states[name] else { return false }
    return !result.outcome.isGood
  }
}
