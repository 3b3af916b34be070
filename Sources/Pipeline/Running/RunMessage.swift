// The last line of a run: how it ended, and what to type to go on.

import Basics

/// What a run came to, in one sentence.
struct RunMessage {
  private let results: [InstanceResult]
  private let exit: ExitCode
  private let options: RunOptions

  init(_ results: [InstanceResult], _ exit: ExitCode, _ options: RunOptions) {
    self.results = results
    self.exit = exit
    self.options = options
  }

  var text: String {
    if exit == .interrupted { return interrupted }
    return names(.failed).isEmpty ? good : failed
  }

  private func names(_ outcome: InstanceResult.Outcome) -> [String] {
    results.filter { $0.outcome == outcome }.map(\.instance)
  }

  private var again: String {
    options.command
      ?? "work run" + (options.targets.isEmpty ? " all" : options.targets.map { " \($0)" }.joined())
  }

  private var failure: String {
    names(.failed).isEmpty ? "" : "\(listed(names(.failed))) failed"
  }

  private var interrupted: String {
    let left = results.filter(\.isLeft)
    let stopped = results.filter { $0.outcome == .interrupted && !$0.isLeft }.map(\.instance)
    let goesOn =
      switch stopped.count {
      case 0: ""
      case 1: ", and \(stopped[0]) goes on from its last checkpoint"
      default: ", and \(listed(stopped)) go on from their last checkpoints"
      }
    let start =
      (failure.isEmpty ? "" : failure + "; then ") + "interrupted; what is finished is kept"
      + goesOn
    guard !left.isEmpty else { return start + ": `\(again)`" }
    let jobs = left.map { "\($0.instance)" + ($0.job.map { " (job \($0))" } ?? "") }
    let (go, them) = left.count == 1 ? ("goes", "it") : ("go", "them")
    return start + "; \(listed(jobs)) \(go) on in the cluster: `\(again)` follows \(them), "
      + "`work cancel` cancels \(them)"
  }

  private var failed: String {
    let waiting = names(.notStarted).count
    let done = names(.done).count
    let others = options.keepGoing && done > 0 ? ", \(done) ran anyway" : ""
    return failure + (waiting == 0 ? "" : ", \(waiting) not started") + others
      + "; fix it, then `\(again)`"
  }

  private var good: String {
    let frozen = names(.frozen)
    let kept = frozen.isEmpty ? "" : "; frozen, though stale: \(frozen.joined(separator: ", "))"
    let (restored, done) = (names(.restored).count, names(.done).count)
    let made = [
      restored == 0 ? nil : "\(restored) restored from the cache", done == 0 ? nil : "\(done) ran",
    ].compactMap { $0 }.joined(separator: ", ")
    return made.isEmpty
      ? "nothing to do: all is up to date\(kept)" : "\(made), the rest is up to date\(kept)"
  }
}

/// "a", "a and b", "a, b and c".
func listed(_ names: [String]) -> String {
  names.count < 2
    ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
}
