// One run, from the plan to the summary: takes the workspace, builds what is stale, runs it in order, side
// by side where that is asked for, and decides about each instance only when all that it needs is settled.
// All files of the runner are written from here, by one thread. docs/runner.md walks through a run.
//
// This file has what comes before the first stage and behind the last; RunLoop.swift has what lies between.

import Basics
import Foundation

/// The course of one `work run`.
final class RunSession {
  let project: Project
  let options: RunOptions
  let observer: any RunObserver
  /// Called before each step that a crash could interrupt, with its name.
  let step: (String) throws -> Void
  let selection: Selection
  let executors: Executors
  var shares = TimeShares()
  /// Nil where `runtime.cache` is false.
  let cache: RunCache?
  let owner: WorkspaceOwner
  let staleness: Staleness
  var states: InstanceStates
  var programs: StagePrograms
  var journal: RunJournal
  /// Whether it was told that the record of the run can't be written.
  var hasToldOfNotes = false
  /// Numbers of instances that are fresh, from the runs that made their outputs.
  lazy var earlier = LatestMetrics(workspace)
  var stopRequest = StopRequest()
  /// Instances that were started, for the count that is shown.
  var started = 0
  /// What the run comes to: that of the first failure, unless the run is interrupted.
  private(set) var exit = ExitCode.ok
  /// Whether nothing new is started.
  private(set) var isStopped = false

  var workspace: Workspace { project.workspace }
  var isInterrupted: Bool { options.interruption.count > 0 }

  /// Takes the workspace and looks at it; nothing in it is changed.
  ///
  /// - Throws: `PipelineError` for options that mean nothing, a damaged lock, or a workspace that another
  ///   run has.
  init(
    _ project: Project, _ options: RunOptions, builder: any StageBuilder,
    observer: any RunObserver, step: @escaping (String) throws -> Void
  ) throws {
    self.project = project
    self.options = options
    self.observer = observer
    self.step = step
    selection = try Selection(options, in: project.graph)
    let budget = try ThreadBudget(project.runtime, memory: availableMemory())
    cache =
      try project.runtime.isOn("cache")
      ? RunCache(project.workspace, project.hashes, step: step) : nil
    states = InstanceStates(selection.instances)
    owner = try WorkspaceOwner(project.workspace.owner)
    executors = try Executors(project, budget, owner, options.interruption, observer)
    project.hashes.forget()
    staleness = try Staleness(project)
    programs = StagePrograms(staleness, builder: builder, observer: observer)
    journal = RunJournal(project, options)
  }

  func run() throws -> RunSummary {
    if let notice = owner.notice { observer.observe(.notice(notice)) }
    try sweep()
    try removeRetired()
    try executors.dropUnknown()
    let plan = try staleness.status(selection)
    observer.observe(.planned(plan))
    try checkInputs(plan)
    var stale = plan.filter { $0.state.mayRun }
    if !stale.isEmpty {
      try journal.begin(selection.instances)
      stale = try restoreAhead(stale)
      try checkSpace(stale)
      try build(Set(stale.map(\.stage)))
    }
    try runInstances(count: stale.count)
    project.saveTables()
    return try finish()
  }

  /// Notes a failure: the first one's exit code is the run's, unless it is interrupted.
  func stop(_ code: ExitCode) {
    if exit == .ok || code == .interrupted { exit = code }
    if !options.keepGoing || code == .interrupted { isStopped = true }
  }

  // MARK: Before the first stage

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
    let obstacles = try staleness.obstacles(selection, plan)
    guard obstacles.isEmpty else { throw PipelineError(obstacles.joined(separator: "\n")) }
  }

  /// Fails before anything runs where the disk has no room for it.
  private func checkSpace(_ stale: [InstanceStatus]) throws {
    guard try project.runtime.isOn("check_disk") else { return }
    // What may turn out to be fresh is no reason to refuse.
    let certain = stale.filter { $0.state == .stale }.compactMap { project.graph[$0.instance] }
    let space = DiskSpace(certain, lock: staleness.lock, free: freeBytes(in: workspace.root))
    guard let refusal = space?.refusal(in: workspace) else { return }
    try journal.refuse()
    throw refusal
  }

  private func build(_ stages: Set<String>) throws {
    guard let folder = journal.folder else { return }
    do {
      try programs.build(
        project.graph.stages.filter(stages.contains), interruption: options.interruption,
        log: folder.buildLog)
    } catch let error as PipelineError where isInterrupted || error.exit == .interrupted {
      // What can't run now is said of each instance when its turn comes.
    }
    if programs.areBroken { exit = .failed }
    try checkCodeIsAsBuilt(stages)
  }

  /// What was compiled has to be what the fingerprint says.
  private func checkCodeIsAsBuilt(_ stages: Set<String>) throws {
    let now = try Staleness(project)
    for instance in selection.instances
    where stages.contains(instance.stage) && programs.errors(of: instance.stage) == nil {
      guard try now.code(of: instance) == staleness.code(of: instance) else {
        throw PipelineError(
          "the code of \(instance.stage) was edited while it was being compiled; run again",
          exit: .failed)
      }
    }
  }

  // MARK: Behind the last stage

  private func finish() throws -> RunSummary {
    try noting { try journal.end(exit) }
    try PinnedValues.sweep(workspace, project.graph)
    if journal.folder != nil { try TreeStore(workspace).sweep(keeping: staleness.lock.hashes) }
    let results = states.results
    return RunSummary(
      results: results, exit: exit, folder: journal.folder?.url,
      message: RunMessage(results, exit, options).text)
  }
}
