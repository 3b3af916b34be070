// Unpacking: what arrives, what is refused, and that a failure leaves nothing behind.

import Archive
import Foundation
import TestSupport
import Testing

/// A folder with an archive in it and the place it is unpacked to.
private struct ArchiveFixture {
  let folder: TemporaryFolder
  var zip: URL { folder.url.appendingPathComponent("pack.zip") }
  var target: URL { folder.url.appendingPathComponent("out") }

  init(_ data: Data) throws {
    folder = try TemporaryFolder()
    try folder.write(data, to: "pack.zip")
  }

  init(_ entries: [(String, Data)]) throws {
    folder = try TemporaryFolder()
    try pack(entries, at: zip)
  }

  func extract(limit: Int64 = 1 << 30) throws -> Extraction.Summary {
    try Archive.extract(zip, into: target, limit: limit)
  }

  /// The error of an extraction that must fail and leave only the archive.
  func failure(limit: Int64 = 1 << 30) throws -> ArchiveError {
    let error = try #require(throws: ArchiveError.self) { try extract(limit: limit) }
    #expect(try contents(of: folder.url) == ["pack.zip"])
    return error
  }
}

private func pack(_ entries: [(String, Data)], at url: URL) throws {
  let writer = try ArchiveWriter(url)
  for (path, data) in entries { try writer.add(path: path, data: data) }
  try writer.finish()
}

private func packed(_ entries: [(String, Data)]) throws -> Data {
  let folder = try TemporaryFolder()
  let url = folder.url.appendingPathComponent("nested.zip")
  try pack(entries, at: url)
  return try Data(contentsOf: url)
}

/// The paths of all files below a folder, sorted.
private func contents(of folder: URL) throws -> [String] {
  let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
  return all.filter {
    var isFolder: ObjCBool = false
    let path = folder.appendingPathComponent($0).path
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }.sorted()
}

private func text(_ string: String) -> Data { Data(string.utf8) }

