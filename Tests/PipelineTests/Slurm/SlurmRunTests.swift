// Runs whose instances are jobs: what a job asks for and gets, left by Ctrl-C and picked up again, cancelled.

import Basics
import Foundation
import Notebook
import Pipeline
import TestSupport
import Testing

@Suite struct SlurmRunTests {
  let slurm: FakeSlurm
  let fixture: WorkspaceFixture

  init() throws {
    slurm = try FakeSlurm()
    fixture = try WorkspaceFixture()
  }

  @discardableResult
  private func run(
    _ targets: String..., local: Bool = false, interruption: Interruption = Interruption(),
    listener: Listener? = nil
  ) throws -> RunSummary {
    var runtime = slurm.runtime()
    if local { runtime[0] = .init("executor", .string("local")) }
    return try Runner(workspace: fixture.workspace, runtime: runtime).run(
      RunOptions(targets: targets, interruption: interruption),
      observer: listener ?? fixture.listener)
  }

  /// A stage that waits for a file, and keeps in its scratch how often it was started.
  private func waiting() throws {
    try fixture.stage(
      "train", "params: [seed]", "outs: [model.txt]",
      body: #"""
        echo '{"metric": {"loss": 0.5}}' >> "$(order events)"
        echo '{"metric": {"score": 0.7}}' >> "$(order record)"
        touch started
        n=0; while [ ! -e go ]; do n=$((n + 1)); [ $n -lt 600 ] || exit 9; sleep 0.05; done
        echo model > "$(out model.txt)"
        """#)
    try fixture.copy("end", from: "model.txt", to: "end.txt")
  }

  /// A run that is interrupted as soon as the job has started.
  private func leave() throws -> RunSummary {
    let interruption = Interruption()
    let url = fixture.url.appendingPathComponent("started")
    let listener = Listener { event in
      guard case .stage(_, .message(let text)) = event, text.contains("runs on") else { return }
      _ = comesTrue { FileManager.default.fileExists(atPath: url.path) }
      interruption.request()
    }
    return try run(interruption: interruption, listener: listener)
  }

  @Test func aRunByJobsIsAsALocalOne() throws {
    try fixture.write("n: 3\n", to: "params.yaml")
    try fixture.stage(
      "part", "outs: [\"data/${k}.txt\"]", "foreach: {k: n}",
      body: #"""
        echo word; echo '{"metric": {"score": 0.25}}' >> "$(order events)"
        sleep 0.3; order instance > "$(out "$(sed -n 's|^ *"\(data/.\.txt\)" : .*|\1|p' "$WORK_ORDER")")"
        """#)
    try fixture.stage(
      "download", "outs: [raw.txt]", body: #"echo "${SLURM_JOB_ID:-here}" > "$(out raw.txt)""#)
    let other = try WorkspaceFixture(copying: fixture)
    let summary = try run()
    #expect(summary.exit == .ok, "\(summary)")
    #expect(try other.run().exit == .ok)
    #expect(fixture.read("work.lock") == other.read("work.lock"))
    #expect(fixture.read("data/2.txt") == "part@2\n")
    // What fetches files stays on this machine.
    #expect(fixture.read("raw.txt") == "here\n")
    #expect(slurm.count == 3)
    let part = try #require(summary.results.first { $0.instance == "part@1" })
    #expect(part.metrics == ["score": 0.25] && part.job != nil && !part.isLeft)
    #expect(part.seconds ?? 0 > 0.2 && part.peakMemory ?? 0 > 100_000, "\(part)")
    #expect(try String(contentsOf: #require(part.log), encoding: .utf8).contains("word"))
    // Nothing is left of the jobs, and the run's folder has files of its own.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.url.path + "/.work/jobs") == [])
    let kept = try FileManager.default.attributesOfItem(atPath: #require(part.log).path)
    #expect(kept[.type] as? FileAttributeType == .typeRegular)
    #expect(try run().results.allSatisfy { $0.outcome == .fresh })
  }

  @Test func aJobAsksForWhatIsKnown() throws {
    try waiting()
    try fixture.write("", to: "go")
    try fixture.write(#"{"train": {"bytes": 1073741824, "seconds": 3}}"#, to: ".work/costs.json")
    #expect(try run("train").exit == .ok)
    let words = try #require(slurm.read("1/arguments")).split(separator: "\n").map(String.init)
    let asked = [
      "--parsable", "--job-name=work/train", "--cpus-per-task=3", "--mem=1536M", "--requeue",
      "--signal=B:USR1@60", "--export=ALL", "--open-mode=append",
      "--chdir=\(fixture.url.path)",
    ]
    #expect(Set(asked).isSubset(of: words), "\(words)")
    #expect(
      words.contains { $0.hasPrefix("--comment=") && $0.hasSuffix(" of \(fixture.url.path)") })
    #expect(!words.contains { $0.hasPrefix("--time") || $0.hasPrefix("--partition") })
    let script = try #require(slurm.read("1/script"))
    #expect(script.contains("export WORK_ORDER=") && !script.contains("PATH="))
    let environment = try #require(slurm.read("1/environment"))
    #expect(!environment.contains("KAGGLE_") && !environment.contains("AWS_"))
  }

  @Test func interruptedTheRunnerLeavesTheJobAndTheNextRunTakesItsResult() throws {
    let parameters = try #require(fixture.read("params.yaml"))
    try waiting()
    let left = try leave()
    #expect(left.exit == .interrupted)
    let train = try #require(left.results.first { $0.instance == "train" })
    #expect(train.isLeft && train.job == "1" && train.outcome == .interrupted)
    #expect(left.message.contains("train (job 1) goes on in the cluster"), "\(left.message)")
    #expect(left.message.contains("`work cancel` cancels it"))
    #expect(slurm.state(1) == "RUNNING")
    // Its checkpoints are not to be removed now.
    let refused = message { try fixture.runner().clean(fixture.runner().cleaning()) }
    #expect(refused?.contains("work cancel") == true)
    // Nor by `work gc`, whatever the parameters are by now.
    try #require(fixture.exists(".work/scratch/train"))
    try fixture.write("seed: 2\n", to: "params.yaml")
    _ = try fixture.runner().collect(keep: 0)
    #expect(fixture.exists(".work/scratch/train"))
    try fixture.write(parameters, to: "params.yaml")
    try fixture.write("", to: "go")
    #expect(comesTrue { slurm.state(1) == "COMPLETED" })
    // Whatever the executor is now.
    let summary = try run(local: true)
    #expect(summary.exit == .ok, "\(summary)")
    #expect(fixture.starts("train") == 1)
    #expect(fixture.read("end.txt") == "model\n")
    let done = try #require(summary.results.first { $0.instance == "train" })
    #expect(done.outcome == .done && done.metrics["loss"] == 0.5)
    // Both runs have the log.
    for folder in [left.folder, summary.folder] {
      let log = try #require(folder).appendingPathComponent("train.events.jsonl")
      #expect(try String(contentsOf: log, encoding: .utf8).contains("loss"))
    }
    #expect(!fixture.exists(".work/jobs/train") && !fixture.exists(".work/scratch/train"))
  }

  @Test func aRunFollowsAJobThatStillRuns() throws {
    try waiting()
    _ = try leave()
    let url = fixture.url
    let listener = Listener { event in
      guard case .stage(_, .message(let text)) = event, text.contains("goes on as job 1") else {
        return
      }
      _ = FileManager.default.createFile(
        atPath: url.appendingPathComponent("go").path, contents: nil)
    }
    #expect(try run(listener: listener).exit == .ok)
    #expect(fixture.starts("train") == 1)
  }

  @Test func aJobWhoseNumberNobodyWroteDownIsFound() throws {
    try waiting()
    _ = try leave()
    // As a runner leaves it that is killed while it submits.
    let file = ".work/jobs/train/job.json"
    let text = try #require(fixture.read(file))
    try fixture.write(text.replacing(/"job" : "1",\n/, with: ""), to: file)
    try fixture.write("", to: "go")
    #expect(try run().exit == .ok)
    #expect(fixture.starts("train") == 1)
  }

  @Test func aJobOfOtherParametersIsCancelled() throws {
    try waiting()
    _ = try leave()
    try fixture.write("seed: 2\n", to: "params.yaml")
    try fixture.write("", to: "go")
    let summary = try run()
    #expect(summary.exit == .ok, "\(summary)")
    #expect(fixture.starts("train") == 2)
    #expect(
      fixture.listener.notices.contains { $0.contains("cancels job 1") }
        || slurm.state(1) == "COMPLETED")
  }

  @Test func cancelEndsJobsAndTheNextRunBeginsAnew() throws {
    try waiting()
    _ = try leave()
    #expect(try fixture.status("train")?.job == "1")
    let wrong = message { _ = try jobs().cancel(["end"]) }
    #expect(wrong == "end has no job in the cluster; there are jobs of: train")
    #expect(try jobs().cancel([]) == [.init(instance: "train", job: "1")])
    #expect(slurm.state(1) == "CANCELLED")
    #expect(try jobs().cancel(["train"]) == [.init(instance: "train", job: nil)])
    #expect(try jobs().cancel([]) == [] && !fixture.exists(".work/jobs/train"))
    #expect(try fixture.status("train")?.job == nil)
    try fixture.write("", to: "go")
    #expect(try run("train").exit == .ok)
    #expect(slurm.count == 2)
  }

  private func jobs() throws -> ClusterJobs {
    try fixture.write(
      "seed: 1\nruntime:\n  slurm:\n    commands: \(slurm.folder.url.path)\n", to: "params.yaml")
    return try ClusterJobs(fixture.workspace)
  }

  @Test func stoppingTheRunEndsJobsThatWait() throws {
    try waiting()
    try slurm.folder.write("", to: "held")
    let url = fixture.url
    let listener = Listener { event in
      guard case .stage(_, .message(let text)) = event, text.contains("waits in the queue"),
        let run = try? FileManager.default.contentsOfDirectory(atPath: url.path + "/.work/runs")
          .first
      else { return }
      _ = FileManager.default.createFile(
        atPath: "\(url.path)/.work/runs/\(run)/stop", contents: nil)
    }
    let summary = try run(listener: listener)
    #expect(summary.exit == .interrupted && summary.results.allSatisfy { !$0.isLeft }, "\(summary)")
    #expect(slurm.state(1) == "CANCELLED")
    try FileManager.default.removeItem(at: slurm.file("held"))
    try fixture.write("", to: "go")
    #expect(try run("train").exit == .ok)
    #expect(slurm.count == 2)
  }

  @Test func whatIsFreshNeedsNoJob() throws {
    try waiting()
    try fixture.write("", to: "go")
    #expect(try run().exit == .ok)
    let lock = try #require(fixture.read("work.lock"))
    let parameters = try #require(fixture.read("params.yaml"))
    try fixture.write("seed: 2\n", to: "params.yaml")
    try fixture.remove("go")
    try fixture.remove("started")
    _ = try leave()
    // The first two were those of the run before.
    #expect(slurm.state(3) == "RUNNING")
    try fixture.write(parameters, to: "params.yaml")
    #expect(fixture.read("work.lock") == lock)
    #expect(try run().results.allSatisfy { $0.outcome == .fresh })
    #expect(slurm.state(3) == "CANCELLED" && !fixture.exists(".work/jobs/train"))
  }
}
