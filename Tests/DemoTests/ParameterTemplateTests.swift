// The demo's params.yaml made from the repository's own: read back with a YAML reader, everything is as it
// was but what was set, comments included.

import Demo
import Foundation
import TestSupport
import Testing
import Yams

@Suite struct ParameterTemplateTests {
  let text: String

  init() throws {
    text = try String(contentsOf: Self.root.appendingPathComponent("params.yaml"), encoding: .utf8)
  }

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Scalars by dotted key as YAML text; lists and inline sections are spelt out.
  func leaves(_ text: String) throws -> [String: String] {
    func walk(_ node: Node, _ path: [String]) -> [String: String] {
      switch node {
      case .mapping(let mapping):
        mapping.reduce(into: [:]) { found, pair in
          found.merge(walk(pair.value, path + [pair.key.string ?? "?"])) { $1 }
        }
      case .sequence(let items):
        items.enumerated().reduce(into: [:]) { found, item in
          found.merge(walk(item.element, path + ["\(item.offset)"])) { $1 }
        }
      case .scalar(let scalar):
        [
          path.joined(separator: "|"): scalar.style == .plain
            ? scalar.string : "\"\(scalar.string)\""
        ]
      case .alias: [:]
      }
    }
    return walk(try #require(try Yams.compose(yaml: text)), [])
  }

  func comments(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.range(of: "# ").map { String(line[$0.lowerBound...]) }
    }
  }

  // MARK: The repository's own params.yaml

  @Test func nothingReplacedIsTheSameText() throws {
    #expect(try ParameterTemplate.replacing([], in: text) == text)
  }

  @Test(arguments: DemoWorkspace.Name.allCases)
  func demosSetWhatTheyNeedAndKeepTheRest(_ name: DemoWorkspace.Name) throws {
    let folder = try TemporaryFolder()
    let demo = DemoWorkspace(name, in: folder.url)
    // The files of the competition are tested elsewhere.
    try demo.prepare(
      size: .init(train: 4, test: 2), seed: 1, template: text, extra: [("train.epochs", "1")])
    let made = try String(
      contentsOf: demo.root.appendingPathComponent("params.yaml"), encoding: .utf8)
    let (old, new) = (try leaves(text), try leaves(made))
    #expect(new["competition|slug"] == demo.slug)
    #expect(new["train|epochs"] == "1")
    // What is a section in one competition and a word in another; and under unzip.place stand names of
    // files, the competition's own.
    let sections = [
      "unzip|place", "competition|classes", "competition|submission", "competition|metric",
      "competition|leaderboard", "train|phases", "train|augmentation",
    ]
    func keys(_ leaves: [String: String]) -> Set<String> {
      Set(leaves.keys.map { key in sections.first { key.hasPrefix($0) } ?? key })
    }
    #expect(keys(new) == keys(old))
    #expect(comments(made) == comments(text))
    for key in [
      "seed", "unzip|limit_gb", "train|loss|bce", "evaluate|minimum_areas|3", "runtime|threads",
    ] {
      #expect(old[key] != nil && new[key] == old[key], "\(key)")
    }
  }

  @Test(arguments: DemoWorkspace.Name.allCases)
  func everyFileThatIsServedHasAPlace(_ name: DemoWorkspace.Name) throws {
    let folder = try TemporaryFolder()
    let demo = DemoWorkspace(name, in: folder.url)
    try demo.prepare(size: .init(train: 4, test: 2), seed: 1, template: text)
    let new = try leaves(
      String(contentsOf: demo.root.appendingPathComponent("params.yaml"), encoding: .utf8))
    let placed = new.keys.compactMap { key in
      key.hasPrefix("unzip|place|") ? String(key.dropFirst("unzip|place|".count)) : nil
    }
    for file in try FileManager.default.contentsOfDirectory(atPath: demo.served.path) {
      #expect(placed.contains { $0 == file || $0 == "*.csv" && file.hasSuffix(".csv") }, "\(file)")
    }
  }

