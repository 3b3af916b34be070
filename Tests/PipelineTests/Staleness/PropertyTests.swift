// Random graphs, driven through random edits and checked against an evaluation from scratch: that nothing
// stale is kept, and that nothing fresh runs again. The oracle knows neither hashes nor the lock: it keeps
// the bytes that each stage was made of when it last ran.

import Foundation
import Pipeline
import Testing

/// What the stages of a random workspace are, and what they were when they ran.
private struct Model {
  struct Stage: Equatable {
    var code: Int
    var comment = 0
    var inputs: [String]
    var parameters: [String]
    var outputs: [String]
    /// Writes the same, whatever it reads.
    var isConstant: Bool
  }

  /// What a stage was made of: equal values mean that it needn't run.
  struct Recipe: Equatable {
    var code: [String]
    var parameters: [String: Int]
    var inputs: [String: String]
    var outputs: Set<String>
  }

  var names: [String] = []
  var stages: [String: Stage] = [:]
  var parameters: [String: Int] = [:]
  /// Files that no stage makes.
  var sources: [String: String] = [:]
  var ran: [String: Recipe] = [:]
  /// What the stages' outputs are on disk.
  var disk: [String: String] = [:]
  /// What they were when they were made.
  var made: [String: [String: String]] = [:]

  /// The text that a stage writes into an output.
  func content(_ name: String, _ output: String, _ recipe: Recipe) -> String {
    guard let stage = stages[name], !stage.isConstant else { return "constant\n" }
    let parameters = recipe.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let inputs = recipe.inputs.sorted { $0.key < $1.key }.map(\.value).joined()
    return ([output, "\(stage.code)"] + parameters).joined(separator: " ") + "\n" + inputs
  }

  /// What a run does, from scratch: which stages run, and what is then on disk.
  mutating func run() -> [String] {
    var ranNow: [String] = []
    for name in names {
      guard let stage = stages[name] else { continue }
      var inputs: [String: String] = [:]
      for path in stage.inputs { inputs[path] = sources[path] ?? disk[path] }
      let recipe = Recipe(
        code: ["\(stage.code)", stage.isConstant ? "constant" : ""],
        parameters: Dictionary(
          uniqueKeysWithValues: stage.parameters.map { ($0, parameters[$0] ?? 0) }),
        inputs: inputs, outputs: Set(stage.outputs))
      let isWhole = stage.outputs.allSatisfy { disk[$0] != nil && disk[$0] == made[name]?[$0] }
      if recipe == ran[name], isWhole { continue }
      ranNow.append(name)
      ran[name] = recipe
      made[name] = [:]
      for output in stage.outputs {
        disk[output] = content(name, output, recipe)
        made[name]?[output] = disk[output]
      }
    }
    return ranNow
  }
}

