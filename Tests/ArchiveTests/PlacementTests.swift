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

  /// Another kind of archive, or the folder that the archive would become.
  @Test(arguments: ["train.7z", "train.tar.gz", "train"])
  func whatStandsForAnArchiveTakesItsPlace(_ name: String) throws {
    let found = try Placement(of: ["depths.csv", "test_1.zip", name], by: place)
    #expect(found.found.last == .init(name: name, folder: "train"))
    // Where the archive is there, a folder beside it is nothing that was meant.
    #expect(try Placement(of: names + [name], by: place).left.contains(name))
  }

  @Test func oneArchiveOfAllIsOpened() throws {
    let folder = try TemporaryFolder()
    let raw = folder.url.appendingPathComponent("raw")
    func inner(_ name: String) throws -> Data {
      let writer = try ArchiveWriter(folder.url.appendingPathComponent(name))
      try writer.add(path: "images/a.png", data: Data("x".utf8))
      try writer.finish()
      return try Data(contentsOf: folder.url.appendingPathComponent(name))
    }
    try FileManager.default.createDirectory(at: raw, withIntermediateDirectories: true)
    let all = try ArchiveWriter(raw.appendingPathComponent("competition.zip"))
    try all.add(path: "depths.csv", data: Data("id\n".utf8))
    try all.add(path: "train.zip", data: inner("train.zip"))
    try all.add(path: "test_1.zip", data: inner("test_1.zip"))
    try all.finish()
    let opened = try competitionFolder(
      raw, by: place, scratch: folder.url.appendingPathComponent("scratch"), limit: 1 << 20)
    let names = try FileManager.default.contentsOfDirectory(atPath: opened.path).sorted()
    #expect(names == ["depths.csv", "test_1", "train"])
    let found = try Placement(
      of: names, by: ["train.zip": "train", "test_1.zip": "test", "*.csv": "tables"])
    #expect(found.found.map(\.parts[0].folder) == ["tables", "test", "train"])
    // Of a folder, all that is in it.
    let target = folder.url.appendingPathComponent("data/train")
    let result = try unpack(opened.appendingPathComponent("train"), into: [("", target)], limit: 1)
    #expect(result.files == 1)
    #expect(FileManager.default.fileExists(atPath: target.path + "/images/a.png"))
    // With a second file beside it, it is taken as it is.
    try Data().write(to: raw.appendingPathComponent("more.csv"))
    #expect(
      try competitionFolder(raw, by: place, scratch: folder.url, limit: 1 << 20).path == raw.path)
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
    #expect(
      error?.description.hasPrefix(
        "unzip.place in params.yaml: nothing goes to data/\(folder); it names no place for") == true
    )
    #expect(error?.description.contains("notes.txt") == true)
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
    let first = try unpack(pack("a.zip", ["x/1", "y"]), into: [("", target)], limit: 100)
    #expect(first.files == 2 && first.bytes == 4)
    try unpackMore(pack("b.zip", ["z"]), into: target)
    let table = try folder.write("id\n", to: "t.csv")
    let copied = try unpack(table, into: [("", target)], limit: 0)
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

  // MARK: Parts of an archive

  @Test func pathsAreForPartsOfAnArchive() throws {
    let found = try Placement(
      of: ["all.zip", "more.csv"],
      by: [
        "all.zip/train": "train", "all.zip/a/test.zip": "test", "all.zip/*.csv": "tables",
        "*.csv": "tables",
      ])
    #expect(
      found.found == [
        .init(
          name: "all.zip",
          parts: [
            .init(path: "*.csv", folder: "tables"), .init(path: "a/test.zip", folder: "test"),
            .init(path: "train", folder: "train"),
          ]),
        .init(name: "more.csv", folder: "tables"),
      ])
    let error = #expect(throws: InputError.self) {
      try Placement(of: ["more.csv"], by: ["all.zip/train": "train", "*.csv": "tables"])
    }
    #expect(error?.description.hasPrefix("data/raw/all.zip: named in unzip.place") == true)
  }

  private func pack(
    _ name: String, _ files: [(String, Data)], in folder: TemporaryFolder
  ) throws -> URL {
    let url = folder.url.appendingPathComponent(name)
    let writer = try ArchiveWriter(url)
    for file in files { try writer.add(path: file.0, data: file.1) }
    try writer.finish()
    return url
  }

  @Test func anArchiveIsDivided() throws {
    let folder = try TemporaryFolder()
    let inner = try Data(
      contentsOf: pack("inner.zip", [("images/t.png", Data("t".utf8))], in: folder))
    let all = try pack(
      "all.zip",
      [
        ("train/images/a.png", Data("a".utf8)), ("train/masks/a.png", Data("m".utf8)),
        ("test.zip", inner), ("sample.csv", Data("id".utf8)), ("readme.txt", Data("r".utf8)),
        ("more/x/y.txt", Data("y".utf8)), ("__MACOSX/._test.zip", Data("no archive".utf8)),
      ], in: folder)
    func place(_ name: String) -> URL { folder.url.appendingPathComponent("data/\(name)") }
    let made = try unpack(
      all,
      into: [
        ("train", place("train")), ("test.zip", place("test/images")), ("*.csv", place("tables")),
      ], limit: 10_000)
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: place("").path).sorted()
        == [
          "tables", "tables/sample.csv", "test", "test/images", "test/images/images",
          "test/images/images/t.png", "train", "train/images", "train/images/a.png", "train/masks",
          "train/masks/a.png",
        ])
    #expect(made.left == ["more/x/y.txt", "readme.txt"])
    let error = #expect(throws: InputError.self) {
      try unpack(all, into: [("trian", place("other"))], limit: 10_000)
    }
    #expect(
      error?.description
        == "all.zip: holds no trian, for which unzip.place of params.yaml has a place; it holds more, "
        + "readme.txt, sample.csv, test, train")
  }

  @Test func anArchiveInsideIsSeenAsItWillLie() throws {
    let folder = try TemporaryFolder()
    let train = try Data(
      contentsOf: pack("t.zip", [("images/a.png", Data("pixels".utf8))], in: folder))
    let table = try Data(
      contentsOf: pack("c.zip", [("train.csv", Data("id,rle".utf8))], in: folder))
    let all = try pack(
      "all.zip",
      [("data/train.zip", train), ("data/train.csv.zip", table), ("note", Data("n".utf8))],
      in: folder)
    let view = try ArchiveView(all)
    #expect(
      view.entries.map(\.path).sorted() == ["data/train.csv", "data/train/images/a.png", "note"])
    var found: [String: String] = [:]
    try view.read(["data/train.csv", "data/train/images/a.png", "note", "none"], limit: 100) {
      found[$0] = String(decoding: $1, as: UTF8.self)
    }
    #expect(
      found == ["data/train.csv": "id,rle", "data/train/images/a.png": "pixels", "note": "n"])
    // What `extract` makes of it is the same.
    let out = folder.url.appendingPathComponent("out")
    try extract(all, into: out, limit: 10_000)
    for (path, text) in found {
      #expect(try String(contentsOf: out.appendingPathComponent(path), encoding: .utf8) == text)
    }
  }

  private func unpackMore(_ file: URL, into folder: URL) throws {
    _ = try unpack(file, into: [("", folder)], limit: 100)
  }
}

extension UnzipSettings {
  fileprivate func with(_ limit: Double) -> UnzipSettings {
    var settings = self
    settings.limitGb = limit
    return settings
  }
}
