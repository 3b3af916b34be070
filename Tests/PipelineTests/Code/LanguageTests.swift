// Stages in other languages: the same declarations, cache, staleness, errors and logs.

import Basics
import Foundation
import Notebook
import Pipeline
import Scripts
import Testing

private let hasPython =
  FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
  || FileManager.default.isExecutableFile(atPath: "/usr/local/bin/python3")

@Suite struct LanguageTests {
  @Test(.enabled(if: hasPython, "no python3")) func aPythonStageIsAStage() throws {
    let fixture = try WorkspaceFixture("scale: {factor: 2, name: x}\n")
    try fixture.write("1\n2\n", to: "raw.txt")
    func script(_ body: String) throws {
      try fixture.write(
        """
        #!/usr/bin/env python3
        # ---
        # desc: Multiplies numbers
        # deps: [raw.txt]
        # params: [scale.factor]
        # outs: [data/scaled.txt]
        # ---
        import json, os, sys
        order = json.load(open(os.environ["WORK_ORDER"]))
        \(body)
        """, to: "stages/scaled.py")
    }
    let good = """
      factor = order["params"]["scale"]["factor"]
      print("factor", factor)
      with open(order["events"], "a") as events:
          events.write(json.dumps({"metric": {"factor": factor}, "step": 1}) + "\\n")
      with open(order["outputs"]["data/scaled.txt"], "w") as out:
          out.writelines(f"{factor * int(line)}\\n" for line in open("raw.txt"))

      """
    try script(good)
    try fixture.copy("after", from: "data/scaled.txt", to: "data/after.txt")
    let summary = try fixture.run()
    #expect(summary.exit == .ok, "\(summary)")
    #expect(fixture.read("data/after.txt") == "2\n4\n")
    #expect(summary.results.first { $0.instance == "scaled" }?.metrics == ["factor": 2])
    #expect(try fixture.ran().isEmpty)
    var log = ""
    try fixture.history.logs(of: "scaled")[0].read { log += String(decoding: $0, as: UTF8.self) }
    #expect(log == "factor 2\n")

    // Undeclared parameters are no reason; declared ones, inputs and code are.
    try fixture.write("scale: {factor: 2, name: y}\n", to: "params.yaml")
    #expect(try fixture.ran().isEmpty)
    #expect(try fixture.reasons("scaled", overrides: ["scale.factor=3"]) == ["scale.factor: 2 → 3"])
    try fixture.write("3\n", to: "raw.txt")
    #expect(try fixture.reasons("scaled") == ["input raw.txt changed"])
    #expect(try fixture.ran() == ["after", "scaled"].reversed())
    try script(good + "# a comment counts in other languages\n")
    #expect(try fixture.reasons("scaled") == ["code of stages/scaled.py changed"])
    #expect(try fixture.ran() == ["scaled"])

    // An error of its own, and one of Python's.
    try script("sys.exit('error: no luck')\n")
    let failed = try fixture.run().results.first { $0.instance == "scaled" }
    #expect(failed?.error == "no luck" && failed?.exitStatus == 1)
    try script("raise ValueError('odd')\n")
    let error = try fixture.run().results.first { $0.instance == "scaled" }?.error
    #expect(error?.contains("ValueError: odd") == true, "\(error ?? "none")")
    #expect(fixture.read("data/scaled.txt") == "6\n")
  }

  @Test(.enabled(if: hasPython, "no python3")) func theTemplateForPythonRuns() throws {
    let fixture = try WorkspaceFixture()
    let workspace = fixture.workspace
    let template = try StageTemplate("count", .python, in: workspace)
    try template.write(in: workspace)
    #expect(template.file == "stages/count.py")
    let summary = try fixture.run()
    #expect(summary.exit == .ok, "\(summary)")
    #expect(fixture.read("data/count.json") == "{\"sum\": 6}\n")
    #expect(summary.results[0].metrics == ["sum": 6])
  }

  @Test func aScriptWithoutAnInterpreterIsRefused() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write("#!\n# ---\n# outs: [x]\n# ---\n", to: "stages/x.py")
    #expect(message { _ = try fixture.runner() } == "stages/x.py:1: #! names no interpreter")
    try fixture.write("#!/no/such/program\n# ---\n# outs: [x]\n# ---\n", to: "stages/x.py")
    let error = try fixture.run().results.first?.error
    #expect(error == "/no/such/program: can't be started (No such file or directory)")
  }
}
