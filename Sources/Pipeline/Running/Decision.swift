// What is to be done about an instance when its turn has come.

import Basics
import Notebook
import Foundation

extension RunSession {
  /// What is to be done about an instance.
  enum Decision {
    case settle(InstanceResult)
    case run(Execution)
  }

  /// Decides about an instance. All that it needs is settled; nothing else is looked at twice.
  ///
  /// - Throws: `PipelineError` where it can't be told, as where its program isn't what was built.
  func decision(on instance: Instance) throws -> Decision {
    func result(_ outcome: InstanceResult.Outcome, _ reasons: Reason...) -> Decision {
      .settle(InstanceResult(instance, outcome, reasons: reasons))
    }
    if case .restored(let restored)? = states[instance.name] { return .settle(restored) }
    let needed = project.graph.dependencies(of: instance.name)
    if let failed = needed.first(where: states.hasFailed) {
      return result(.notStarted, .dependencyFailed(failed))
    }
    if isStopped { return result(.notStarted, .runStopped) }
    var reasons = try staleness.reasons(instance)
    if reasons.isEmpty, selection.forced.contains(instance.name) { reasons = [.forced] }
    if isStoppedAsAsked(instance, reasons) { reasons = [] }
    guard !reasons.isEmpty else { return .settle(try fresh(instance)) }
    if isInterrupted {
      stop(.interrupted)
      return result(.notStarted, .runStopped)
    }
    if instance.isFrozen { return .settle(try frozen(instance, reasons)) }
    if let result = try restored(instance, reasons) { return .settle(result) }
    if let errors = programs.errors(of: instance.stage) {
      return .settle(notBuilt(instance, errors: errors))
    }
    let command = try programs.command(for: instance)
    guard let folder = journal.folder else { throw StagePrograms.becameStale(instance) }
    let executor = try executors.executor(for: instance) { try staleness.entry(of: instance) }
    return .run(
      Execution(
        of: instance, in: self, because: reasons, command: command, by: executor, folder: folder))
  }

  private func fresh(_ instance: Instance) throws -> InstanceResult {
    try executors.drop(instance)
    // A crash just after the lock was written leaves scratch behind.
    if let entry = staleness.lock.entries[instance.name], entry.course == nil {
      try Scratch(workspace, instance, entry).remove()
    }
    var result = InstanceResult(instance, .fresh)
    if let measured = earlier.metrics(of: instance.name) {
      (result.metrics, result.madeBy) = (measured.metrics, measured.run)
    } else if let entry = staleness.lock.entries[instance.name],
      let cached = cache?.entry(entry.manifest.fingerprint)
    {
      // The latest run may have failed with other parameters, so that it measured nothing.
      (result.metrics, result.madeBy) = (cached.metrics, cached.run)
    }
    return result
  }

  /// Whether nothing speaks against an instance but that it was stopped after the step that is asked for, or later.
  private func isStoppedAsAsked(_ instance: Instance, _ reasons: [Reason]) -> Bool {
    guard let step = options.stopAfterStep, reasons.count == 1,
      case .courseDeparted(let course) = reasons[0], let stopped = course.stoppedAfter
    else { return false }
    return stopped >= step && course.extended.isEmpty
  }

  private func frozen(_ instance: Instance, _ reasons: [Reason]) throws -> InstanceResult {
    guard try instance.outputs.allSatisfy({ try project.hashes.state(of: $0) != nil }) else {
      var result = InstanceResult(instance, .failed, reasons: reasons)
      result.error =
        "\(instance.name) is frozen, but its outputs are not all there; take `frozen: true` out of "
        + instance.script
      stop(.badInput)
      return result
    }
    return InstanceResult(instance, .frozen, reasons: reasons)
  }

  private func notBuilt(_ instance: Instance, errors: String) -> InstanceResult {
    var result = InstanceResult(instance, .failed, reasons: [.buildFailed(instance.script)])
    result.error = errors
    result.log = journal.folder?.buildLog(instance.stage)
    return result
  }
}
