// Packing: the same entries give the same bytes, and a name appears with the last of them.

import Archive
import Foundation
import TestSupport
import Testing

@Suite struct ArchiveWriterTests {
  @Test func theBytesFollowFromTheEntriesAlone() throws {
    let folder = try TemporaryFolder()
    func write(_ name: String) throws -> Data {
      let url = folder.url.appendingPathComponent(name)
      let writer = try ArchiveWriter(url)
      try writer.add(path: "images/1.png", data: Data(repeating: 7, count: 5000))
      try writer.add(path: "t.csv", data: Data("id\n".utf8))
      try writer.finish()
      return try Data(contentsOf: url)
    }
    let first = try write("first.zip")
    #expect(try write("second.zip") == first)
    // The date and time of the first entry's local header: the format's own zero, 1980-01-01.
    #expect(Array(first[10..<14]) == [0, 0, 0x21, 0])
  }

  @Test func theNameAppearsAtTheEnd() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("a.zip")
    do {
      let writer = try ArchiveWriter(url)
      try writer.add(path: "a", data: Data("a".utf8))
      #expect(!FileManager.default.fileExists(atPath: url.path))
    }
    // Given up without `finish`: nothing is left.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
  }

  @Test func pathsThatCouldNotBeUnpackedAreRefused() throws {
    let folder = try TemporaryFolder()
    let writer = try ArchiveWriter(folder.url.appendingPathComponent("a.zip"))
    try writer.add(path: "a", data: Data())
    for path in ["/a", "../a", "", "a"] {
      #expect(throws: ArchiveError.self) { try writer.add(path: path, data: Data()) }
    }
  }

  @Test func aMissingFolderIsAnErrorWithThePath() throws {
    let error = try #require(throws: ArchiveError.self) {
      _ = try ArchiveWriter(URL(fileURLWithPath: "/nowhere/at/all.zip"))
    }
    #expect(error.description.contains("/nowhere/at/all.zip"))
  }
}