@Suite struct ExtractionTests {
  @Test func whatWasPackedArrivesByteForByte() throws {
    var generator = SystemRandomNumberGenerator()
    var entries: [(String, Data)] = [("empty", Data()), ("a/b/c.txt", text("deep"))]
    for index in 0..<20 {
      let bytes = (0..<(index * 4001)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      entries.append(("images/\(index).bin", Data(bytes)))
    }
    entries.append(("sälz/salt.txt", text("a name beyond ASCII")))
    let fixture = try ArchiveFixture(entries)
    let summary = try fixture.extract()
    #expect(summary.files == entries.count)
    #expect(summary.bytes == entries.reduce(0) { $0 + Int64($1.1.count) })
    #expect(try contents(of: fixture.target) == entries.map(\.0).sorted())
    for (path, data) in entries {
      #expect(try Data(contentsOf: fixture.target.appendingPathComponent(path)) == data)
    }
    #expect(try contents(of: fixture.folder.url).allSatisfy { !$0.contains("partial") })
  }

  @Test func nestedArchivesAreUnpackedWhereTheyLie() throws {
    let deepest = try packed([("z.txt", text("z")), ("y.txt", text("y"))])
    let fixture = try ArchiveFixture([
      ("tables/x.csv.zip", try packed([("x.csv", text("id\n"))])),
      ("train.zip", try packed([("images/1.png", text("1")), ("deep.zip", deepest)])),
      ("test.ZIP", try packed([("images/1.png", text("2"))])),
      ("none.zip", try packed([])),
    ])
    let summary = try fixture.extract()
    #expect(
      try contents(of: fixture.target) == [
        "tables/x.csv", "test/images/1.png", "train/deep.zip", "train/images/1.png",
      ])
    #expect(
      try Data(contentsOf: fixture.target.appendingPathComponent("train/deep.zip")) == deepest)
    #expect(summary.files == 4)
    #expect(summary.bytes == Int64(3 + 1 + 1 + deepest.count))
  }

  @Test func aNestedArchiveNeverReplacesAnEntry() throws {
    let inner = try packed([("1", text("1")), ("2", text("2"))])
    let fixture = try ArchiveFixture([("train.zip", inner), ("train/3", text("3"))])
    let error = try fixture.failure()
    #expect(error.kind == .duplicate)
    #expect(error.description.contains("train.zip"))
  }

  @Test(arguments: [
    "/etc/passwd", "../x", "../\u{301}x", "/\u{301}x", "a/../../x", "a/..", "..", ".", "./",
    "a\\..\\x", "a\nb", "",
  ])
  func unsafeNamesAreRefused(_ name: String) throws {
    let good = RawZip.Entry(name: "good")
    let fixture = try ArchiveFixture(RawZip.data([good, RawZip.Entry(name: name)]))
    #expect(try fixture.failure().kind == .unsafe)
  }

  @Test(arguments: [0o120777 as UInt32, 0o020644, 0o060644, 0o140644])
  func linksAndSpecialFilesAreRefused(_ mode: UInt32) throws {
    let entry = RawZip.Entry(name: "link", content: Array("/etc".utf8), mode: mode)
    let error = try ArchiveFixture(RawZip.data([entry, RawZip.Entry(name: "link/x")])).failure()
    #expect(error.kind == .unsafe)
    #expect(error.entry == "link")
  }

  @Test(arguments: [["a", "a"], ["a", "./a"], ["a", "a/b"], ["a/b", "a"], ["x/a", "x//a"]])
  func twoEntriesOfOnePlaceAreRefused(_ names: [String]) throws {
    let error = try ArchiveFixture(RawZip.data(names.map { RawZip.Entry(name: $0) })).failure()
    #expect(error.kind == .duplicate)
    #expect(error.entry == names[1])
  }

  @Test func namesThatDifferInCaseStayApart() throws {
    let fixture = try ArchiveFixture([("A.png", text("A")), ("a.png", text("a"))])
    // On a file system that ignores case, this is a refusal, not an overwritten file.
    _ = try fixture.extract()
    #expect(try contents(of: fixture.target) == ["A.png", "a.png"])
  }

  @Test func bookkeepingOfOperatingSystemsIsLeftOut() throws {
    let fixture = try ArchiveFixture(
      RawZip.data([
        .init(name: "a.csv"), .init(name: "__MACOSX/"), .init(name: "__MACOSX/._a.csv"),
        .init(name: "images/.DS_Store"), .init(name: "images/Thumbs.db"),
        .init(name: "images/._b.png"),
        .init(name: "images/b.png"), .init(name: "desktop.ini"),
      ]))
    let summary = try fixture.extract()
    #expect(try contents(of: fixture.target) == ["a.csv", "images/b.png"])
    #expect(summary.leftovers == 6 && summary.files == 2)
  }

  /// By the specification, a name without the mark of UTF-8 is in code page 437.
  @Test func namesFromBeforeUTF8AreRead() throws {
    let fixture = try ArchiveFixture(
      RawZip.data([
        .init(name: "a"),
        .init(name: "", flags: 0, nameBytes: [0x82, 0x2E, 0x74, 0x78, 0x74]),
      ]))
    let summary = try fixture.extract()
    #expect(try contents(of: fixture.target) == ["a", "é.txt"])
    #expect(summary.oldNames == ["é.txt"])
  }

  @Test(arguments: [1, 20_000, 65_535]) func aCommentMayBeLong(_ length: Int) throws {
    let fixture = try ArchiveFixture(
      RawZip.data([.init(name: "a"), .init(name: "b/c")], comment: length))
    _ = try fixture.extract()
    #expect(try contents(of: fixture.target) == ["a", "b/c"])
    // Without the end of the table of contents it is damaged as before.
    try fixture.folder.write(
      Data(contentsOf: fixture.zip).dropLast(length + 1), to: "pack.zip")
    try FileManager.default.removeItem(at: fixture.target)
    #expect(throws: ArchiveError.self) { try fixture.extract() }
  }

  @Test func anUnknownMethodIsNoDamage() throws {
    let error = try ArchiveFixture(RawZip.data([.init(name: "a", method: 9)])).failure()
    #expect(error.kind == .unsupported && error.entry == "a")
    #expect(error.reason.contains("7-Zip") && !error.reason.contains("download"))
  }

  /// A tar archive of one file, as POSIX has it.
  private func tar(_ name: String, _ content: String) -> Data {
    var head = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ place: Int) {
      for (index, byte) in text.utf8.enumerated() { head[place + index] = byte }
    }
    put(name, 0)
    put("0000644", 100)
    put(
      String(repeating: "0", count: 11 - String(content.utf8.count, radix: 8).count)
        + String(content.utf8.count, radix: 8), 124)
    put("00000000000", 136)
    put("        ", 148)
    put("0", 156)
    put("ustar", 257)
    put("00", 263)
    let sum = String(head.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", 148)
    let body = Array(content.utf8)
    return Data(
      head + body + [UInt8](repeating: 0, count: 512 - body.count % 512)
        + [UInt8](repeating: 0, count: 1024))
  }

  /// Of which kind it is, the first bytes say.
  @Test(arguments: ["train.tar", "train.zip", "train"]) func otherArchivesAreUnpacked(
    _ name: String
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write(tar("images/a.png", "picture"), to: name)
    let target = folder.url.appendingPathComponent("out/train")
    let result = try unpack(
      folder.url.appendingPathComponent(name), into: [("", target)], limit: 1 << 20)
    #expect(result.files == 1 && result.bytes == 7)
    #expect(try contents(of: target) == ["images/a.png"])
  }

  @Test func aFileThatIsCompressedAloneKeepsItsName() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      #require(Data(base64Encoded: "H4sIAAAAAAACA8tM0aniStQx5AIAsCk5PgkAAAA=")), to: "train.csv.gz")
    let target = folder.url.appendingPathComponent("out/tables")
    _ = try unpack(
      folder.url.appendingPathComponent("train.csv.gz"), into: [("", target)], limit: 1 << 20)
    #expect(
      try String(contentsOf: target.appendingPathComponent("train.csv"), encoding: .utf8)
        == "id,z\na,1\n")
  }

  @Test func anEncryptedEntryIsRefused() throws {
    let error = try ArchiveFixture(RawZip.data([RawZip.Entry(name: "secret", flags: 1)])).failure()
    #expect(error.kind == .unsupported)
    #expect(error.entry == "secret")
  }

  @Test func theLimitCountsRealBytes() throws {
    let fixture = try ArchiveFixture([("zeros", Data(count: 100_000))])
    #expect(try fixture.failure(limit: 99_999).kind == .tooLarge)
    #expect(try fixture.extract(limit: 100_000).bytes == 100_000)
  }

  /// Bytes alone don't count: folders and empty files have none.
  @Test func tooManyEntriesAreRefused() throws {
    let fixture = try ArchiveFixture((0...10_000).map { ("e/\($0)", Data()) })
    let error = try fixture.failure(limit: 1 << 20)
    #expect(error.kind == .tooLarge && error.description.contains("more than 10000 files"))
    #expect(try fixture.extract(limit: 1 << 30).files == 10_001)
  }

  @Test func whatCannotFitIsRefusedBeforeTheFirstByte() throws {
    let fixture = try ArchiveFixture([
      ("zeros", Data(count: 100_000)), ("more", Data(count: 50_000)),
    ])
    let error = try #require(throws: ArchiveError.self) {
      try Archive.extract(
        fixture.zip, into: fixture.target, limit: 1 << 30,
        progress: { _ in Issue.record("something was unpacked") }, free: { _ in 149_999 })
    }
    #expect(error.kind == .diskFull)
    #expect(error.description.contains("150 kB"), "\(error)")
    #expect(try contents(of: fixture.folder.url) == ["pack.zip"])
    let summary = try Archive.extract(
      fixture.zip, into: fixture.target, limit: 1 << 30, free: { _ in 150_000 })
    #expect(summary.bytes == 150_000)
  }

  @Test func theLimitCountsNestedArchives() throws {
    let inner = try packed([("zeros", Data(count: 100_000)), ("more", Data(count: 100_000))])
    let fixture = try ArchiveFixture([("inner.zip", inner)])
    let error = try fixture.failure(limit: 200_000)
    #expect(error.kind == .tooLarge)
    #expect(error.description.contains("inner.zip"))
    #expect(try fixture.extract(limit: 200_000 + Int64(inner.count)).bytes == 200_000)
  }

  @Test func anArchiveCutAnywhereIsAnError() throws {
    let whole = try packed([
      ("a.txt", text(String(repeating: "salt ", count: 200))), ("b.txt", text("b")),
    ])
    for count in stride(from: 0, to: whole.count, by: 7) {
      let error = try ArchiveFixture(whole.prefix(count)).failure()
      #expect(error.kind == (count < 2 ? .notAnArchive : .damaged))
      #expect(error.description.contains("download it again"))
    }
  }

  @Test func aChangedByteOfTheContentIsNoticedAndNamed() throws {
    let content = (0..<64).map { UInt8($0) }
    let whole = RawZip.data([
      RawZip.Entry(name: "first"), RawZip.Entry(name: "second", content: content),
    ])
    let start = try #require(whole.firstRange(of: Data(content))).lowerBound
    for index in stride(from: 0, to: content.count, by: 9) {
      var changed = whole
      changed[start + index] ^= 0x10
      let error = try ArchiveFixture(changed).failure()
      #expect(error.kind == .damaged)
      #expect(error.entry == "second")
    }
  }

  @Test func randomDamageNeitherCrashesNorEscapes() throws {
    let whole = try packed([
      ("a/a.txt", text(String(repeating: "salt ", count: 50))), ("b.txt", text("b")),
    ])
    for index in 0..<whole.count {
      var changed = whole
      changed[index] = ~changed[index]
      let fixture = try ArchiveFixture(changed)
      do { _ = try fixture.extract(limit: 10_000) } catch is ArchiveError {
        #expect(try contents(of: fixture.folder.url) == ["pack.zip"])
      }
    }
  }

  @Test func somethingElseThanAZipIsNamedSo() throws {
    let error = try ArchiveFixture(text("<html>Sign in</html>")).failure()
    #expect(error.kind == .notAnArchive)
    #expect(error.description.contains("pack.zip: not a zip archive"))
  }

  @Test func anExistingTargetIsLeftAlone() throws {
    let fixture = try ArchiveFixture([("a", text("new"))])
    try fixture.folder.write("old", to: "out/a")
    let error = try #require(throws: ArchiveError.self) { try fixture.extract() }
    #expect(error.kind == .exists)
    #expect(
      try String(contentsOf: fixture.target.appendingPathComponent("a"), encoding: .utf8) == "old")
  }

  @Test func whatAKilledExtractionLeftIsSwept() throws {
    let fixture = try ArchiveFixture([("a", text("a"))])
    try fixture.folder.write("half", to: ".out.partial/half")
    _ = try fixture.extract()
    #expect(try contents(of: fixture.folder.url) == ["out/a", "pack.zip"])
  }

  @Test func progressCountsAndCancels() throws {
    struct Stop: Error {}
    let fixture = try ArchiveFixture([
      ("a", Data(count: 10)), ("b", Data(count: 5)), ("c", Data(count: 1)),
    ])
    #expect(throws: Stop.self) {
      try Archive.extract(fixture.zip, into: fixture.target, limit: 100) { progress in
        if progress.entries == 2 { throw Stop() }
      }
    }
    #expect(try contents(of: fixture.folder.url) == ["pack.zip"])
    var seen: [Extraction.Progress] = []
    try Archive.extract(fixture.zip, into: fixture.target, limit: 100) { seen.append($0) }
    #expect(seen.map(\.entries) == [1, 2, 3])
    #expect(seen.map(\.bytes) == [10, 15, 16])
    #expect(seen.allSatisfy { $0.totalEntries == 3 })
  }

  @Test func aFullDiskSaysSo() throws {
    // /dev/full answers every write like a disk without room.
    let failure = try #require(throws: OutputFile.Failure.self) {
      let file = try OutputFile("/dev/full", existing: true)
      try [UInt8](repeating: 1, count: 10).withUnsafeBytes { try file.write($0) }
    }
    let error = failure.error(archive: "pack.zip", entry: "a")
    #expect(error.kind == .diskFull)
    #expect(error.description.contains("disk is full"))
  }
}
