// What the command prints, compared with recorded texts.

import Foundation
import TestSupport
import Testing

extension EndToEndTests {
  @Suite struct Printed {
    private let snapshots = Snapshots()

    /// A command and those below it, as `--experimental-dump-help` lists them.
    private struct Listed: Decodable {
      var commandName: String
      var subcommands: [Listed]?

      func paths(_ parents: [String] = []) -> [[String]] {
        [parents] + (subcommands ?? []).flatMap { $0.paths(parents + [$0.commandName]) }
      }
    }

    @Test func helpOfEveryCommand() async throws {
      struct Dump: Decodable { var command: Listed }
      func help(_ arguments: [String]) async throws -> Output {
        try await Command(
          Package.work, arguments, in: FileManager.default.temporaryDirectory,
          environment: Package.environment()
        ).output()
      }
      let dump = try await help(["--experimental-dump-help"]).decoded(Dump.self)
      var text = ""
      for path in dump.command.paths() where path != ["help"] {
        let output = try await help(path + ["--help"])
        #expect(output.status == 0 && output.err == "", "\(output)")
        text += "$ \((["work"] + path + ["--help"]).joined(separator: " "))\n\(output.out)\n"
      }
      try snapshots.check(text, "help.txt")
    }

    /// A workspace with something to say of every state.
    private func changedWorkspace() throws -> WorkspaceFixture {
      let fixture = try EndToEndTests.finishedCopy()
      try FileManager.default.removeItem(at: fixture.file("data/folds.csv"))
      try fixture.edit("params.yaml", "tiny_mask: 20", "tiny_mask: 21")
      try Data(
        """
        #!/usr/bin/env python3
        # ---
        # desc: A stage that never ran
        # deps: [data/folds.csv]
        # ---
        """.utf8
      ).write(to: fixture.file("stages/added.py"))
      return fixture
    }

    @Test func status() async throws {
      let fixture = try changedWorkspace()
      var text = ""
      for arguments in [
        ["status"], ["status", "--quiet"], ["status", "train@1", "-S", "train.epochs=5"],
        ["status", "folds", "--json"], ["dag"],
      ] {
        let output = try await fixture.work(arguments)
        #expect(output.status == 0 && output.err == "", "\(output)")
        text += "$ work \(arguments.joined(separator: " "))\n\(output.out)\n"
      }
      try snapshots.check(Self.normalized(text), "status.txt")
    }

    @Test func dryRun() async throws {
      let fixture = try changedWorkspace()
      var text = ""
      for (arguments, status) in [
        (["run", "all", "--dry-run"], 5), (["run", "evaluate", "--dry-run", "--force"], 5),
        (["run", "download", "--dry-run"], 0), (["run", "folds", "--dry-run", "--json"], 5),
      ] as [([String], Int32)] {
        let output = try await fixture.work(arguments + ["--data", fixture.served.path])
        #expect(output.status == status && output.err == "", "\(output)")
        text += "$ work \(arguments.joined(separator: " "))\n\(output.out)\n"
      }
      try snapshots.check(Self.normalized(text), "dry-run.txt")
    }

    /// Without what differs from one run to the next: durations, and ids of runs.
    private static func normalized(_ text: String) -> String {
      text.replacing(#/ *\b(\d+:\d\d(:\d\d)?|\d+(\.\d)? s)\b/#, with: " TIME")
        .replacing(/("(leastSeconds|mostSeconds|expectedSeconds)" : )[0-9.e-]+/) {
          "\($0.output.1)SECONDS"
        }
        .replacing(" TIME to TIME", with: " TIME")
        .replacing(/\b\d{8}T\d{6}Z-\d+\b/, with: "RUN")
    }
  }
}
