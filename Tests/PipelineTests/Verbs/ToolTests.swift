// A program that a command starts as stages are started, with shell scripts in the compiler's place.

import Basics
import Foundation
import Notebook
import Pipeline
import TestSupport
import Testing

@Suite struct ToolTests {
  /// Builds nothing: the program is a script that lies there.
  private struct Scripts: StageBuilder {
    var root: URL
    func build(
      stage: String, identity: String, log: URL, interruption: Interruption,
      tell: (BuildNews) -> Void
    ) throws -> BuildOutcome {
      tell(.starts)
      let program = root.appendingPathComponent(stage + ".sh")
      guard FileManager.default.fileExists(atPath: program.path) else {
        return .failed(errors: "a.swift:3:5: error: no 'x'", log: log)
      }
      return .built(program: program, seconds: 1)
    }
  }

  private static let tool = Tool(program: "helper", name: "ask", source: "Ask.swift")

  private func bench(_ body: String) throws -> Bench {
    let bench = try Bench("seed: 1\ntrain: {rate: 0.5}\n")
    try bench.write("let x = 1\n", to: "Sources/helper/main.swift")
    try bench.folder.writeProgram(
      """
      #!/bin/sh
      out() { sed -n 's|^ *"report.json" : "\\(.*\\)"$|\\1|p' "$WORK_ORDER"; }
      \(body)
      """, to: "helper.sh")
    return bench
  }

  private func run(_ bench: Bench, data: (runner: Runner, instance: String)? = nil) throws
    -> ToolResult
  {
    try Self.tool.run(
      in: bench.workspace, options: [.init("size", .int(3))], outputs: ["report.json"], data: data,
      builder: Scripts(root: bench.url), interruption: Interruption(), observer: bench.listener)
  }

