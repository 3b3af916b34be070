// The synthetic salt competition: its files, what the images hold, and that a seed gives the same
// bytes.

import Archive
import Demo
import Foundation
import Imaging
import TestSupport
import Testing

/// A generated competition with its archives unpacked.
struct Generated {
  let folder = try? TemporaryFolder()
  let files: URL
  let truth: URL

  init(_ competition: DemoCompetition, seed: UInt64 = 7, train: Int, test: Int) throws {
    let root = try #require(folder).url
    files = root.appendingPathComponent("served")
    truth = root.appendingPathComponent("truth.csv")
    try competition.generate(into: files, seed: seed, train: train, test: test, truth: truth)
  }

  /// A table's rows, its head apart.
  func table(_ name: String, head: String) throws -> [[String]] {
    try Self.rows(files.appendingPathComponent(name), head: head)
  }

  static func rows(_ file: URL, head: String) throws -> [[String]] {
    var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    #expect(lines.removeFirst() == head)
    #expect(lines.removeLast() == "")
    return lines.map { $0.components(separatedBy: ",") }
  }

  /// Expects the same bytes of the same seed, and others of another one. Tables that know no seed are the
  /// same in any case.
  static func expectRepeatable(_ competition: DemoCompetition, train: Int, test: Int) throws {
    let one = try Generated(competition, seed: 3, train: train, test: test)
    let two = try Generated(competition, seed: 3, train: train, test: test)
    let other = try Generated(competition, seed: 4, train: train, test: test)
    for name in try FileManager.default.contentsOfDirectory(atPath: one.files.path) {
      func bytes(_ made: Generated) throws -> Data {
        try Data(contentsOf: made.files.appendingPathComponent(name))
      }
      #expect(try bytes(one) == bytes(two), "\(name)")
      if competition != .streets || name.hasSuffix(".zip") {
        #expect(try bytes(one) != bytes(other), "\(name)")
      }
    }
  }

  /// The pictures of an archive by their path in it.
  func pictures(_ name: String) throws -> [String: Raster] {
    let root = files.deletingLastPathComponent().appendingPathComponent("unpacked-\(name)")
    _ = try Archive.extract(files.appendingPathComponent(name), into: root, limit: 1 << 30) { _ in }
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
      .filter { $0.hasSuffix(".png") }
    return Dictionary(
      uniqueKeysWithValues: try paths.map {
        ($0, try PNG.decode(contentsOf: root.appendingPathComponent($0)))
      })
  }
}

