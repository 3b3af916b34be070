// Content hashes and the table that saves reading.

import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct FileHashesTests {
  private func old(_ url: URL) throws {
    // Young files are never trusted, so tests age them; the change time can't be set, hence the wait.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: url.path)
  }

  private func hashes(_ folder: TemporaryFolder) -> FileHashes {
    FileHashes(root: folder.url, table: folder.url.appendingPathComponent("table"))
  }

  /// A carriage return and a line feed are one character, and so are a blank and an accent.
  @Test func aListingKeepsNamesThatJoinWithWhatStandsBesideThem() throws {
    for text in ["aa 1 d/x\r\nbb 2 d/y\n", "aa 1 \u{301}x\nbb 2 y\\n\\\\z\n"] {
      #expect(TreeListing(text: text)?.text.utf8.elementsEqual(text.utf8) == true)
    }
  }

  @Test func knownDigests() throws {
    let folder = try TemporaryFolder()
    try folder.write("abc", to: "f")
    let hashes = hashes(folder)
    // FIPS 180-2, appendix B.1.
    #expect(
      try hashes.state(of: "f")?.hash
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try hashes.state(of: "f")?.size == 3)
    #expect(try hashes.state(of: "g") == nil)
    #expect(try hashes.state(of: "f/g") == nil)
  }

  @Test func unchangedFilesAreNotReadAgain() async throws {
    let folder = try TemporaryFolder()
    for index in 0..<5 { try old(folder.write("\(index)", to: "d/sub/\(index)")) }
    try await Task.sleep(for: .milliseconds(60))
    let first = hashes(folder)
    let state = try first.state(of: "d")
    #expect(first.filesRead == 5)
    first.save()
    let second = hashes(folder)
    #expect(try second.state(of: "d") == state)
    #expect(second.filesRead == 0)
    try folder.write("x", to: "d/sub/3")
    second.forget()
    #expect(try second.state(of: "d") != state)
    #expect(second.filesRead == 1)
  }

  @Test func sameSizeAndTimeButYoungIsReadAgain() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("aaaa", to: "f")
    let first = hashes(folder)
    let before = try first.state(of: "f")
    first.save()
    // An edit within the clock's tick, with the size kept: git's racy case.
    let handle = try FileHandle(forWritingTo: file)
    try handle.write(contentsOf: Data("bbbb".utf8))
    try handle.close()
    #expect(try hashes(folder).state(of: "f") != before)
  }

  @Test func everythingInAFolderCounts() throws {
    let folder = try TemporaryFolder()
    try folder.write("1", to: "d/a")
    try folder.write("2", to: "d/b/c")
    let hashes = hashes(folder)
    var seen = [try hashes.state(of: "d")]
    func look(_ change: () throws -> Void) throws {
      try change()
      hashes.forget()
      let state = try hashes.state(of: "d")
      #expect(!seen.contains(state))
      seen.append(state)
    }
    let manager = FileManager.default
    let root = folder.url.path
    try look { try folder.write("", to: "d/.DS_Store") }
    try look { try manager.moveItem(atPath: root + "/d/a", toPath: root + "/d/z") }
    try look {
      try manager.createDirectory(atPath: root + "/d/empty", withIntermediateDirectories: true)
    }
    try look { try folder.write("3", to: "d/b/c") }
    try look {
      try manager.createSymbolicLink(atPath: root + "/d/link", withDestinationPath: "b/c")
    }
    try look { try folder.write("4", to: "d/b/c") }
  }

  /// Some file systems have 1601 for a time that isn't known, and some programs write any.
  @Test(arguments: [-11_644_473_600.0, 10_413_792_000]) func timesOfOtherCenturies(
    seconds: Double
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write("1", to: "a")
    let file = folder.url.appendingPathComponent("a")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: file.path)
    let before = try hashes(folder).state(of: "a")
    #expect(before?.size == 1)
    try Data("2".utf8).write(to: file)
    #expect(try hashes(folder).state(of: "a") != before)
  }

  @Test func linksToNothingAndInCirclesAreErrors() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "d/a")
    let path = folder.url.path + "/d/link"
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
    #expect(
      message { _ = try hashes(folder).state(of: "d") }?.contains("d/link: can't be looked at")
        == true)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: ".")
    #expect(message { _ = try hashes(folder).state(of: "d") } != nil)
  }

  @Test func damagedTableCostsTimeOnly() async throws {
    let folder = try TemporaryFolder()
    try old(folder.write("x", to: "f"))
    try await Task.sleep(for: .milliseconds(60))
    let first = hashes(folder)
    let state = try first.state(of: "f")
    first.save()
    let table = folder.url.appendingPathComponent("table")
    let good = try Data(contentsOf: table)
    for position in stride(from: 0, to: good.count, by: 7) {
      var bad = good
      bad[position] ^= 0xFF
      try bad.write(to: table)
      let hashes = hashes(folder)
      #expect(try hashes.state(of: "f") == state)
      #expect(hashes.filesRead == 1)
    }
    for count in [0, 8, 20, good.count - 1] {
      try good.prefix(count).write(to: table)
      #expect(try hashes(folder).state(of: "f") == state)
    }
  }
}
