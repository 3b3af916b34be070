// `work sweep` and `work queue` as their users have them, on a workspace of two small stages.

import Foundation
import TestSupport
import Testing

extension EndToEndTests {
  @Suite struct Sweeping {
    /// *prepare* makes something that all settings share, *evaluate* a score of the parameters.
    final class Small: Sendable {
      let folder: TemporaryFolder
      var root: URL { folder.url }

      /// - Parameter trains: whether there is a training of seven epochs, too, which can be stopped after any.
      init(trains: Bool = false) throws {
        folder = try TemporaryFolder()
        try folder.write(
          """
          # A comment.
          rate: 1  # what is varied
          train:
            mode: plain  # stays
            pause: 0
          base: 1

          """, to: "params.yaml")
        try stage(
          "prepare", "params: [base]", "outs: [prepared.txt]",
          body: "echo ready > \"$(out prepared.txt)\"")
        try stage(
          "evaluate", trains ? "deps: [prepared.txt, model.txt]" : "deps: [prepared.txt]",
          "params: [rate, train]", "outs: [score.txt]",
          body: """
            rate=$(order rate); mode=$(order mode)
            [ "$mode" != broken ] || { echo "no such mode" >&2; exit 1; }
            n=$(($(order pause) * 10))
            while [ $n -gt 0 ]; do sleep 0.1; n=$((n - 1)); done
            printf '{"metric": {"score": 0.%s}}\\n' "$rate" >> "$(order events)"
            echo "$rate $mode" > "$(out score.txt)"
            """)
        if trains { try addTraining() }
      }

