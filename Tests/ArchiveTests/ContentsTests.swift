// A look into an archive: what it lists, and members in memory.

import Archive
import Foundation
import TestSupport
import Testing

@Suite struct ContentsTests {
  private let folder = try? TemporaryFolder()

  private func archive(_ entries: [RawZip.Entry]) throws -> URL {
    try #require(folder).write(RawZip.data(entries), to: "a.zip")
  }

  @Test func filesAreListed() throws {
    let file = try archive([
      .init(name: "b/", content: [], mode: 0o040755), .init(name: "./b/two.txt"),
      .init(name: "one.txt", content: Array("abc".utf8)),
    ])
    #expect(
      try entries(of: file) == [
        ArchiveEntry(path: "b/two.txt", statedBytes: 1),
        ArchiveEntry(path: "one.txt", statedBytes: 3),
      ])
  }

  @Test func someAreRead() throws {
    let file = try archive([
      .init(name: "a", content: Array("1".utf8)), .init(name: "b", content: Array("22".utf8)),
      .init(name: "./c", content: Array("333".utf8)),
    ])
    var found: [String: String] = [:]
    try read(["b", "c", "none"], of: file, limit: 3) { path, data in
      found[path] = String(decoding: data, as: UTF8.self)
    }
    #expect(found == ["b": "22", "c": "333"])
  }

  @Test func noMoreThanTheLimitIsRead() throws {
    // The archive states fewer bytes than there are, or more than it is believed.
    let file = try archive([.init(name: "a", content: Array("12345".utf8))])
    #expect {
      try read(["a"], of: file, limit: 4) { _, _ in }
    } throws: { ($0 as? ArchiveError)?.kind == .tooLarge }
  }

  @Test(arguments: ["../a", "/a", "a/../../\u{301}b"]) func unsafeNamesAreRefused(_ name: String)
    throws
  {
    let file = try archive([.init(name: name)])
    #expect { try entries(of: file) } throws: { ($0 as? ArchiveError)?.kind == .unsafe }
  }

  @Test func anEmptyArchiveHasNoFiles() throws {
    #expect(try entries(of: archive([])) == [])
  }
}
