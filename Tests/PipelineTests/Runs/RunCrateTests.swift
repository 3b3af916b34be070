// A run as a crate: every entity that is named is described, files are those of the run with their digests, and data are told
// apart by their bytes. What the format asks for beyond is checked by its own validator (docs/exports.md).

import Basics
import Foundation
import Hashing
import Pipeline
import Testing

@Suite struct RunCrateTests {
  private func crate(_ fixture: WorkspaceFixture, pages: [CrateFile] = []) throws -> (
    RunCrate, entities: [String: JSONValue]
  ) {
    let id = try #require(fixture.history.ids().first)
    let crate = try RunCrate(
      id, of: fixture.history, title: "Salt <\"1\">", rules: "https://example.org/rules",
      pages: pages)
    let value = try JSONDecoder().decode(JSONValue.self, from: crate.description())
    guard case .array(let graph)? = value["@graph"] else { return (crate, [:]) }
    var entities: [String: JSONValue] = [:]
    for entity in graph {
      let name = try #require(entity["@id"]?.plainText)
      #expect(entities.updateValue(entity, forKey: name) == nil, "\(name) stands twice")
    }
    return (crate, entities)
  }

  /// All ids that an entity refers to.
  private func references(_ value: JSONValue) -> [String] {
    switch value {
    case .array(let values): values.flatMap(references)
    case .object(let members):
      members.count == 1 && members[0].key == "@id"
        ? [members[0].value.plainText] : members.flatMap { references($0.value) }
    default: []
    }
  }

  @Test func whatIsNamedIsDescribed() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write("salt\n", to: "a 1%#.txt")
    try fixture.copy("first", from: "\"a 1%#.txt\"", to: "b.txt")
    try fixture.copy("second", from: "b.txt", to: "c.csv", "keep: [c.csv]")
    #expect(try fixture.ran("all") == ["first", "second"])
    let page = CrateFile(
      "pages/first.html", name: "page of first", type: "text/html", bytes: Data("<p>".utf8))
    let (crate, entities) = try crate(fixture, pages: [page])

    let outside = [
      "https://w3id.org/ro/crate/1.1", "http://schema.org/CompletedActionStatus",
    ]
    for entity in entities.values {
      for name in references(entity) where !outside.contains(name) {
        #expect(entities[name] != nil, "\(name) is nowhere described")
      }
    }
    let paths = crate.files.map(\.path)
    #expect(
      Set(paths).isSuperset(of: ["run.json", "parameters.json", "pages/first.html"]), "\(paths)")
    #expect(paths.contains("kept/second/c.csv"))
    for file in crate.files {
      let entity = try #require(entities[file.path], "\(file.path)")
      #expect(entity["sha256"]?.plainText == Digest.hex(of: Array(file.bytes)))
      #expect(entity["contentSize"]?.plainText == "\(file.bytes.count)")
    }
    // What the first made is what the second read.
    let (first, second) = (entities["#run/first"], entities["#run/second"])
    let made = references(try #require(first?["result"]))
    #expect(made.count == 1)
    #expect(references(try #require(second?["object"])) == made + ["parameters.json"])
    #expect(entities[made[0]]?["name"]?.plainText == "b.txt")
    #expect(entities[made[0]]?["sha256"]?.plainText == Digest.hex(of: "salt\n"))
    #expect(
      references(try #require(first?["object"])).contains { $0.hasPrefix("#data/a%201%25%23.txt/") }
    )
    #expect(try self.crate(fixture, pages: [page]).0.description() == crate.description())
    // No path of this machine.
    let text = String(decoding: try crate.description(), as: UTF8.self)
    #expect(!text.contains(fixture.url.path))
  }

  @Test func aFailureIsTold() throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage("broken", "outs: [x.txt]", body: "exit 1")
    _ = try fixture.run("all")
    let (_, entities) = try crate(fixture)
    let action = try #require(entities["#run/broken"])
    #expect(references(action).contains("http://schema.org/FailedActionStatus"))
    #expect(action["error"]?.plainText.isEmpty == false)
  }

  @Test func aRunThatGoesOnIsRefused() throws {
    let fixture = try WorkspaceFixture()
    try fixture.write(
      #"{"version": 2, "started": "2026-01-02T03:04:05Z", "status": "running", "targets": ["all"], "#
        + #""runtime": {}, "overrides": {}, "instances": []}"#,
      to: ".work/runs/20260102T030405Z-1/run.json")
    let error = #expect(throws: PipelineError.self) { try self.crate(fixture) }
    #expect(error?.description.contains("has not ended") == true)
  }
}
