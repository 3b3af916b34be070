// Where each file of a competition goes, and that nothing is overwritten on the way.

import Archive
import Basics
import Foundation
import TestSupport
import Testing

struct PlacementTests {
  let place = ["train.zip": "train", "test*.zip": "test", "*.csv": "tables"]
  let names = ["depths.csv", "notes.txt", "sample.csv.zip", "test_1.zip", "train.zip"]

  @Test func namesComeBeforePatternsAndTablesMayBeZipped() throws {
    let found = try Placement(of: names, by: place)
    #expect(found.left == ["notes.txt"])
    #expect(
      found.found == [
        .init(name: "depths.csv", folder: "tables"),
        .init(name: "sample.csv.zip", folder: "tables"),
        .init(name: "test_1.zip", folder: "test"), .init(name: "train.zip", folder: "train"),
      ])
    // One file is set apart from its kind.
    let apart = try Placement(of: names, by: place.merging(["depths.csv": "train/more"]) { $1 })
    #expect(apart.found[0] == .init(name: "depths.csv", folder: "train/more"))
  }

  @Test func aNameThatIsNotThereIsToldWithThoseThatAre() {
    let error = #expect(throws: InputError.self) {
      try Placement(of: names, by: place.merging(["masks.zip": "train"]) { $1 })
    }
    #expect(
      error?.description
        == "data/raw/masks.zip: named in unzip.place of params.yaml, but not among the files "
        + "(depths.csv, notes.txt, sample.csv.zip, test_1.zip, train.zip)")
    #expect(error?.exit == .badInput)
  }

  @Test(arguments: ["train", "test", "tables"])
  func aFolderThatGetsNothingIsRefused(_ folder: String) {
    let error = #expect(throws: InputError.self) {
      try Placement(of: names, by: place.filter { $0.value != folder })
    }
    #expect(error?.description == "unzip.place in params.yaml: nothing goes to data/\(folder)")
  }

  @Test(arguments: [0, -1, 2e6, .infinity])
  func limitsThatAreNoneAreRefused(_ limit: Double) {
    #expect(throws: InputError.self) {
      try JSONDecoder().decode(
        UnzipSettings.self, from: Data(#"{"place": {}, "limitGb": 20}"#.utf8)
      ).with(limit).check()
    }
  }

  @Test func twoArchivesFillOneFolderUnlessTheyHoldTheSameName() throws {
    let folder = try TemporaryFolder()
    let target = folder.url.appendingPathComponent("train")
    func pack(_ name: String, _ files: [String]) throws -> URL {
      let url = folder.url.appendingPathComponent(name)
      let writer = try ArchiveWriter(url)
      for file in files { try writer.add(path: file, data: Data(file.utf8)) }
      try writer.finish()
      return url
    }
    let first = try unpack(pack("a.zip", ["x/1", "y"]), into: target, limit: 100)
    #expect(first.files == 2 && first.bytes == 4)
    try unpackMore(pack("b.zip", ["z"]), into: target)
    let table = try folder.write("id\n", to: "t.csv")
    let copied = try unpack(table, into: target, limit: 0)
    #expect(copied.files == 1 && copied.bytes == 3)
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: target.path).sorted()
        == ["t.csv", "x", "x/1", "y", "z"])
    let error = #expect(throws: InputError.self) {
      try unpackMore(pack("c.zip", ["y"]), into: target)
    }
    #expect(
      error?.description.hasPrefix("c.zip: holds y, which another archive has put there") == true)
  }

  @Test func aDamagedArchiveIsToldWithTheRemedy() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("no zip at all", to: "train.zip")
    let error = #expect(throws: ArchiveError.self) {
      try unpackMore(file, into: folder.url.appendingPathComponent("train"))
    }
    #expect(error?.description.hasSuffix("`work run download --force` fetches it again.") == true)
    #expect(error?.exit == .badInput)
  }

  private func unpackMore(_ file: URL, into folder: URL) throws {
    _ = try unpack(file, into: folder, limit: 100)
  }
}

extension UnzipSettings {
  fileprivate func with(_ limit: Double) -> UnzipSettings {
    var settings = self
    settings.limitGb = limit
    return settings
  }
}
