// Stages that say what no stage should: their words reach a terminal as text, end no run, and they see no
// credential that they didn't ask for.

import Foundation
import TestSupport
import Testing

extension EndToEndTests {
  @Suite struct HostileStages {
    /// A workspace whose one stage is a shell script.
    private func workspace(header: String = "", _ body: String) throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      try folder.write("n: 1\n", to: "params.yaml")
      try folder.write(
        #"""
        #!/bin/sh
        # ---
        # desc: words
        # outs: [out.txt]
        \#(header)# ---
        order() { sed -n "s|^ *\"$1\" : \"\(.*\)\",\{0,1\}\$|\1|p" "$WORK_ORDER" | head -n 1; }
        say() { printf '%s\n' "$1" >> "$(order events)"; }
        \#(body)

        """#, to: "stages/words.sh")
      return folder
    }

    /// Runs the stage on a terminal of its own.
    private func onTerminal(_ folder: TemporaryFolder) async throws -> Output {
      let program = Package.work.path
      return try await Command(
        URL(fileURLWithPath: "/usr/bin/script"),
        ["-qec", "\(program) run words", "/dev/null"], in: folder.url,
        environment: ["PATH": "/usr/bin:/bin", "HOME": folder.url.path, "TERM": "xterm-256color"]
      ).output()
    }

    @Test func numbersThatMakeNoSenseEndNoRun() async throws {
      let folder = try workspace(
        #"""
        for n in 1 2 3; do
          say '{"progress":{"label":"p","done":-5,"total":10,"unit":"images"}}'
          say '{"progress":{"label":"q","done":9223372036854775807,"total":1,"unit":"bytes"}}'
          say '{"progress":{"label":"q","done":-9223372036854775807,"total":1,"unit":"bytes"}}'
          say '{"metric":{"m":1e308},"step":1,"drawn":["m"]}'
          say '{"metric":{"m":-1e308},"step":2,"drawn":["m"]}'
          sleep 0.3
        done
        echo well > "$(order out.txt)"
        """#)
      let output = try await onTerminal(folder)
      #expect(output.status == 0, "\(output)")
    }

    @Test func wordsAreTextToATerminal() async throws {
      let folder = try workspace(
        #"""
        say '{"progress":{"label":"p\u001b]0;title\u0007","done":1,"total":2,"unit":"\u001b[2J"}}'
        say '{"message":"m\u001b]52;c;eA==\u0007\u009b2J"}'
        say '{"warning":"w\u202ereversed"}'
        sleep 0.3
        printf 'error: e\033]0;title\007\n' >&2
        exit 3
        """#)
      let output = try await onTerminal(folder)
      #expect(output.out.contains("␛]0;title␇"), "\(output)")
      for sequence in ["\u{1B}]", "\u{1B}[2J", "\u{9B}", "\u{07}", "\u{202E}"] {
        #expect(!output.out.contains(sequence))
      }
      // What is the command's own is there.
      #expect(output.out.contains("\u{1B}[31m"))
    }

    @Test(arguments: [("", false), ("# secrets: [KAGGLE_*]\n", true)])
    func credentialsReachOnlyWhoAsks(_ header: String, _ asks: Bool) async throws {
      let folder = try workspace(header: header, #"env > "$(order out.txt)""#)
      let output = try await Command(
        Package.work, ["run", "words"],
        in: folder.url,
        environment: [
          "PATH": "/usr/bin:/bin", "HOME": folder.url.path, "KAGGLE_KEY": "0123abcd",
          "AWS_SECRET_ACCESS_KEY": "4567efgh", "OTHER": "seen",
        ]
      ).output()
      #expect(output.status == 0, "\(output)")
      let seen = try String(
        contentsOf: folder.url.appendingPathComponent("out.txt"), encoding: .utf8)
      #expect(seen.contains("OTHER=seen") && !seen.contains("4567efgh"))
      #expect(seen.contains("0123abcd") == asks)
      // Nor does a crash of such a stage print the memory that registers point to.
      #expect(seen.contains("SWIFT_BACKTRACE=registers=none") == asks)
    }

    @Test func aFolderThatIsGoneIsNoWorkspace() async throws {
      let folder = try TemporaryFolder()
      let program = Package.work.path
      let output = try await Command(
        URL(fileURLWithPath: "/bin/sh"),
        ["-c", "mkdir x; cd x; rmdir ../x; exec \(program) status"], in: folder.url,
        environment: ["PATH": "/usr/bin:/bin", "HOME": folder.url.path]
      ).output()
      #expect(output.status == 2 && output.err.contains("no workspace here"), "\(output)")
    }
  }
}