  private func folders(_ bench: Bench) throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: bench.url.appendingPathComponent(".work/tools").path)
  }

  @Test func optionsGoThereAndTheReportComesBack() throws {
    let bench = try bench(#"cat "$WORK_ORDER" > "$(out)""#)
    do {
      let result = try run(bench)
      struct Order: Decodable, Equatable {
        var `protocol`: Int
        var stage: String
        var params: [String: [String: Int]]
      }
      let order = try JSONDecoder().decode(Order.self, from: result.output("report.json"))
      #expect(order == Order(protocol: 1, stage: "ask", params: ["ask": ["size": 3]]))
      #expect(throws: PipelineError.self) { try result.output("other.json") }
      #expect(try folders(bench).count == 1)
    }
    // Its files go with the result.
    #expect(try folders(bench) == [])
  }

  @Test func worksOnAnInstancesDataWithoutMakingIt() throws {
    let bench = try bench(#"cat "$WORK_ORDER" > "$(out)""#)
    try bench.write("1", to: "in.txt")
    try bench.stage(
      "train", "deps: [in.txt]", "params: [train]", "outs: [model]", "foreach: {fold: 2}", body: "")
    try bench.write(
      try #require(bench.read("stages/train.sh")).replacing("[model]", with: #"["model-${fold}"]"#),
      to: "stages/train.sh")
    let runner = try bench.runner("train.rate=0.25")
    struct Order: Decodable {
      var item: [String: Int]
      var inputs: [String]
      var outputs: [String: String]
      var overridden: [String]
      var params: [String: [String: Double]]
    }
    let order = try JSONDecoder().decode(
      Order.self, from: run(bench, data: (runner, "train@1")).output("report.json"))
    #expect(order.item == ["fold": 1] && order.inputs == ["in.txt"])
    #expect(Array(order.outputs.keys) == ["report.json"])
    #expect(order.params == ["ask": ["size": 3], "train": ["rate": 0.25]])
    #expect(order.overridden == ["train.rate"])
    #expect(!bench.exists("work.lock") && bench.starts("train") == 0)

    try bench.remove("in.txt")
    #expect { _ = try run(bench, data: (runner, "train@1")) } throws: {
      "\($0)".contains("in.txt") && "\($0)".contains("train@1")
    }
  }

  @Test func itsEventsAreTold() throws {
    let bench = try bench(
      """
      events=$(sed -n 's|^ *"events" : "\\(.*\\)",$|\\1|p' "$WORK_ORDER")
      echo '{"message": "half way"}' >> "$events"
      """)
    _ = try run(bench)
    #expect(bench.listener.stageEvents == [.message("half way")])
  }

  @Test(arguments: [(2, ExitCode.badInput), (3, .network), (1, .failed), (77, .failed)])
  func itsErrorIsTheCommands(_ status: Int, _ exit: ExitCode) throws {
    let bench = try bench("echo 'error: it has no luck' >&2; exit \(status)")
    #expect {
      _ = try run(bench)
    } throws: { error in
      let error = error as? PipelineError
      return error?.exit == exit && error?.description.contains("ask: it has no luck") == true
    }
    // The log of what failed stays until the next start.
    let left = try folders(bench)
    #expect(left.count == 1)
    _ = try? run(bench)
    #expect(try folders(bench) == left)
  }

  @Test func anInterruptedOneSaysSo() throws {
    let bench = try bench("exit 130")
    #expect {
      _ = try run(bench)
    } throws: {
      ($0 as? PipelineError)?.exit == .interrupted
    }
  }

  @Test func whatDoesNotCompileIsTold() throws {
    let bench = try bench("")
    try bench.remove("helper.sh")
    #expect {
      _ = try run(bench)
    } throws: {
      "\($0)".contains("helper does not compile") && "\($0)".contains("a.swift:3:5")
    }
    try bench.remove("Sources/helper/main.swift")
    #expect {
      _ = try run(bench)
    } throws: {
      "\($0)".contains("Sources/helper")
    }
  }

  @Test func identityFollowsSourcesAndWhatTheyImport() throws {
    final class Recorder: StageBuilder, @unchecked Sendable {
      var identities: [String] = []
      func build(
        stage: String, identity: String, log: URL, interruption: Interruption,
        tell: (BuildNews) -> Void
      ) throws -> BuildOutcome {
        identities.append(identity)
        return .built(program: log, seconds: nil)
      }
    }
    let bench = try bench("")
    let recorder = Recorder()
    func build() throws {
      try Self.tool.build(in: bench.workspace, builder: recorder, observer: bench.listener)
    }
    try bench.write("import Library\n", to: "Sources/helper/main.swift")
    try bench.write("let a = 1\n", to: "Sources/Library/a.swift")
    try build()
    try build()
    try bench.write("let a = 2\n", to: "Sources/Library/a.swift")
    try build()
    // A comment moves the lines that it reports of itself, but not of what it imports.
    try bench.write("let a = 2  // two\n", to: "Sources/Library/a.swift")
    try build()
    try bench.write("// Helps.\nimport Library\n", to: "Sources/helper/main.swift")
    try build()
    let seen = recorder.identities
    #expect(seen[0] == seen[1] && seen[1] != seen[2] && seen[2] == seen[3] && seen[3] != seen[4])
  }

  @Test func aWorkspaceIsLookedAtWithoutBeingTaken() throws {
    let bench = try bench("")
    try bench.stage("one", "outs: [a]", body: "")
    let quiet = WorkspaceState(bench.workspace)
    #expect(quiet.owner == .nobody && quiet.stages == ["one"] && quiet.problem == nil)
    try bench.write("\(getpid())\n", to: ".work/lock.pid")
    #expect(WorkspaceState(bench.workspace).owner == .running(process: getpid()))
    // Beyond any process id of Linux.
    try bench.write("99999999\n", to: ".work/lock.pid")
    #expect(WorkspaceState(bench.workspace).owner == .gone(process: 99_999_999))
    try bench.write("seed: [1\n", to: "params.yaml")
    #expect(WorkspaceState(bench.workspace).problem?.contains("params.yaml") == true)
  }
}
