// How jobs end: well, by a failure of their own, for want of time or memory, or since their node failed.

import Basics
import Foundation
import Notebook
import Pipeline
import Synchronization
import TestSupport
import Testing

@Suite struct SlurmEndTests {
  let slurm: FakeSlurm
  let fixture: WorkspaceFixture

  init() throws {
    slurm = try FakeSlurm()
    fixture = try WorkspaceFixture()
  }

  /// A stage that counts its steps in its scratch, and heeds requests where `heeds`.
  private func steps(heeds: Bool) throws {
    try fixture.stage(
      "train", "outs: [model.txt]",
      body: #"""
        s="$(order scratch)"; r="$(order requests)"
        \#(heeds ? #"mkdir -p "$r""# : "")
        echo "started at $(cat "$s/step" 2>/dev/null || echo 0)"
        while [ "$(cat "$s/step" 2>/dev/null || echo 0)" -lt 40 ]; do
          if [ -e "$r/stop" ]; then echo "stopped"; exit 130; fi
          echo $(($(cat "$s/step" 2>/dev/null || echo 0) + 1)) > "$s/new"; mv "$s/new" "$s/step"
          echo "{\"metric\": {\"step\": $(cat "$s/step")}}" >> "$(order events)"
          touch running; sleep 0.02; while [ -e wait ]; do [ -e "$r/stop" ] && break; sleep 0.02; done
        done
        cat "$s/step" > "$(out model.txt)"
        """#)
  }

  /// Runs, and does something to the first job once it is at work.
  private func run(
    _ more: JSONValue.Member..., disturb: @escaping @Sendable (FakeSlurm) throws -> Void
  ) throws -> RunSummary {
    let (slurm, url) = (self.slurm, fixture.url)
    let isDone = Mutex(false)
    let listener = Listener { event in
      guard case .stage(_, .metric) = event, isDone.withLock({ !$0 }) else { return }
      isDone.withLock { $0 = true }
      let running = url.appendingPathComponent("running").path
      _ = comesTrue { FileManager.default.fileExists(atPath: running) }
      try? disturb(slurm)
      try? FileManager.default.removeItem(at: url.appendingPathComponent("wait"))
    }
    try fixture.write("", to: "wait")
    let runtime = slurm.runtime().map { member -> JSONValue.Member in
      guard member.key == "slurm", case .object(let keys) = member.value else { return member }
      return .init("slurm", .object(keys + more))
    }
    return try Runner(workspace: fixture.workspace, runtime: runtime)
      .run(RunOptions(), observer: Observers([listener, fixture.listener]))
  }

  private struct Observers: RunObserver {
    let all: [Listener]
    init(_ all: [Listener]) { self.all = all }
    func observe(_ event: RunEvent) { for one in all { one.observe(event) } }
  }

  private var log: String {
    let run = try? FileManager.default.contentsOfDirectory(atPath: fixture.url.path + "/.work/runs")
      .sorted().last
    return run.flatMap { fixture.read(".work/runs/\($0)/train.log") } ?? ""
  }

  @Test func nearItsTimeLimitAJobIsQueuedAgainAndGoesOn() throws {
    try steps(heeds: true)
    let summary = try run { $0.signal(1, SIGUSR1) }
    #expect(summary.exit == .ok, "\(summary)")
    #expect(fixture.read("model.txt") == "40\n")
    #expect(slurm.count == 1 && slurm.read("1/restarts") == "1\n")
    #expect(fixture.starts("train") == 2)
    #expect(log.contains("stopped\n") && log.contains(/started at [1-9]/), "\(log)")
    #expect(summary.results[0].metrics["step"] == 40)
  }

  @Test func whereItCannotBeQueuedAgainANewJobGoesOn() throws {
    try steps(heeds: true)
    try slurm.folder.write("", to: "no-requeue")
    let summary = try run { $0.signal(1, SIGUSR1) }
    #expect(summary.exit == .ok, "\(summary)")
    #expect(fixture.read("model.txt") == "40\n" && slurm.count == 2)
    #expect(log.contains(/started at [1-9]/), "\(log)")
  }

  @Test func aStageWithoutCheckpointsMayUseUpItsTime() throws {
    try steps(heeds: false)
    let summary = try run { $0.signal(1, SIGUSR1) }
    #expect(summary.exit == .ok && fixture.starts("train") == 1, "\(summary)")
  }

  @Test(arguments: ["NODE_FAIL", "PREEMPTED", "TIMEOUT"])
  func aNewJobGoesOnWhereAnotherFailed(_ state: String) throws {
    try steps(heeds: true)
    let summary = try run { slurm in
      try slurm.set(1, state)
      slurm.kill(1)
    }
    #expect(summary.exit == .ok, "\(summary)")
    #expect(fixture.read("model.txt") == "40\n" && slurm.count == 2 && fixture.starts("train") == 2)
    #expect(log.contains(/started at [1-9]/), "\(log)")
  }

  @Test func outOfMemorySaysHowMuchToAskFor() throws {
    try steps(heeds: true)
    let summary = try run(.init("memory", .string("2G"))) { slurm in
      try slurm.set(1, "OUT_OF_MEMORY")
      slurm.kill(1)
    }
    #expect(summary.exit == .failed)
    let error = try #require(summary.results[0].error)
    #expect(error.contains("ran out of the memory that it asked for (2048 MB)"), "\(error)")
    #expect(error.contains("runtime.slurm.memory") && error.contains("4G"), "\(error)")
  }

  /// The kernel kills the program, and not the script.
  @Test func aKilledProgramMayHaveRunOutOfMemory() throws {
    try fixture.stage(
      "train", "outs: [model.txt]",
      body: #"echo '{"metric": {"step": 1}}' >> "$(order events)"; touch running; kill -9 $$"#)
    let summary = try run { slurm in
      _ = comesTrue { slurm.state(1) == "FAILED" }
      try slurm.set(1, "OUT_OF_MEMORY")
    }
    #expect(summary.results[0].error?.contains("ran out of the memory") == true, "\(summary)")
  }

  @Test func ownFailuresAreAsOnThisMachine() throws {
    try fixture.stage("train", "outs: [model.txt]", body: "echo 'error: no such thing'; exit 2")
    let summary = try Runner(workspace: fixture.workspace, runtime: slurm.runtime())
      .run(RunOptions(), observer: fixture.listener)
    #expect(summary.exit == .badInput)
    #expect(summary.results[0].error == "no such thing" && summary.results[0].exitStatus == 2)
    #expect(!fixture.exists(".work/jobs/train"))
  }

  @Test func cancelledFromOutsideIsAnInterruption() throws {
    try steps(heeds: true)
    let summary = try run { slurm in
      try slurm.set(1, "CANCELLED")
      slurm.kill(1)
    }
    #expect(summary.exit == .interrupted && summary.results[0].outcome == .interrupted)
    #expect(!summary.results[0].isLeft)
  }

  @Test func cancellingKeepsACheckpoint() throws {
    try steps(heeds: true)
    let summary = try run { slurm in
      slurm.signal(1, SIGTERM)
      _ = comesTrue { slurm.state(1) == "FAILED" }
      try slurm.set(1, "CANCELLED")
    }
    #expect(summary.exit == .interrupted, "\(summary)")
    #expect(log.contains("stopped\n"), "\(log)")
    // The next one isn't stopped by what was asked of this one.
    let again = try Runner(workspace: fixture.workspace, runtime: slurm.runtime())
      .run(RunOptions(), observer: fixture.listener)
    #expect(again.exit == .ok && log.contains(/started at [1-9]/), "\(again) \(log)")
  }

  @Test func aJobThatIsGoneFails() throws {
    try steps(heeds: true)
    let summary = try run { slurm in
      slurm.kill(1)
      try slurm.set(1, nil)
    }
    #expect(summary.exit == .failed)
    #expect(summary.results[0].error?.contains("gone from the queue") == true, "\(summary)")
  }

  @Test func theControllerMayBeAway() throws {
    try steps(heeds: true)
    let summary = try run { slurm in
      try slurm.folder.write("", to: "down")
      usleep(300_000)
    }
    #expect(summary.exit == .ok, "\(summary)")
    #expect(
      fixture.listener.notices.count { $0.contains("Unable to contact slurm controller") } == 1)
  }

  @Test(arguments: [
    (
      "sbatch: error: Batch job submission failed: Invalid partition name specified", "partition"
    ),
    (
      "sbatch: error: Batch job submission failed: Invalid account or account/partition combination",
      "account"
    ),
    (
      "sbatch: error: Batch job submission failed: Requested node configuration is not available",
      "memory"
    ),
    ("sbatch: error: Invalid --time specification", "time"),
    (
      "sbatch: error: Batch job submission failed: Unable to contact slurm controller",
      "scontrol ping"
    ),
  ])
  func refusals(_ words: String, _ hint: String) throws {
    try fixture.stage("train", "outs: [model.txt]", body: "true")
    try slurm.folder.write(words + "\n", to: "refuse")
    let summary = try Runner(workspace: fixture.workspace, runtime: slurm.runtime())
      .run(RunOptions(), observer: fixture.listener)
    let error = try #require(summary.results[0].error)
    #expect(error.hasPrefix("train: sbatch refuses the job: ") && error.contains(hint), "\(error)")
    #expect(!error.contains("sbatch: error"))
    #expect(summary.exit == .failed)
  }
}