/// A small generator (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct PropertyTests {
  /// More seeds by hand: WORK_PROPERTY_SEEDS=500 (they then begin behind the usual ones).
  static var seeds: Range<UInt64> {
    let more = ProcessInfo.processInfo.environment["WORK_PROPERTY_SEEDS"].flatMap(UInt64.init)
    return more.map { 100..<(100 + $0) } ?? 0..<6
  }

  @Test(arguments: seeds)
  func nothingStaleIsKeptAndNothingFreshRunsAgain(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var model = Self.graph(&random)
    let fixture = try WorkspaceFixture()
    try Self.write(model, fixture)
    for (path, text) in model.sources { try fixture.write(text, to: path) }
    var saved = model
    var edits: [String] = []
    for _ in 0..<10 {
      let expected = model.run()
      let plan = try fixture.runner().plan(RunOptions())
      let ran = try fixture.ran()
      let story: Comment = "seed \(seed): \(edits.joined(separator: ", "))"
      try #require(ran == expected, story)
      // What is said to be stale for certain runs; what is said to be fresh doesn't.
      for status in plan.instances where status.state != .undecided {
        #expect((status.state == .stale) == ran.contains(status.instance), story)
      }
      for (path, text) in model.disk
      where model.names.contains(where: { name in
        model.stages[name]?.outputs.contains(path) == true
      }) {
        try #require(fixture.read(path) == text, story)
      }
      #expect(try fixture.runner().status().allSatisfy { $0.state == .fresh }, story)
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        edits.append(try Self.edit(&model, &saved, fixture, &random))
      }
    }
  }

  private static func graph(_ random: inout SplitMix) -> Model {
    var model = Model()
    for index in 0..<3 { model.sources["in\(index)"] = "\(index)\n" }
    for index in 0..<3 { model.parameters["p\(index)"] = index }
    var files = model.sources.keys.sorted()
    for index in 0..<Int.random(in: 2...4, using: &random) {
      let name = "s\(index)"
      model.names.append(name)
      model.stages[name] = Model.Stage(
        code: index,
        inputs: Array(
          Set((0..<2).map { _ in files.randomElement(using: &random) ?? "in0" })
        ).sorted(),
        parameters: Bool.random(using: &random) ? ["p\(index % 3)"] : [],
        outputs: ["out/\(name)a"] + (Bool.random(using: &random) ? ["out/\(name)b"] : []),
        isConstant: Int.random(in: 0..<4, using: &random) == 0)
      files += model.stages[name]?.outputs ?? []
    }
    return model
  }

  /// Writes params.yaml and all scripts.
  private static func write(_ model: Model, _ fixture: WorkspaceFixture) throws {
    try fixture.write(
      model.parameters.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined(),
      to: "params.yaml")
    for (name, stage) in model.stages {
      let parameters = stage.parameters.sorted()
      // Nothing of what a stage reads stands in its code, so that a header changes by itself; the order
      // names inputs, parameters and outputs.
      let body =
        """
        : code \(stage.code) \(stage.isConstant ? "constant" : "")
        """
        + (stage.isConstant
          ? #"""

          for o in $(sed -n 's|^ *"\(out/[^"]*\)" : .*|\1|p' "$WORK_ORDER"); do
            echo constant > "$(out $o)"
          done
          """#
          : #"""

          p=$(sed -n '/"params" : {/,/}/s|^ *"\(p[0-9]\)" : \([0-9]*\).*|\1=\2|p' "$WORK_ORDER" | sort)
          i=$(sed -n '/"inputs" : \[/,/\]/{/"inputs"/d;s|^ *"\(.*\)".*|\1|p}' "$WORK_ORDER" | sort)
          for o in $(sed -n 's|^ *"\(out/[^"]*\)" : .*|\1|p' "$WORK_ORDER"); do
            { echo "$o \#(stage.code)" $p; cat $i; } > "$(out $o)"
          done
          """#)
      try fixture.stage(
        name, "deps: [\(stage.inputs.joined(separator: ", "))]",
        "params: [\(parameters.joined(separator: ", "))]",
        "outs: [\(stage.outputs.joined(separator: ", "))]", "desc: number \(stage.comment)",
        body: body)
    }
  }

  /// Makes one random edit, of the model and on disk; says which.
  private static func edit(
    _ model: inout Model, _ saved: inout Model, _ fixture: WorkspaceFixture,
    _ random: inout SplitMix
  ) throws -> String {
    let name = model.names.randomElement(using: &random) ?? "s0"
    guard var stage = model.stages[name] else { return "nothing" }
    let output = stage.outputs.randomElement(using: &random) ?? ""
    let source = model.sources.keys.sorted().randomElement(using: &random) ?? ""
    let number = Int.random(in: 0..<4, using: &random)
    var what: String
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      let key = "p\(number % 3)"
      model.parameters[key, default: 0] += 1
      what = "\(key) raised"
    case 1:
      model.sources[source] = "\(number) new\n"
      try fixture.write("\(number) new\n", to: source)
      what = "\(source) is \(number)"
    case 2:
      try fixture.write(model.sources[source] ?? "", to: source)
      what = "\(source) touched"
    case 3:
      if model.disk[output] != nil { try fixture.remove(output) }
      model.disk[output] = nil
      what = "\(output) removed"
    case 4:
      model.disk[output] = "tampered\n"
      try fixture.write("tampered\n", to: output)
      what = "\(output) tampered with"
    case 5:
      // Somebody made it anew, with the same bytes.
      if let text = model.disk[output] { try fixture.write(text, to: output) }
      what = "\(output) touched"
    case 6:
      if stage.inputs.contains(source) {
        stage.inputs.removeAll { $0 == source }
        if stage.inputs.isEmpty { stage.inputs = ["in0"] }
      } else {
        stage.inputs.append(source)
      }
      what = "\(name) reads \(stage.inputs)"
    case 7:
      let key = "p\(number % 3)"
      if stage.parameters.contains(key) {
        stage.parameters.removeAll { $0 == key }
      } else {
        stage.parameters.append(key)
      }
      what = "\(name) has \(stage.parameters)"
    case 8:
      let extra = "out/\(name)c"
      let isRead = model.stages.values.contains { $0.inputs.contains(extra) }
      if stage.outputs.contains(extra), !isRead {
        stage.outputs.removeAll { $0 == extra }
      } else if !stage.outputs.contains(extra) {
        stage.outputs.append(extra)
      }
      what = "\(name) writes \(stage.outputs)"
    case 9:
      stage.code += 10
      what = "code of \(name) edited"
    case 10:
      stage.comment += 1
      what = "prose of \(name) edited"
    default:
      // Back to how params.yaml and the scripts were at some time; files stay.
      model.parameters = saved.parameters
      model.stages = saved.stages
      what = "reverted"
    }
    if what != "reverted" { model.stages[name] = stage }
    if number == 0 { saved = model }
    try write(model, fixture)
    return what
  }
}
