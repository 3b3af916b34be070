// The file to upload: like the sample, checked as it lies on the disk.

import Basics
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing
import Workbench

struct SubmissionTests {
  let fixture: CompetitionFixture
  let competition: Competition
  let masks = [
    "c": Mask(width: 3, height: 2, pixels: [0, 1, 1, 0, 0, 0]), "d": Mask(width: 3, height: 2),
  ]

  init() throws {
    fixture = try CompetitionFixture()
    competition = try fixture.stage().competition()
  }

  func mask(_ id: String) -> Prediction? { masks[id].map { .masks([$0]) } }

  func sample(_ text: String) throws -> CSV { try CSV(Data(text.utf8), name: "sample.csv") }

  @Test func rowsAreThoseOfTheSampleInItsOrderAndColumns() throws {
    let made = try Submission(like: sample("rle,id\n1 1,d\n1 1,c\n"), of: competition) { mask($0) }
    #expect(made.table.text == "rle,id\n-,d\n2 2,c\n")
    #expect(made.count == 2 && made.empty == 1)
  }

  @Test func otherColumnsAndUnknownIDsAreRefused() throws {
    let columns = #expect(throws: InputError.self) {
      try Submission(like: sample("id,rle,more\nc,1 1,x\n"), of: competition) { mask($0) }
    }
    #expect(
      columns?.description
        == "sample.csv: has the columns id, rle, more, but id and rle are expected "
        + "(competition.columns in params.yaml)")
    let unknown = #expect(throws: InputError.self) {
      try Submission(like: sample("id,rle\nq,1 1\n"), of: competition) { mask($0) }
    }
    #expect(unknown?.description == "sample.csv: q has no prediction")
  }

  @Test func whatWasWrittenIsReadBack() throws {
    let made = try Submission(like: sample("id,rle\nc,1 1\nd,1 1\n"), of: competition) { mask($0) }
    let file = fixture.folder.url.appendingPathComponent("s.csv")
    try made.table.write(to: file)
    try made.check(file)
    for (text, problem) in [
      ("id,rle\nd,-\nc,2 2\n", "its columns or ids are not those"),
      ("id,rle\nc,2 1\nd,-\n", ":2: c decodes to another mask"),
    ] {
      try fixture.folder.write(text, to: "s.csv")
      let error = #expect(throws: StageFailure.self) { try made.check(file) }
      #expect(error?.message.contains(problem) == true, "\(text)")
    }
    try fixture.folder.write("id,rle\nc,9 9\nd,-\n", to: "s.csv")
    #expect(throws: (any Error).self) { try made.check(file) }
  }

  @Test func masksAsATableOfTheCompetition() throws {
    let predictions = [try #require(mask("c")), try #require(mask("d"))]
    #expect(
      try competition.table(ids: ["c", "d"]) { predictions[$0] }.text == "id,rle\nc,2 2\nd,-\n")
  }
}
