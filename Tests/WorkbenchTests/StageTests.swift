// What a stage may read, write and know: what its header declares, and no more.

import Foundation
import Notebook
import TestSupport
import Testing
import Workbench

@Suite struct StageTests {
  func failure(_ body: () throws -> Void) throws -> String {
    let error = try #require(throws: StageFailure.self) { try body() }
    #expect(error.exit == .badInput)
    return error.message
  }

  // MARK: The order

  @Test func anotherProtocolIsRefusedWhateverItsShape() throws {
    let fixture = try OrderFixture()
    let file = try fixture.folder.write(#"{"protocol": 9, "new": true}"#, to: "later.json")
    #expect(
      try failure { _ = try Order(contentsOf: file.path) }.contains(
        "speaks protocol 9, this workspace's sources protocol 1"))
  }

  @Test(arguments: ["", "{", "[]", "{}", #"{"protocol": 1}"#])
  func damagedOrderIsNamed(_ text: String) throws {
    let fixture = try OrderFixture()
    let file = try fixture.folder.write(text, to: "bad.json")
    #expect(
      try failure { _ = try Order(contentsOf: file.path) }.hasPrefix("\(file.path): not an order"))
  }

  @Test func threadsAreThoseGranted() throws {
    let fixture = try OrderFixture()
    let stage = try fixture.stage()
    #expect(stage.threads == 3)
    // The runner changes its mind, and never grants more than it said.
    for (text, threads) in [("1\n", 1), ("2\n", 2), ("9\n", 3), ("", 3), ("0", 3)] {
      try fixture.folder.write(text, to: "threads")
      #expect(stage.threads == threads)
    }
    #expect(stage.mostThreads == 3)
    for none in ["{}", #"{"threads": 0}"#, #"{"threads": -1}"#] {
      #expect(try OrderFixture(["runtime": none]).stage().threads == 1)
    }
  }

  @Test func valuesArePinnedByTheFirst() throws {
    let fixture = try OrderFixture()
    let stage = try fixture.stage()
    #expect(try stage.pinned("train.epochs") { 31 } == 31)
    #expect(try stage.pinned("train.epochs") { 40 } == 31)
    #expect(try fixture.stage().pinned("other") { ["a"] } == ["a"])
    // Another instance was faster.
    let raced = try stage.pinned("raced") {
      try fixture.folder.write("7", to: "pinned/raced.json")
      return 8
    }
    #expect(raced == 7)
    let files = try FileManager.default.contentsOfDirectory(
      atPath: fixture.folder.url.appendingPathComponent("pinned").path)
    #expect(files.sorted() == ["other.json", "raced.json", "train.epochs.json"])
    try fixture.folder.write("{", to: "pinned/other.json")
    let error = #expect(throws: StageFailure.self) { try stage.pinned("other") { 1 } }
    #expect(error?.message.contains("pinned/other.json: can't be read") == true)
  }

  @Test func optionsAreText() throws {
    let stage = try OrderFixture().stage()
    #expect(
      ["data", "retries", "share", "quick"].map(stage.option) == ["/files", "2", "0.5", "true"])
    #expect(stage.option("none") == nil && stage.option("other") == nil)
  }