@Suite struct SaltCompetitionTests {
  @Test func filesAgreeWithEachOther() throws {
    let made = try Generated(.salt, train: 120, test: 12)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: made.files.path).sorted()
        == ["depths.csv", "sample_submission.csv", "test.zip", "train.csv", "train.zip"])
    let train = try made.table("train.csv", head: "id,rle_mask")
    let sample = try made.table("sample_submission.csv", head: "id,rle_mask")
    let truth = try Generated.rows(made.truth, head: "id,rle_mask")
    let depths = try made.table("depths.csv", head: "id,z")
    let ids = train.map { $0[0] }
    #expect(ids.count == 120 && sample.count == 12)
    #expect(sample.allSatisfy { $0[1] == "1 1" })
    #expect(truth.map { $0[0] } == sample.map { $0[0] })
    #expect(Set(depths.map { $0[0] }) == Set(ids + sample.map { $0[0] }))
    #expect(Set(depths.map { $0[0] }).count == 132)
    #expect(depths.allSatisfy { (50...960).contains(Int($0[1]) ?? 0) })
    #expect(ids.allSatisfy { $0.count == 10 && $0.allSatisfy { "0123456789abcdef".contains($0) } })

    let pictures = try made.pictures("train.zip")
    #expect(pictures.count == 240)
    var depthsOfMasks: Set<Int> = []
    for row in train {
      let image = try #require(pictures["images/\(row[0]).png"])
      let mask = try #require(pictures["masks/\(row[0]).png"])
      #expect((image.width, image.height, image.channels, image.bitDepth) == (101, 101, 3, 8))
      #expect((mask.width, mask.height, mask.channels) == (101, 101, 1))
      #expect(RunLength().encode(Mask(mask)) == row[1])
      depthsOfMasks.insert(mask.bitDepth)
    }
    #expect(depthsOfMasks == [8, 16])
    let hidden = try made.pictures("test.zip")
    #expect(Set(hidden.keys) == Set(sample.map { "images/\($0[0]).png" }))
    #expect(
      pictures.merging(hidden) { one, _ in one }.filter { $0.key.hasPrefix("images") }.values
        .allSatisfy { Plane($0, channels: 1).values == Plane($0, channels: 3).values.thirds })
  }

  @Test func whatTheImagesHold() throws {
    let made = try Generated(.salt, train: 200, test: 1)
    let rows = try made.table("train.csv", head: "id,rle_mask")
    let masks = try rows.map { try RunLength().decode($0[1], width: 101, height: 101) }
    let empty = masks.count(where: \.isEmpty)
    #expect((70...82).contains(empty), "about 38 % of 200 are empty: \(empty)")
    // Every tenth of coverage occurs.
    #expect(Set(masks.filter { !$0.isEmpty }.map { min(9, Int($0.coverage * 10)) }).count == 10)
    let depth = Dictionary(
      uniqueKeysWithValues: try made.table("depths.csv", head: "id,z").map {
        ($0[0], Double($0[1]) ?? 0)
      })
    func mean(_ rows: [[String]]) -> Double {
      rows.reduce(0) { $0 + (depth[$1[0]] ?? 0) } / Double(rows.count)
    }
    let deep = zip(rows, masks).filter { $1.coverage > 0.5 }.map(\.0)
    let bare = zip(rows, masks).filter { $1.isEmpty }.map(\.0)
    #expect(mean(deep) > mean(bare) + 60, "salt lies deeper")

    let pictures = try made.pictures("train.zip")
    let images = rows.compactMap { pictures["images/\($0[0]).png"] }
    #expect(images.contains { $0.samples.allSatisfy { $0 == 0 } }, "a blank image")
    #expect(masks.contains { (1...10).contains($0.area) }, "a tiny mask")
    #expect(
      masks.contains { mask in
        !mask.isEmpty && mask.coverage < 0.5
          && (1..<101).allSatisfy { mask.pixels[($0 * 101)...].prefix(101) == mask.pixels[..<101] }
      }, "a mask of whole columns")
    let patterned = images.filter { Set($0.samples).count > 1 }.map(\.samples)
    #expect(Set(patterned).count < patterned.count, "an image that occurs twice")
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    try Generated.expectRepeatable(.salt, train: 25, test: 5)
  }

  @Test func aFolderThatIsThereIsLeftAlone() throws {
    let folder = try TemporaryFolder()
    try folder.write("mine", to: "served/notes.txt")
    let error = #expect(throws: DemoError.self) {
      try DemoCompetition.salt.generate(
        into: folder.url.appendingPathComponent("served"), seed: 1, train: 2, test: 1)
    }
    #expect(error?.description.contains("exists already") == true)
    #expect(throws: DemoError.self) {
      try DemoCompetition.cells.generate(
        into: folder.url.appendingPathComponent("new"), seed: 1, train: 0, test: 1)
    }
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: folder.url.path).sorted()
        == ["served", "served/notes.txt"])
  }

  @Test func nothingStaysOfWhatCouldNotBeFinished() throws {
    let folder = try TemporaryFolder()
    let served = folder.url.appendingPathComponent("served")
    #expect(throws: (any Error).self) {
      try DemoCompetition.cells.generate(
        into: served, seed: 1, train: 2, test: 1,
        truth: folder.url.appendingPathComponent("no/such/folder.csv"))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
  }
}

extension [Float] {
  /// Every third value.
  fileprivate var thirds: [Float] { stride(from: 0, to: count, by: 3).map { self[$0] } }
}
