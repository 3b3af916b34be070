// How the jobs of a user stand, as squeue tells. All jobs of a run share one look, since each is a question to the
// cluster's controller.

import Basics
import Foundation

/// How a job stands.
struct SlurmJobState: Equatable {
  /// In Slurm's words: "PENDING", "RUNNING", "TIMEOUT", …
  var name: String
  /// Why it waits or has ended, in Slurm's words; "None" where there is no reason.
  var reason: String
  /// Where it runs or ran; empty before it does.
  var node: String
  /// What it was submitted with.
  var comment: String

  private static let final: Set = [
    "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
    "PREEMPTED", "REVOKED", "TIMEOUT",
  ]

  /// Whether it has ended, and Slurm is not going to start it again.
  var isOver: Bool { Self.final.contains(name) }

  /// Whether it ended by no fault of its program, so that it may be tried again.
  var isMishap: Bool { ["BOOT_FAIL", "NODE_FAIL", "PREEMPTED"].contains(name) }
}

/// The queue as it was at the last look.
final class SlurmQueue {
  private let commands: SlurmCommands
  private let every: Duration
  private let tell: (String) -> Void
  private var call: (call: SlurmCommands.Call, began: ContinuousClock.Instant)?
  private var due = ContinuousClock.now
  private var isFailing = false
  /// By number; nil until there was a look.
  private(set) var jobs: [String: SlurmJobState]?
  /// When the last look that succeeded began.
  private(set) var looked: ContinuousClock.Instant?

  /// - Parameters:
  ///   - every: how long a look holds.
  ///   - tell: told where squeue begins to fail, and where it works again.
  init(_ commands: SlurmCommands, every: Duration, tell: @escaping (String) -> Void) {
    self.commands = commands
    self.every = every
    self.tell = tell
  }

  private static let arguments = [
    "--noheader", "--user=\(geteuid())", "--states=all", "--format=%i|%T|%r|%N|%k",
  ]

  /// Begins a look where one is due, or takes in what it found. Waits for nothing.
  func poll() throws {
    if let (call, began) = call {
      guard let answer = try call.answer() else { return }
      self.call = nil
      due = ContinuousClock.now + every
      if answer.status == 0 {
        take(answer, began)
        if isFailing { tell("squeue answers again") }
        isFailing = false
      } else if !isFailing {
        // A controller that is being restarted is no reason to give up jobs that run.
        isFailing = true
        tell("squeue fails (\(answer.words)); the jobs go on, and it is asked again")
      }
    } else if ContinuousClock.now >= due {
      call = (try commands.start("squeue", Self.arguments), .now)
    }
  }

  /// Looks now.
  ///
  /// - Throws: `PipelineError` where squeue fails.
  func look() throws -> [String: SlurmJobState] {
    let began = ContinuousClock.now
    let answer = try commands.run("squeue", Self.arguments)
    guard answer.status == 0 else {
      throw PipelineError("squeue fails: \(answer.words)", exit: .failed)
    }
    take(answer, began)
    return jobs ?? [:]
  }

  private func take(_ answer: SlurmCommands.Answer, _ began: ContinuousClock.Instant) {
    var found: [String: SlurmJobState] = [:]
    for line in answer.text.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false)
      guard fields.count == 5 else { continue }
      found[fields[0].trimmingCharacters(in: .whitespaces)] = SlurmJobState(
        name: String(fields[1]), reason: String(fields[2]), node: String(fields[3]),
        comment: String(fields[4]))
    }
    jobs = found
    looked = began
  }
}
