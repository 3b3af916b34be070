// Headers and the graph: what is refused, in which words.

import Pipeline
import Testing

@Suite struct GraphTests {
  private func error(_ stages: (WorkspaceFixture) throws -> Void) throws -> String {
    let fixture = try WorkspaceFixture("seed: 1\nfolds: {count: 2}\nsection: {key: 1}\nempty: []\n")
    try stages(fixture)
    return message { _ = try fixture.runner() } ?? "no error"
  }

  @Test func cycleIsToldWhole() throws {
    let text = try error {
      try $0.copy("a", from: "c.txt", to: "a.txt")
      try $0.copy("b", from: "a.txt", to: "b.txt")
      try $0.copy("c", from: "b.txt", to: "c.txt")
      try $0.copy("d", from: "c.txt", to: "d.txt")
    }
    #expect(text.hasPrefix("the stages depend on each other in a circle:\n"))
    #expect(text.contains("a makes a.txt, which b (stages/b.sh) reads"))
    #expect(text.contains("b makes b.txt, which c (stages/c.sh) reads"))
    #expect(text.contains("c makes c.txt, which a (stages/a.sh) reads"))
    #expect(!text.contains("stages/d.sh"))
  }

  @Test(arguments: ["", "\n\n", "\u{FEFF}"], ["\n", "\r\n"])
  func aHeaderIsReadWhateverEditorWroteIt(_ above: String, _ end: String) throws {
    let fixture = try WorkspaceFixture()
    let text = above + "// ---\n// desc: \"A: b\"  \n// outs:\n//   - a.txt\n// ---\n\nprint(1)\n"
    try fixture.write(text.replacing("\n", with: end), to: "stages/a.swift")
    let instance = try #require(try fixture.runner().graph.instances.first)
    #expect(instance.outputs == ["a.txt"] && instance.summary == "A: b")
    #expect(
      try error {
        try $0.write(
          (above + "// ---\n// outs [x\n").replacing("\n", with: end), to: "stages/a.swift")
      }.hasPrefix(
        "stages/a.swift:\(above == "\n\n" ? 3 : 1): the header that begins here is never closed"))
  }

  @Test func outputsMayNotMeet() throws {
    let twice = try error {
      try $0.copy("a", from: "x", to: "out.txt")
      try $0.copy("b", from: "x", to: "./out.txt")
    }
    #expect(twice.hasPrefix("out.txt: is an output of both a and b"))
    let items = try error {
      try $0.stage("t", "outs: [m]", "foreach: {fold: folds.count}", body: "")
    }
    #expect(items.contains("both t@0 and t@1") && items.contains("put the item into the path"))
    let inside = try error {
      try $0.copy("a", from: "x", to: "data")
      try $0.copy("b", from: "x", to: "data/sub/out.txt")
    }
    #expect(inside.hasPrefix("data/sub/out.txt: an output of b, lies inside data, an output of a"))
    #expect(
      try error { try $0.copy("a", from: "data", to: "data/a.txt") }.contains(
        "which it makes itself"))
  }

  @Test(arguments: [
    ("outs: [../x]", "stages/a.sh:3: outs: ../x is not a path below the workspace"),
    ("outs: [/etc/x]", "stages/a.sh:3: outs: /etc/x is not a path below the workspace"),
    ("outs: [data/../..]", "stages/a.sh:3: outs: data/../.. is not a path below"),
    ("outs: [.]", "stages/a.sh:3: outs: . is not a path below"),
    ("outs: [.work/x]", "stages/a.sh:3: outs: .work/x: .work is no place for outputs"),
    ("outs: [params.yaml]", "stages/a.sh:3: outs: params.yaml: a stage may not write params.yaml"),
    ("outs: [a, a/]", "stages/a.sh:3: outs: a appears twice"),
    ("out: [x]", "stages/a.sh:3: “out” is no key of a header; did you mean “outs”?"),
    ("desc: x\n# deps: 5", "stages/a.sh:4: deps should be a list, but has a whole number (5)"),
    ("params: [sed]", "stages/a.sh:3: no parameter “sed” in params.yaml; did you mean “seed”?"),
    ("deps: ['${folds.cout}']", "stages/a.sh:3: ${folds.cout}: neither a parameter nor an axis"),
    ("deps: ['${section}']", "stages/a.sh:3: ${section} is a section, which can't stand in a path"),
    ("deps: ['${seed']", "stages/a.sh:3: “${seed”: ${ is never closed by }"),
    ("foreach: {fold: seeds}", "stages/a.sh:3: foreach fold: no parameter “seeds”"),
    ("foreach: {fold: empty}", "stages/a.sh:3: foreach fold runs over nothing"),
    ("foreach: {fold: section}", "stages/a.sh:3: foreach fold should run over a whole number"),
    ("foreach: {fold: [a/b]}", "stages/a.sh:3: foreach fold: a/b can't be an item"),
    ("foreach: {a: 1, b: 1, c: 1}", "stages/a.sh:3: foreach should be one or two axes"),
    ("when: pseud", "stages/a.sh:3: when: no parameter “pseud” in params.yaml"),
    ("when: [a]", "stages/a.sh:3: when should be a key of params.yaml, as in when: pseudo"),
    ("frozen: maybe", "stages/a.sh:3: frozen should be true or false"),
    ("deps: [x", "stages/a.sh:"),
    ("outs: [a]\n# outs: [b]", "stages/a.sh:3: the key “outs” appears twice"),
  ])
  func headersAreChecked(_ header: String, _ expected: String) throws {
    let text = try error { try $0.stage("a", header, body: "") }
    #expect(text.hasPrefix(expected), "\(text)")
  }

  @Test func scriptsWithoutHeaderOrInterpreter() throws {
    #expect(
      try error { try $0.write("import Foundation\n", to: "stages/a.swift") }
        .hasPrefix("stages/a.swift:1: no header"))
    #expect(
      try error { try $0.write("#!/bin/sh\n# ---\n# desc: x\necho\n", to: "stages/a.sh") }
        .hasPrefix("stages/a.sh:2: the header that begins here is never closed"))
    #expect(
      try error {
        try $0.stage("a", "outs: [a]", body: "")
        try $0.write("// ---\n// outs: [b]\n// ---\n", to: "stages/a.swift")
      }.contains("are both the stage a"))
    #expect(try error { _ = $0 }.contains("holds no stage"))
    #expect(
      try error { try $0.stage("all", "outs: [a]", body: "") }.contains(
        "“all” can't name a stage"))
  }

  @Test func orderIsStableAndTextShowsLevels() throws {
    let fixture = try WorkspaceFixture("folds: 11\n")
    try fixture.stage("train", "deps: [x]", "outs: ['m/${k}']", "foreach: {k: folds}", body: "")
    try fixture.copy("zip", from: "raw", to: "x")
    try fixture.copy("mean", from: "m", to: "y")
    let graph = try fixture.runner().graph
    #expect(graph.instances.map(\.name) == ["zip"] + (0..<11).map { "train@\($0)" } + ["mean"])
    #expect(graph.text == "0  zip\n1  train × 11  ← zip\n2  mean        ← train")
    #expect(graph.dependencies(of: "mean").count == 11)
  }

  @Test func aStageIsThereWhenItsParameterIs() throws {
    let fixture = try WorkspaceFixture("again: null\n")
    try fixture.copy("first", from: "raw.txt", to: "first.txt")
    try fixture.copy("second", from: "first.txt", to: "seconds/a.txt", "when: again")
    try fixture.copy("never", from: "raw.txt", to: "never.txt", "when: missing?")
    // What is optional counts where a stage makes it, whatever lies there.
    try fixture.stage(
      "end", "deps: [first.txt, 'seconds?', 'raw.txt?']", "outs: [end.txt]",
      body: #"cp "$WORK_ORDER" "$(out end.txt)""#)
    try fixture.write("raw", to: "raw.txt")
    try fixture.write("stray", to: "seconds/stray.txt")
    #expect(try fixture.ran() == ["first", "end"])
    #expect(try fixture.runner().graph["end"]?.inputs == ["first.txt"])
    let text = message { try fixture.run("second") }
    #expect(
      text?.hasPrefix("there is no stage second as long as again is null or false") == true)
    #expect(message { try fixture.run("never@1") }?.contains("as long as missing is") == true)

    // For one command, and back from the cache.
    #expect(try fixture.ran(overrides: ["again=true"]) == ["second", "end"])
    #expect(try fixture.runner("again=true").graph.dependencies(of: "end") == ["first", "second"])
    #expect(fixture.read("end.txt")?.contains("seconds") == true)
    #expect(try fixture.ran() == ["end"])
    #expect(fixture.read("end.txt")?.contains("seconds") == false)
    #expect(try fixture.ran(overrides: ["again=false"]).isEmpty)
  }

  @Test func inputInsideAnOutputBelongsToItsStage() throws {
    let fixture = try WorkspaceFixture()
    try fixture.copy("a", from: "x", to: "data/tables")
    try fixture.copy("b", from: "data/tables/depths.csv", to: "y")
    #expect(try fixture.runner().graph.dependencies(of: "b") == ["a"])
  }
}