  @Test func cellsDifferInAllThatIsParticular() throws {
    let folder = try TemporaryFolder()
    let demo = DemoWorkspace(.cells, in: folder.url)
    try demo.prepare(size: .init(train: 4, test: 2), seed: 1, template: text)
    let made = try String(
      contentsOf: demo.root.appendingPathComponent("params.yaml"), encoding: .utf8)
    let new = try leaves(made)
    let wanted = [
      "competition|image|width": "96", "competition|image|height": "80",
      "competition|image|channels": "3",
      "competition|files|depths": "null", "competition|columns|depth": "null",
      "competition|depth_unit": "null",
      "competition|columns|id": "ImageId", "competition|columns|mask": "EncodedPixels",
      "competition|rle|order": "row", "competition|rle|empty": "\"-\"",
      "competition|metric": "dice",
      "unzip|place|train_pictures.zip": "train/pictures", "unzip|place|test_pictures.zip": "test",
      "unzip|place|*.csv": "tables",
    ]
    for (key, value) in wanted { #expect(new[key] == value, "\(key)") }
    #expect(new["unzip|place|train.zip"] == nil)
  }

  @Test func preparedTwiceIsGeneratedOnce() throws {
    let folder = try TemporaryFolder()
    let demo = DemoWorkspace(.cells, in: folder.url)
    let file = demo.served.appendingPathComponent("labels.csv")
    func prepare(seed: UInt64) throws -> Data {
      try demo.prepare(size: .init(train: 4, test: 2), seed: seed, template: text)
      return try Data(contentsOf: file)
    }
    let first = try prepare(seed: 1)
    try Data("kept".utf8).write(to: file)
    let fetched = demo.root.appendingPathComponent("data/raw")
    try FileManager.default.createDirectory(at: fetched, withIntermediateDirectories: true)
    #expect(try prepare(seed: 1) == Data("kept".utf8))
    #expect(FileManager.default.fileExists(atPath: fetched.path))
    // What was fetched of another competition's files has to be fetched anew.
    #expect(try prepare(seed: 2) != first)
    #expect(!FileManager.default.fileExists(atPath: fetched.path))
    #expect(try prepare(seed: 1) == first)
    // Left half done, as by a crash.
    try FileManager.default.removeItem(at: demo.root.appendingPathComponent("served.stamp"))
    try Data("broken".utf8).write(to: file)
    #expect(try prepare(seed: 1) == first)
  }

  @Test func whatIsSomebodysOwnStays() throws {
    let folder = try TemporaryFolder()
    let demo = DemoWorkspace(.cells, in: folder.url)
    let parameters = demo.root.appendingPathComponent("params.yaml")
    func prepare(_ template: String) throws -> Bool {
      try demo.prepare(size: .init(train: 4, test: 2), seed: 1, template: template)
    }
    try folder.write("mine", to: "cells/params.yaml")
    #expect(throws: DemoError.self) { try prepare(text) }
    #expect(try String(contentsOf: parameters, encoding: .utf8) == "mine")
    try FileManager.default.removeItem(at: parameters)
    #expect(try !prepare(text))
    // Another template is taken over, an edit is kept.
    #expect(try !prepare(text + "# more\n"))
    #expect(try String(contentsOf: parameters, encoding: .utf8).hasSuffix("# more\n"))
    try Data("edited: true\n".utf8).write(to: parameters)
    #expect(try prepare(text))
    #expect(try String(contentsOf: parameters, encoding: .utf8) == "edited: true\n")
  }

  // MARK: Replacing

  let sample = """
    # top: of the file
    a:
      b: 1  # one: the first
      "c.d": x
      list:
      - 1
      - {b: 2}

      # of e
      e:  # a section

        f: "x: # y"
        # within
        g: {h: 1}
      i: last
    b: 5

    # the end
    j:
      k: 1

    """

  @Test func valuesByTheirWholePath() throws {
    let made = try ParameterTemplate.replacing(
      [("a.b", "7"), ("b", "null"), ("a.e.f", "\"z\""), ("a.c.d", "y"), ("j.k", "[1, 2]")],
      in: sample)
    let wanted = sample.replacingOccurrences(of: "  b: 1  #", with: "  b: 7  #")
      .replacingOccurrences(of: "b: 5", with: "b: null")
      .replacingOccurrences(of: "f: \"x: # y\"", with: "f: \"z\"")
      .replacingOccurrences(of: "\"c.d\": x", with: "\"c.d\": y")
      .replacingOccurrences(of: "k: 1", with: "k: [1, 2]")
    #expect(made == wanted)
  }

  @Test func theLastOfTwoValuesHolds() throws {
    #expect(try ParameterTemplate.replacing([("b", "1"), ("b", "2")], in: "b: 0\n") == "b: 2\n")
  }

  @Test(arguments: [
    ("a.e", ["a|e": "0", "a|i": "last", "a|list|0": "1", "j|k": "1"], ["a|e|f", "a|e|g|h"]),
    ("a.list", ["a|list": "0", "a|e|g|h": "1", "a|i": "last"], ["a|list|0"]),
    ("a", ["a": "0", "b": "5", "j|k": "1"], ["a|b", "a|i"]),
    ("j", ["j": "0", "a|b": "1", "b": "5"], ["j|k"]),
  ])
  func sectionsAreReplacedWholesale(_ key: String, _ kept: [String: String], _ gone: [String])
    throws
  {
    let made = try ParameterTemplate.replacing([(key, "0")], in: sample)
    let found = try leaves(made)
    for (key, value) in kept { #expect(found[key] == value, "\(key)") }
    for key in gone { #expect(found[key] == nil, "\(key)") }
    #expect(made.hasSuffix("\n") && !made.hasSuffix("\n\n"))
  }

  @Test func lineEndsOfWindowsAreRead() throws {
    let made = try ParameterTemplate.replacing(
      [("a.b", "7")], in: sample.replacingOccurrences(of: "\n", with: "\r\n"))
    #expect(try leaves(made)["a|b"] == "7")
  }

  @Test(arguments: ["x", "a.x", "b.a", "e", "a.e.f.g", "top", ""])
  func missingKeyIsNamed(_ key: String) throws {
    let error = try #require(throws: DemoError.self) {
      try ParameterTemplate.replacing([("a.b", "1"), (key, "2")], in: sample)
    }
    #expect(error.description == "params.yaml has no key \(key), which the demo sets")
  }
}
