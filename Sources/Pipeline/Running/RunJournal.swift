// What a run leaves of itself while it goes on: its folder with run.json, and what instances cost. A
// crash leaves what was known.

import Basics
import Foundation

/// The record of one run, written anew whenever something is known.
struct RunJournal {
  /// Nil until something has to run: a run that has nothing to do leaves no folder.
  private(set) var folder: RunFolder?
  private let workspace: Workspace
  private var record: RunRecord
  private var costs: Costs
  private let began = ContinuousClock.now

  init(_ project: Project, _ options: RunOptions) {
    workspace = project.workspace
    costs = Costs(project.workspace)
    record = RunRecord(
      started: RunFolder.timestamp(Date()), targets: options.targets,
      overrides: Dictionary(
        uniqueKeysWithValues: project.parameters.overridden.filter {
          $0 != "\(Parameters.runtimeKey).\(RuntimeOptions.notifyKey)"
        }.map {
          ($0, project.parameters[$0] ?? .null)
        }), runtime: project.runtime.values, git: gitCommit(project.workspace.codeRoot),
      parameters: RuntimeOptions.recorded(project.parameters.root), process: getpid(),
      host: options.host.isEmpty ? nil : options.host)
  }

  /// Makes the run's folder.
  ///
  /// - Parameter instances: all that the run is about.
  mutating func begin(_ instances: [Instance]) throws {
    record.selected = instances.map(\.name)
    folder = try RunFolder.make(in: workspace.runs, at: Date())
    try write()
  }

  /// Notes what has ended and what runs.
  mutating func note(_ states: InstanceStates, lock: Lock) throws {
    guard let folder else { return }
    let latest = LatestRuns(workspace.latest)
    record.instances = states.instances.compactMap { instance in
      switch states[instance.name] {
      case .running(let execution)?: return execution.item
      case .settled(let result)?:
        let made = latest.folder(of: instance.name, in: workspace.runs)?.id
        return RunRecord.Item(
          result, entry: lock.entries[instance.name],
          madeBy: result.restored?.run ?? (result.seconds == nil && made != folder.id ? made : nil))
      case nil, .waiting?, .restored?, .ready?: return nil
      }
    }
    try write()
  }

  /// Notes what an instance cost, for what later runs are expected to take.
  mutating func note(_ cost: Cost, of instance: String) throws {
    try costs.set(instance, cost)
  }

  /// Notes that the run is refused before anything was started.
  mutating func refuse() throws {
    record.exit = ExitCode.failed.rawValue
    record.status = "\(ExitCode.failed)"
    record.ended = RunFolder.timestamp(Date())
    try write()
  }

  /// Notes the end.
  mutating func end(_ exit: ExitCode) throws {
    record.ended = RunFolder.timestamp(Date())
    record.seconds = (ContinuousClock.now - began) / .seconds(1)
    record.exit = exit.rawValue
    record.status = "\(exit)"
    try write()
  }

  private func write() throws {
    if let folder { try WholeFile.write(json: record, to: folder.json) }
  }
}
