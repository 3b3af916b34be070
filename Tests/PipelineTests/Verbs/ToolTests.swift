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

  private func fixture(_ body: String) throws -> WorkspaceFixture {
    let fixture = try WorkspaceFixture("seed: 1\ntrain: {rate: 0.5}\n")
    try fixture.write("let x = 1\n", to: "Sources/helper/main.swift")
    try fixture.folder.writeProgram(
      """
      #!/bin/sh
      out() { sed -n 's|^ *"report.json" : "\\(.*\\)"$|\\1|p' "$WORK_ORDER"; }
      \(body)
      """, to: "helper.sh")
    return fixture
  }

  private func run(_ fixture: WorkspaceFixture, data: (runner: Runner, instance: String)? = nil)
    throws
    -> ToolResult
  {
    try Self.tool.run(
      in: fixture.workspace, options: [.init("size", .int(3))], outputs: ["report.json"],
      data: data,
      builder: Scripts(root: fixture.url), interruption: Interruption(), observer: fixture.listener)
  }

  private func folders(_ fixture: WorkspaceFixture) throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: fixture.url.appendingPathComponent(".work/tools").path)
  }

  @Test func optionsGoThereAndTheReportComesBack() throws {
    let fixture = try fixture(#"cat "$WORK_ORDER" > "$(out)""#)
    do {
      let result = try run(fixture)
      struct Order: Decodable, Equatable {
        var `protocol`: Int
        var stage: String
        var params: [String: [String: Int]]
      }
      let order = try JSONDecoder().decode(Order.self, from: result.output("report.json"))
      #expect(order == Order(protocol: 1, stage: "ask", params: ["ask": ["size": 3]]))
      #expect(throws: PipelineError.self) { try result.output("other.json") }
      #expect(try folders(fixture).count == 1)
    }
    // Its files go with the result.
    #expect(try folders(fixture) == [])
  }

  @Test func worksOnAnInstancesDataWithoutMakingIt() throws {
    let fixture = try fixture(#"cat "$WORK_ORDER" > "$(out)""#)
    try fixture.write("1", to: "in.txt")
    try fixture.stage(
      "train", "deps: [in.txt]", "params: [train]", "outs: [model]", "foreach: {fold: 2}", body: "")
    try fixture.write(
      try #require(fixture.read("stages/train.sh")).replacing(
        "[model]", with: #"["model-${fold}"]"#),
      to: "stages/train.sh")
    let runner = try fixture.runner("train.rate=0.25")
    struct Order: Decodable {
      var item: [String: Int]
      var inputs: [String]
      var outputs: [String: String]
      var overridden: [String]
      var params: [String: [String: Double]]
    }
    let order = try JSONDecoder().decode(
      Order.self, from: run(fixture, data: (runner, "train@1")).output("report.json"))
    #expect(order.item == ["fold": 1] && order.inputs == ["in.txt"])
    #expect(Array(order.outputs.keys) == ["report.json"])
    #expect(order.params == ["ask": ["size": 3], "train": ["rate": 0.25]])
    #expect(order.overridden == ["train.rate"])
    #expect(!fixture.exists("work.lock") && fixture.starts("train") == 0)

    try fixture.remove("in.txt")
    #expect { _ = try run(fixture, data: (runner, "train@1")) } throws: {
      "\($0)".contains("in.txt") && "\($0)".contains("train@1")
    }
  }

  @Test func itsEventsAreTold() throws {
    let fixture = try fixture(
      """
      events=$(sed -n 's|^ *"events" : "\\(.*\\)",$|\\1|p' "$WORK_ORDER")
      echo '{"message": "half way"}' >> "$events"
      """)
    _ = try run(fixture)
    #expect(fixture.listener.stageEvents == [.message("half way")])
  }

  @Test(arguments: [(2, ExitCode.badInput), (3, .network), (1, .failed), (77, .failed)])
  func itsErrorIsTheCommands(_ status: Int, _ exit: ExitCode) throws {
    let fixture = try fixture("echo 'error: it has no luck' >&2; exit \(status)")
    #expect {
      _ = try run(fixture)
    } throws: { error in
      let error = error as? PipelineError
      return error?.exit == exit && error?.description.contains("ask: it has no luck") == true
    }
    // The log of what failed stays until the next start.
    let left = try folders(fixture)
    #expect(left.count == 1)
    _ = try? run(fixture)
    #expect(try folders(fixture) == left)
  }

  @Test func anInterruptedOneSaysSo() throws {
    let fixture = try fixture("exit 130")
    #expect {
      _ = try run(fixture)
    } throws: {
      ($0 as? PipelineError)?.exit == .interrupted
    }
  }

  @Test func whatDoesNotCompileIsTold() throws {
    let fixture = try fixture("")
    try fixture.remove("helper.sh")
    #expect {
      _ = try run(fixture)
    } throws: {
      "\($0)".contains("helper does not compile") && "\($0)".contains("a.swift:3:5")
    }
    try fixture.remove("Sources/helper/main.swift")
    #expect {
      _ = try run(fixture)
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
    let fixture = try fixture("")
    let recorder = Recorder()
    func build() throws {
      try Self.tool.build(in: fixture.workspace, builder: recorder, observer: fixture.listener)
    }
    try fixture.write("import Library\n", to: "Sources/helper/main.swift")
    try fixture.write("let a = 1\n", to: "Sources/Library/a.swift")
    try build()
    try build()
    try fixture.write("let a = 2\n", to: "Sources/Library/a.swift")
    try build()
    // A comment moves the lines that it reports of itself, but not of what it imports.
    try fixture.write("let a = 2  // two\n", to: "Sources/Library/a.swift")
    try build()
    try fixture.write("// Helps.\nimport Library\n", to: "Sources/helper/main.swift")
    try build()
    let seen = recorder.identities
    #expect(seen[0] == seen[1] && seen[1] != seen[2] && seen[2] == seen[3] && seen[3] != seen[4])
  }

  @Test func aWorkspaceIsLookedAtWithoutBeingTaken() throws {
    let fixture = try fixture("")
    try fixture.stage("one", "outs: [a]", body: "")
    let quiet = WorkspaceState(fixture.workspace)
    #expect(quiet.owner == .nobody && quiet.stages == ["one"] && quiet.problem == nil)
    try fixture.write("\(getpid())\n", to: ".work/lock.pid")
    do {
      let lock = try FileLock(fixture.workspace.url(of: ".work/lock.pid"))
      #expect(WorkspaceState(fixture.workspace).owner == .running(process: getpid()))
      withExtendedLifetime(lock) {}
    }
    // The number of a run that was killed, which another process has by now.
    #expect(WorkspaceState(fixture.workspace).owner == .gone(process: getpid()))
    // Beyond any process id of Linux.
    try fixture.write("99999999\n", to: ".work/lock.pid")
    #expect(WorkspaceState(fixture.workspace).owner == .gone(process: 99_999_999))
    try fixture.write("seed: [1\n", to: "params.yaml")
    #expect(WorkspaceState(fixture.workspace).problem?.contains("params.yaml") == true)
  }
}
