// `kill -9` in the midst of training, then the same command again.

import Foundation
import Testing

extension EndToEndTests {
  @Suite struct Crash {
    enum Victim: String, CaseIterable { case runner, everything }

    @Test(arguments: Victim.allCases) func killedRunGoesOn(_ victim: Victim) async throws {
      let finished = try #require(EndToEndTests.finished)
      let fixture = try await killed(victim)
      // The lock knows just what was finished, and no output is there that it doesn't know.
      let lock = try fixture.text("work.lock")
      #expect(lock.contains("folds:"))
      #expect(
        try fixture.leftovers(
          besides: "data/raw", "data/train", "data/test", "data/tables",
          "data/eda.json", "data/folds.csv") == [])

      let report = try await fixture.report("all", "--threads", "2")
      #expect(report.instances("fresh") == ["download", "unzip", "eda", "folds"])
      #expect(
        report.instances("done") == ["train@0", "train@1", "evaluate", "predict", "submission"])
      // The checkpoint was taken up: an epoch that was finished isn't trained again.
      let log = try latestLog(fixture, "train@0")
      #expect(log.contains("resumed an interrupted run after epoch"), "\(log)")
      #expect(try fixture.outputs() == finished.outputs())
      // Nothing is left of the broken run.
      #expect(try Listing.paths(fixture.file(".work/scratch")) == [])
      let again = try await fixture.report("all")
      #expect(again.results.allSatisfy { $0.outcome == "fresh" })
    }

    /// Both folds in the midst of an epoch, then the runner is killed, and takes them along.
    @Test func foldsSideBySideGoOnInTheMidstOfAnEpoch() async throws {
      // Twenty steps an epoch, and a checkpoint after each.
      let options = ["train", "-S", "train.batch=1", "-S", "train.epochs=12", "--threads", "2"]
      let unbroken = try EndToEndTests.finishedCopy()
      let expected = try await unbroken.report(options)
      #expect(expected.instances("done") == ["train@0", "train@1"])

      let fixture = try EndToEndTests.finishedCopy()
      try fixture.edit("params.yaml", "checkpoint_seconds: 60", "checkpoint_seconds: 0")
      let before = try fixture.text("work.lock")
      let command = try fixture.start(["run"] + options + ["-j", "2"])
      // One at the beginning of its epoch, so that this isn't over when the signal arrives.
      while true {
        let steps = try ["train@0", "train@1"].compactMap { try stepsWithinEpoch(fixture, $0) }
        if steps.count == 2, steps.contains(where: { $0 <= 5 }) { break }
        guard command.isRunning else {
          throw Failure("ended before it could be killed: \(try await command.output())")
        }
        try await Task.sleep(for: .milliseconds(1))
      }
      kill(command.id, SIGKILL)
      _ = try await command.output()
      #expect(try fixture.text("work.lock") == before)

      let report = try await fixture.report(options + ["-j", "2"])
      #expect(report.instances("done") == ["train@0", "train@1"])
      let logs = try (0...1).map { try latestLog(fixture, "train@\($0)") }
      #expect(logs.allSatisfy { $0.contains("resumed an interrupted run after epoch") }, "\(logs)")
      #expect(logs.contains { $0.contains(" steps\n") }, "\(logs)")
      #expect(try fixture.outputs() == unbroken.outputs())
      #expect(try fixture.text("work.lock") == unbroken.text("work.lock"))
    }

    /// The steps done of the epoch within which an instance's checkpoint was made; nil where it was made
    /// between epochs, or there is none.
    private func stepsWithinEpoch(_ fixture: WorkspaceFixture, _ instance: String) throws -> Int? {
      let scratch = fixture.file(".work/scratch/\(instance)")
      return try Listing.paths(scratch).compactMap { path -> Int? in
        guard path.hasSuffix("/state/checkpoint.safetensors"),
          let file = try? FileHandle(forReadingFrom: scratch.appendingPathComponent(path)),
          let head = try? file.read(upToCount: 1 << 16)
        else { return nil }
        let parts = String(decoding: head, as: UTF8.self).components(separatedBy: "unfinished")
        guard parts.count > 1,
          let steps = parts[1].components(separatedBy: "steps").dropFirst().first
        else { return nil }
        return Int(steps.drop { !$0.isNumber }.prefix { $0.isNumber })
      }.first
    }

    /// A workspace whose run was killed after the first epoch's checkpoint of train@0.
    private func killed(_ victim: Victim) async throws -> WorkspaceFixture {
      let fixture = try WorkspaceFixture()
      let command = try fixture.start([
        "run", "all", "--data", fixture.served.path, "--threads", "2", "-j", "1",
      ])
      let scratch = fixture.file(".work/scratch/train@0")
      while try !Listing.paths(scratch).contains(where: {
        $0.hasSuffix("/state/checkpoint.safetensors")
      }) {
        guard command.isRunning else {
          throw Failure("ended before it could be killed: \(try await command.output())")
        }
        try await Task.sleep(for: .milliseconds(2))
      }
      let stages = children(of: command.id)
      #expect(stages.count == 1, "train@0 runs")
      kill(-command.id, SIGKILL)
      kill(command.id, SIGKILL)
      if victim == .everything {
        for stage in stages {
          kill(-stage, SIGKILL)
          kill(stage, SIGKILL)
        }
      }
      let output = try await command.output()
      #expect(output.status == 128 + SIGKILL, "\(output)")
      try #require(
        !fixture.text("work.lock").contains("train@0"), "train@0 ended before it could be killed")
      return fixture
    }

    private func children(of parent: pid_t) -> [pid_t] {
      let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return processes.compactMap { pid_t($0) }.filter { process in
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
          let end = stat.lastIndex(of: ")")
        else { return false }
        return stat[end...].split(separator: " ").dropFirst(2).first == "\(parent)"
      }
    }

    /// The log of an instance's latest run.
    private func latestLog(_ fixture: WorkspaceFixture, _ instance: String) throws -> String {
      let logs = try Listing.paths(fixture.file(".work/runs")).filter {
        $0.hasSuffix("/\(instance).log")
      }
      #expect(logs.count >= 2, "one of the killed run, one of this")
      return try fixture.text(".work/runs/" + (try #require(logs.last)))
    }
  }
}