      private func addTraining() throws {
        try stage(
          "train", "params: [rate]", "outs: [model.txt]",
          body: #"""
            rate=$(order rate); r=$(order requests); s=$(order scratch); mkdir -p "$r"
            tell() { printf '{"metric": {"score of fold": 0.%s}, "step": %s}\n' "$rate" "$1" >> "$(order events)"; }
            n=0; [ ! -e "$s/n" ] || n=$(cat "$s/n")
            i=0; while [ $i -lt $n ]; do i=$((i+1)); tell $i; done
            stop=
            while [ $n -lt 7 ] && [ -z "$stop" ]; do
              sleep 0.25; n=$((n+1)); echo "$rate $n" >> "$(order root)/.epochs"
              if [ $n -lt 7 ] && [ -e "$r/stop-after-epoch" ]; then stop=1; fi
              echo $n > "$s/n"; tell $n
            done
            [ -z "$stop" ] || printf '{"course": {"planned": 7, "stopped_after": %s}}\n' $n >> "$(order events)"
            echo "$rate $n" > "$(out model.txt)"
            """#)
      }

      /// A stage in shell; `order KEY` prints a text or number of the order.
      private func stage(_ name: String, _ header: String..., body: String) throws {
        try folder.write(
          """
          #!/bin/sh
          # ---
          \(header.map { "# \($0)" }.joined(separator: "\n"))
          # ---
          set -e
          order() { sed -n "s|^ *\\"$1\\" : \\"\\{0,1\\}\\([^\\",]*\\)\\"\\{0,1\\},\\{0,1\\}\\$|\\1|p" "$WORK_ORDER" | head -n 1; }
          out() { order "$1"; }
          echo "\(name) $(order rate)" >> "$(order root)/.ran"
          \(body)

          """, to: "stages/\(name).sh")
      }

      func start(_ arguments: [String]) throws -> Command {
        try Command(Package.work, arguments, in: root, environment: Package.environment())
      }

      func work(_ arguments: String...) async throws -> Output {
        try await start(arguments).output(within: 60)
      }

      func text(_ path: String) -> String {
        (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
      }

      /// The stages that were started, in order.
      var ran: [String] {
        text(".ran").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      }

      /// Waits until a file of a sweep says something.
      func wait(for words: String, in path: String) async throws {
        for _ in 0..<300 {
          if text(path).contains(words) { return }
          try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure("\(path) never said \(words): \(text(path))")
      }
    }

    struct Answer: Decodable {
      struct Line: Decodable {
        var number: Int
        var state: String
        var values: [String: String]
        var score: Double?
        var run: String?
        var error: String?
      }
      var sweep: Int
      var exit: Int32
      var best: Int?
      var bestCommand: String?
      var page: String
      var reason: String?
      var applied: [String]
      var settings: [Line]
    }

    struct Queue: Decodable {
      struct Line: Decodable {
        var sweep: Int
        var number: Int
        var state: String
      }
      var paused: Bool
      var process: Int32?
      var settings: [Line]
    }

    @Test func aGridRunsWithSharedStagesOnce() async throws {
      let small = try Small()
      _ = try await small.work("run")
      let before = (small.text("params.yaml"), small.text("score.txt"))
      let output = try await small.work(
        "sweep", "-S", "rate=3,5,4", "-S", "train.mode=plain,fine", "--json")
      #expect(output.status == 0, "\(output)")
      let answer = try output.decoded(Answer.self)
      #expect(answer.settings.map(\.score) == [0.5, 0.5, 0.4, 0.4, 0.3, 0.3])
      #expect(
        answer.best == 3 && answer.bestCommand == "work run all -S rate=5 -S train.mode=plain")
      #expect(small.ran.filter { $0.hasPrefix("prepare") }.count == 1)
      #expect(small.ran.count == 8, "\(small.ran)")
      // The workspace is as it was.
      #expect(small.text("params.yaml") == before.0 && small.text("score.txt") == before.1)
      #expect(try await small.work("run", "--dry-run").status == 0)
      let html = try String(contentsOfFile: answer.page, encoding: .utf8)
      #expect(answer.page.hasSuffix(".work/pages/sweep-1.html"))
      #expect(html.contains("Sweep 1") && html.contains("train.mode") && html.contains("lines s0"))
      // Each setting is a run like others.
      let runs = try await small.work("runs", "--where", "rate == 5", "--json")
      for line in answer.settings where line.score == 0.5 {
        #expect(runs.out.contains(try #require(line.run)))
      }
      // A second time there is nothing to do.
      let again = try await small.work("sweep", "-S", "rate=3,5,4", "-S", "train.mode=plain,fine")
      #expect(
        again.status == 0 && again.out.contains("best        work run all -S rate=5"), "\(again)")
      #expect(small.ran.count == 8)
    }

    @Test func theBestIsAppliedWhereThatIsAsked() async throws {
      let small = try Small()
      let output = try await small.work(
        "sweep", "-S", "rate=2..9:3", "-S", "train.mode=fine", "--apply")
      #expect(output.status == 0 && output.out.contains("wrote       rate: 9"), "\(output)")
      #expect(
        small.text("params.yaml")
          == """
          # A comment.
          rate: 9  # what is varied
          train:
            mode: "fine"  # stays
            pause: 0
          base: 1

          """)
      #expect(small.text("score.txt") == "9 fine\n")
      let status = try await small.work("run", "--dry-run")
      #expect(status.status == 0, "\(status)")
      // It is the same sweep still.
      let again = try await small.work(
        "sweep", "-S", "rate=2..9:3", "-S", "train.mode=fine", "--apply")
      #expect(again.out.contains("says the best setting already"), "\(again)")
      #expect(again.out.contains("sweep-1.html"))
    }

    @Test func aKilledSweepGoesOn() async throws {
      let small = try Small()
      let arguments = ["sweep", "-S", "rate=1,2,3", "-S", "train.pause=0,600"]
      let command = try small.start(arguments)
      // The second setting sleeps.
      try await small.wait(for: "evaluate 1\nevaluate 1", in: ".ran")
      let busy = try await small.work("sweep", "-S", "rate=7,8")
      #expect(busy.status == 4 && busy.err.contains("another `work sweep`"), "\(busy)")
      let queue = try await small.work("queue", "--json").decoded(Queue.self)
      #expect(queue.process == command.id && queue.settings.map(\.number) == [2, 3, 4, 5, 6])
      #expect(queue.settings.map(\.state).prefix(2) == ["running", "waiting"])
      let running = try await small.work("queue", "remove", "2")
      #expect(running.status == 2 && running.err.contains("work stop"), "\(running)")
      kill(command.id, SIGKILL)
      _ = try await command.output()
      for number in ["2", "1.4", "6"] {
        let removed = try await small.work("queue", "remove", number)
        #expect(removed.status == 0, "\(removed)")
      }
      let on = try await small.work("sweep", "--resume", "--json")
      let answer = try on.decoded(Answer.self)
      #expect(on.status == 0 && answer.sweep == 1, "\(on)")
      let states = Dictionary(uniqueKeysWithValues: answer.settings.map { ($0.number, $0.state) })
      #expect(
        states == [1: "done", 2: "removed", 3: "done", 4: "removed", 5: "done", 6: "removed"])
      // What had ended before is not run again.
      #expect(small.ran.count { $0 == "evaluate 1" } == 2)
      #expect(try await small.work("queue").err.contains("nothing waits"))
    }

    @Test func aPausedSweepWaits() async throws {
      let small = try Small()
      let pause = try await small.work("queue", "pause")
      #expect(pause.status == 0 && pause.out.contains("paused"), "\(pause)")
      let command = try small.start(["sweep", "-S", "rate=1,2"])
      try await small.wait(for: "settings", in: ".work/sweeps/1/sweep.json")
      try await Task.sleep(for: .milliseconds(600))
      #expect(small.ran == [] && command.isRunning)
      let queue = try await small.work("queue")
      #expect(queue.out.contains("1.2") && queue.err.contains("paused"), "\(queue)")
      #expect(try await small.work("queue", "resume", "--json").out.contains("\"paused\" : false"))
      let output = try await command.output(within: 60)
      #expect(output.status == 0 && small.ran.count == 3, "\(output)")
    }

    @Test func anInterruptedSweepSaysHowToGoOn() async throws {
      let small = try Small()
      let command = try small.start(["sweep", "-S", "train.pause=600,0"])
      try await small.wait(for: "evaluate", in: ".ran")
      let stop = try await small.work("stop")
      #expect(stop.status == 0, "\(stop)")
      let output = try await command.output(within: 60)
      #expect(output.status == 130 && output.err.contains("work sweep --resume 1"), "\(output)")
      #expect(small.text(".work/sweeps/1/sweep.json").contains("waiting"))
    }

    @Test func aFailureIsOfItsSettingAlone() async throws {
      let small = try Small()
      let arguments = ["sweep", "-S", "rate=1,2", "-S", "train.mode=broken,plain", "--json"]
      let output = try await small.start(arguments).output(within: 60)
      let answer = try output.decoded(Answer.self)
      #expect(output.status == 1 && answer.exit == 1, "\(output)")
      #expect(answer.settings.map(\.state) == ["done", "done", "failed", "failed"])
      #expect(answer.settings[2].error?.contains("evaluate: ") == true)
      #expect(answer.best == 4)
      // Asked again, it tries them again.
      let count = small.ran.count
      #expect(try await small.start(arguments).output(within: 60).status == 1)
      #expect(small.ran.count == count + 2)
      let hopeless = try await small.work("sweep", "-S", "rate=1..9", "-S", "train.mode=broken")
      #expect(hopeless.status == 1 && hopeless.err.contains("3 settings in a row"), "\(hopeless)")
    }

    @Test func aBudgetEndsItWell() async throws {
      let small = try Small()
      let first = try await small.work("sweep", "-S", "rate=1..9", "--budget", "2")
      #expect(first.status == 0 && first.err.contains("7 settings wait"), "\(first)")
      #expect(small.ran.count == 3)
      // Not the first of the grid.
      #expect(small.ran != ["prepare", "evaluate 1", "evaluate 2"])
      let more = try await small.work("sweep", "--resume", "--budget", "3")
      #expect(more.status == 0 && small.ran.count == 4, "\(more)")
      let random = try await small.work(
        "sweep", "-S", "rate=10..90", "--random", "2", "--seed", "4", "--quiet")
      #expect(random.status == 0 && random.out == "" && random.err == "", "\(random)")
      #expect(small.ran.count == 6)
    }

    @Test func halvingTrainsTheBestToTheEnd() async throws {
      let small = try Small(trains: true)
      let output = try await small.work(
        "sweep", "-S", "rate=11,19,15,12", "--halving", "3", "--json")
      let answer = try output.decoded(Answer.self)
      #expect(output.status == 0, "\(output)")
      let states = Dictionary(uniqueKeysWithValues: answer.settings.map { ($0.number, $0.state) })
      #expect(states == [1: "dropped", 2: "done", 3: "done", 4: "dropped"])
      #expect(answer.settings.map(\.score) == [0.19, 0.15, nil, nil])
      // Three epochs of those that were dropped, seven of the others, none of them twice.
      let epochs = small.text(".epochs").split(separator: "\n")
      #expect(epochs.count == 20 && Set(epochs).count == 20, "\(epochs)")
      let scratch = small.root.appendingPathComponent(".work/scratch/train").path
      let left = (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? []
      #expect(left == [])
      #expect(try String(contentsOfFile: answer.page, encoding: .utf8).contains("after epoch 3"))
      let none = try await Small().work("sweep", "-S", "rate=1,2", "--halving", "2")
      #expect(none.status == 2 && none.err.contains("no such stage"), "\(none)")
    }

    @Test func nonsenseIsRefusedBeforeAnythingRuns() async throws {
      let small = try Small()
      for (arguments, words) in [
        (["sweep"], "nothing is to be varied"),
        (["sweep", "-S", "rat=1,2"], "did you mean “rate”"),
        (["sweep", "-S", "rate=1,x"], "should be a whole number"),
        (["sweep", "-S", "rate=1..3", "--to", "evaluat"], "did you mean “evaluate”"),
        (["sweep", "--resume"], "no sweep is recorded"), (["sweep", "--resume", "x"], "no sweep"),
        (["sweep", "--resume", "1", "-S", "rate=1"], "-S can't be given"),
        (["sweep", "-S", "rate=1", "--budget", "0"], "1 or more"),
        (["sweep", "-S", "rate=1", "--hours", "nan"], "above 0"),
        (["queue", "remove", "1"], "nothing waits"), (["queue", "remove", "x"], "is a number"),
        (["queue", "remove", "3.1"], "no sweep 3"),
      ] {
        let output = try await small.start(arguments).output(within: 60)
        #expect(output.status == 2 && output.err.contains(words), "\(arguments) \(output)")
      }
      let unknown = try await small.work("sweep", "-S", "rate=1,2", "--metric", "scor")
      #expect(unknown.status == 1 && unknown.err.contains("did you mean “score”"), "\(unknown)")
      let trial = try await small.work("sweep", "-S", "rate=1..3", "--dry-run", "--json")
      #expect(trial.status == 5 && trial.out.contains("\"waiting\""), "\(trial)")
    }

    @Test func otherParametersAreAnotherSweep() async throws {
      let small = try Small()
      _ = try await small.work("sweep", "-S", "rate=1,2", "--budget", "1")
      try small.folder.write(
        small.text("params.yaml").replacing("base: 1", with: "base: 2"), to: "params.yaml")
      let resumed = try await small.work("sweep", "--resume", "--budget", "9")
      #expect(resumed.status == 2 && resumed.err.contains("began with"), "\(resumed)")
      let new = try await small.work("sweep", "-S", "rate=1,2", "--json").decoded(Answer.self)
      #expect(new.sweep == 2 && new.settings.count == 2)
    }
  }
}
