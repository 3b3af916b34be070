// Programs as processes of this machine, which share its threads and memory.

import Foundation
import Notebook

/// Runs programs here.
final class LocalExecutor: Executor {
  private let budget: ThreadBudget
  private let root: URL
  private let owner: WorkspaceOwner
  private let interruption: Interruption

  /// - Parameters:
  ///   - root: the programs' current folder.
  ///   - owner: its descriptor is inherited, so that a program which outlives its runner keeps a second one out.
  ///   - interruption: passed on to the programs.
  init(_ budget: ThreadBudget, in root: URL, owner: WorkspaceOwner, interruption: Interruption) {
    self.budget = budget
    self.root = root
    self.owner = owner
    self.interruption = interruption
  }

  func admits(_ need: Int?, beside others: [Int?]) -> Bool { budget.admits(need, beside: others) }
  func threads(among count: Int) -> Int { budget.share(among: count) }
  var mostThreads: Int { budget.threads }

  func place(of instance: Instance, fingerprint: String, in run: RunFolder) -> StagePlace {
    StagePlace(run: run, files: run)
  }

  func start(_ launch: Launch, at place: StagePlace) throws -> any StartedStage {
    let process = StageProcess(
      launch.instance.name, files: place.files, threads: launch.threads)
    try process.start(
      launch.command, in: root, secrets: launch.instance.secrets, inheriting: owner.descriptor,
      interruption: interruption)
    return LocalStage(process)
  }
}

/// A process that is an instance's program.
private final class LocalStage: StartedStage {
  private let process: StageProcess

  init(_ process: StageProcess) { self.process = process }

  func look() throws -> (events: [StageEvent], end: StageEnd?) {
    let (events, result) = try process.look()
    return (events, result.map { .ended($0) })
  }

  func grant(threads: Int) throws { try process.grant(threads: threads) }
  // The interruption of the run reaches it.
  func cancel() {}
  func close() {}
  var job: String? { nil }
}