  @Test func itemsAreWholeNumbersOfDeclaredAxes() throws {
    let stage = try OrderFixture().stage()
    #expect(try stage.item("fold") == 2)
    for axis in ["part", "seed"] {
      #expect(
        try failure { _ = try stage.item(axis) }.contains(
          "“\(axis)” of whole numbers in the header of /code/stages/train.swift"))
    }
  }

  // MARK: Paths

  @Test func inputsAreWhatTheHeaderDeclares() throws {
    let fixture = try OrderFixture()
    try fixture.folder.write("a", to: "data/folds.csv")
    try fixture.folder.write("b", to: "data/train/images/x.png")
    try fixture.folder.write("c", to: "data/train2/x.png")
    try fixture.folder.write("d", to: "data/secret.csv")
    let stage = try fixture.stage()
    #expect(try String(contentsOf: stage.input("data/folds.csv"), encoding: .utf8) == "a")
    #expect(try String(contentsOf: stage.input("data/train/images/x.png"), encoding: .utf8) == "b")
    for path in [
      "data/secret.csv", "data/train2/x.png", "data", "data/train/../secret.csv", "",
      "data/train/../\u{301}x",
    ] {
      let message = try failure { _ = try stage.input(path) }
      #expect(
        message.hasPrefix("\(path): not among the `deps` in the header of /code/stages/train.swift")
      )
      #expect(message.contains("declared: data/folds.csv, data/train, data/models"))
      #expect(!stage.hasInput(path))
    }
    // Declared and not there is another matter than not declared.
    #expect(stage.hasInput("data/train/masks"))
    #expect(try failure { _ = try stage.input("data/train/masks") }.contains("nothing is there"))
  }

  @Test func inputsBelowAFolderAreTheDeclaredOnes() throws {
    let fixture = try OrderFixture()
    for fold in 0...2 { try fixture.folder.write("", to: "data/models/fold-\(fold)/model") }
    let stage = try fixture.stage()
    #expect(
      try stage.inputs(below: "data/models").map(\.lastPathComponent) == ["fold-0", "fold-1"])
    try FileManager.default.removeItem(
      at: fixture.folder.url.appendingPathComponent("data/models/fold-1"))
    #expect(
      try failure { _ = try stage.inputs(below: "data/models") }.hasPrefix(
        "data/models/fold-1: declared"))
    #expect(try failure { _ = try stage.inputs(below: "data") }.contains("not among the `deps`"))
  }

  @Test func outputsAreWrittenWhereTheRunnerSays() throws {
    let fixture = try OrderFixture()
    let stage = try fixture.stage()
    let base = fixture.folder.url.path + "/tmp/"
    #expect(try stage.output("data/out").path == base + "0")
    #expect(try stage.output("data/out.json").path == base + "1")
    let inner = try stage.output("data/out/a/b.csv")
    #expect(inner.path == base + "0/a/b.csv")
    try Data().write(to: inner)
    for path in ["data/other", "data/out.jso", "data", "data/out/../x", "data/out/../\u{301}x"] {
      let message = try failure { _ = try stage.output(path) }
      #expect(message.hasPrefix("\(path): not among the `outs`"))
      #expect(message.contains("declared: data/out, data/out.json"))
    }
    #expect(
      try failure { _ = try OrderFixture(["outputs": "{}"]).stage().output("x") }.contains(
        "declared: none"))
  }

  // MARK: Parameters

  struct Train: Codable, Equatable {
    var epochs: Int
    var rate: Double
  }

  @Test func parametersAreWhatTheHeaderDeclares() throws {
    let stage = try OrderFixture().stage()
    #expect(try stage.parameters("train") == Train(epochs: 3, rate: 0.1))
    #expect(try stage.parameters("train.epochs", as: Int.self) == 3)
    #expect(try stage.seed() == 7)
    for key in ["model", "train.epoch", "seed.x"] {
      #expect(
        try failure { _ = try stage.parameters(key, as: Int.self) }.hasPrefix(
          "\(key): not among the `params`"))
    }
    #expect(
      try failure { _ = try stage.parameters("competition", as: Int.self) }.hasPrefix(
        "competition: not among the `params`"))
  }

  struct Checked: CheckedParameters {
    var epochs: Int
    var rate: Double
    func check() throws {
      guard epochs > 3 else { throw InputError("train.epochs is \(epochs), should be above 3") }
    }
  }

  @Test func parametersAreCheckedAsTheyAreRead() throws {
    let error = #expect(throws: InputError.self) {
      _ = try OrderFixture().stage().parameters("train", as: Checked.self)
    }
    #expect(error?.description == "train.epochs is 3, should be above 3")
  }

  @Test func valuesAreWrittenAsJSONAndReadBack() throws {
    let stage = try OrderFixture().stage()
    try stage.write(Train(epochs: 3, rate: 0.5), to: "data/out/deep/train.json")
    let text = try String(contentsOf: stage.output("data/out/deep/train.json"), encoding: .utf8)
    #expect(text == "{\n  \"epochs\" : 3,\n  \"rate\" : 0.5\n}")
    try stage.write(
      ["b": 1, "a": ["x"], "none": nil, "text": "a/b"], to: "data/out.json")
    #expect(
      try JSONDecoder().decode(
        JSONValue.self, from: Data(contentsOf: stage.output("data/out.json")))
        == .object(["a": .array([.string("x")]), "b": .int(1), "text": .string("a/b")]))
    #expect(
      try failure { try stage.write(1, to: "elsewhere.json") }.contains("not among the `outs`"))
  }

  @Test func whatIsNoJSONIsToldWithItsFile() throws {
    let fixture = try OrderFixture()
    let file = try fixture.folder.write("{", to: "data/train/x.json")
    let stage = try fixture.stage()
    #expect(
      try failure { _ = try stage.read("data/train/x.json", as: Train.self) }.hasPrefix(
        "\(file.path): can't be read"))
    try fixture.folder.write(#"{"epochs": 2, "rate": 1}"#, to: "data/train/x.json")
    #expect(try stage.read("data/train/x.json") == Train(epochs: 2, rate: 1))
  }

  @Test func parametersThatNothingReadAreKnown() throws {
    let stage = try OrderFixture().stage()
    #expect(stage.unreadParameters == ["eda.bins", "seed", "train.epochs", "train.rate"])
    _ = try stage.parameters("train.rate", as: Double.self)
    _ = try stage.seed()
    #expect(stage.unreadParameters == ["eda.bins", "train.epochs"])
    _ = try stage.parameters("eda", as: [String: Int].self)
    _ = try stage.parameters("train", as: Train.self)
    #expect(stage.unreadParameters == [])
  }

  @Test func seedOfTheCommandLineIsToldAsSuch() throws {
    let stage = try OrderFixture(["params": #"{"seed": -1}"#, "overridden": #"["seed"]"#]).stage()
    #expect(try failure { _ = try stage.seed() } == "-S seed is -1, which is out of range")
  }
}
