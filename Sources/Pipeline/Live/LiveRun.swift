// The run that is going on, seen from outside it, and what can be asked of it. Everything is read from files and
// asked by files, so that it works from another terminal, over ssh, and from another machine that sees the
// same disk.

import Basics
import Foundation
import Notebook

/// A run that goes on now.
public struct LiveRun: Sendable {
  /// Its id.
  public let id: String
  let folder: RunFolder
  let record: RunRecord

  /// The run that goes on in a workspace, or nil where none does.
  public init?(_ workspace: Workspace) {
    let history = RunHistory(workspace)
    guard let id = history.ids().first, let record = try? history.record(id),
      record.ended == nil, record.isAlive(in: workspace)
    else { return nil }
    self.id = id
    folder = history.folder(id)
    self.record = record
  }

  /// The run that goes on.
  ///
  /// - Throws: `PipelineError` where none does.
  public static func current(in workspace: Workspace) throws -> LiveRun {
    guard let run = LiveRun(workspace) else {
      throw PipelineError("nothing runs in \(workspace.root.path); `work run` starts a run")
    }
    return run
  }

  /// The instances that run now.
  public var running: [String] {
    record.instances.filter { $0.status == RunRecord.Item.running }.map(\.instance)
  }

  /// Whether an instance heeds what is asked of it while it runs: whether it can stop after an epoch, go on for
  /// more, and keep a checkpoint where it is stopped.
  public func heeds(_ instance: String) -> Bool {
    folder.heedsRequests(instance)
  }

  /// Asks the run to stop now, as Ctrl-C does; stages that can write a checkpoint first.
  public func stop() throws {
    try WholeFile.write("", to: folder.stop)
  }

  /// Asks an instance, or those of a stage that run, to stop now with a checkpoint. The run then ends as
  /// interrupted.
  ///
  /// - Returns: the instances that were asked.
  /// - Throws: `PipelineError` where nothing of that name runs, or can't be stopped alone.
  public func stop(_ target: String) throws -> [String] {
    let instances = try running(target)
    let others = running.filter { !instances.contains($0) }
    if others.isEmpty {
      try stop()
      return instances
    }
    for instance in instances where !heeds(instance) {
      throw PipelineError(
        "\(instance) can't be stopped alone, since it has no checkpoints and \(others.joined(separator: ", ")) "
          + "runs beside it; `work stop` stops all")
    }
    for instance in instances { try ask(instance, Requests.stop) }
    return instances
  }

  /// Asks an instance, or those that run of a stage or of the whole run, to end well after the epoch that they
  /// are in.
  ///
  /// - Returns: the instances that were asked.
  /// - Throws: `PipelineError` where none of them has epochs.
  public func stopAfterEpoch(_ target: String?) throws -> [String] {
    let instances = try heeding(target)
    for instance in instances { try ask(instance, Requests.stopAfterStep) }
    return instances
  }

  /// Asks an instance, or those of a stage that run, for more epochs than planned.
  ///
  /// - Returns: the instances that were asked.
  /// - Throws: `PipelineError` where none of them has epochs, or the number makes no sense.
  public func extend(_ target: String, by epochs: Int) throws -> [String] {
    guard (1...Requests.most).contains(epochs) else {
      throw PipelineError("\(epochs) epochs: should be from 1 to \(Requests.most)")
    }
    let instances = try heeding(target)
    let name = Requests.extend + String(UInt64.random(in: 0...UInt64.max), radix: 16)
    for instance in instances { try ask(instance, name, "\(epochs)\n") }
    return instances
  }

  private func ask(_ instance: String, _ name: String, _ text: String = "") throws {
    try WholeFile.write(text, to: folder.requests(instance).appendingPathComponent(name))
  }

  /// The running instances that a name stands for.
  private func running(_ target: String) throws -> [String] {
    let found = running.filter {
      $0 == target || $0.prefix(while: { $0 != "@" }) == target[...]
    }
    guard found.isEmpty else { return found }
    let now = running.isEmpty ? "nothing does yet" : "\(running.joined(separator: ", ")) does"
    let item = record.instances.first { $0.instance == target || $0.stage == target }
    guard let item else { throw PipelineError("\(target) doesn't run now; \(now)") }
    throw PipelineError("\(target) doesn't run any more (\(item.status)); \(now)")
  }

  private func heeding(_ target: String?) throws -> [String] {
    let instances = try target.map(running) ?? running
    let found = instances.filter(heeds)
    guard found.isEmpty else { return found }
    throw PipelineError(
      instances.isEmpty
        ? "nothing runs at this moment; ask again when a training does"
        : "\(instances.joined(separator: ", ")): has no epochs, or hasn't come to them yet")
  }
}

extension RunRecord {
  /// Whether the runner is there. Of another machine's, which is known by its name, only the record tells.
  func isAlive(in workspace: Workspace) -> Bool {
    if let host = host?["name"], host != ProcessInfo.processInfo.hostName { return true }
    guard case .running(let owner) = WorkspaceOwner.look(workspace.owner) else { return false }
    return process.map { $0 == owner } ?? true
  }
}
