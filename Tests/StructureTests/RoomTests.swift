// Rooms that are taken in at a glance, and files that say what they are for.

import Foundation
import Testing

struct RoomTests {
  let tree = SourceTree()

  @Test func aFolderIsTakenInAtAGlance() throws {
    for top in ["Sources", "Tests"] {
      let files = try [".swift", ".c", ".h"].flatMap { try tree.files(below: top, ending: $0) }
      let folders = Dictionary(grouping: files) {
        $0.split(separator: "/").dropLast().joined(separator: "/")
      }
      for (folder, files) in folders { #expect(files.count <= 20, "\(folder)") }
    }
  }

  /// A change of Basics makes every stage stale.
  @Test func basicsStaysSmall() throws {
    let lines = try tree.files(below: "Sources/Basics", ending: ".swift")
      .reduce(0) { $0 + (try tree.text($1)).split(separator: "\n").count }
    #expect(lines < 900)
  }

  @Test func aFileSaysFirstWhatItIsFor() throws {
    for file in try tree.files(below: "Sources", ending: ".swift")
      + tree.files(below: "Tests", ending: ".swift")
      + tree.files(below: "stages", ending: ".swift")
    {
      #expect(try tree.text(file).hasPrefix("//"), "\(file)")
    }
  }

  /// What a stage has below its last cell, no test reaches.
  @Test func nothingStandsBelowAStagesCells() throws {
    for file in ArrowTests.unreached.keys.map({ "stages/\($0).swift" }) {
      #expect(try tree.text(file).hasSuffix("\n}\n"), "\(file)")
      #expect(try tree.text(file).components(separatedBy: "\n}\n").count == 2, "\(file)")
    }
  }
}
