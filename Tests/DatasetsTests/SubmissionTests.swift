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

  @Test func withoutASampleEachTestImageHasARow() throws {
    fixture.set("files", "sample_submission", .null)
    try fixture.image("data/test/d.png", [1, 2, 3, 4, 5, 6])
    let stage = try fixture.stage()
    #expect(try stage.testImages(withDepths: false).ids == ["c", "d"])
    let made = try Submission(like: nil, ids: ["c", "d"], of: stage.competition()) { mask($0) }
    #expect(made.table.text == "id,rle\nc,2 2\nd,-\n")
  }

  // MARK: Masks as pictures

  private func pictures(
    _ file: String, marked: Int? = nil, classes: [Int]? = nil, size: [String: JSONValue]? = nil
  ) throws -> MaskPictures? {
    fixture.competition["submission"] = .object([
      "rows": .string(classes == nil ? "image" : "image-class"),
      "row": classes == nil ? .null : .string("{id}_{class}"),
      "archive": .string("submissions/submission.zip"), "file": .string(file),
      "marked": marked.map { .int($0) } ?? .null, "size": size.map { .object($0) } ?? .null,
    ])
    if let classes {
      fixture.competition["kind"] = .string("labels")
      fixture.competition["classes"] = .object([
        "names": .array([.string("sky"), .string("road")]),
        "values": .array(classes.map { .int($0) }), "ignore": .int(9),
      ])
    }
    return MaskPictures(of: try fixture.stage().competition())
  }

  @Test(arguments: ["masks/{id}.png", "{id}.tif"])
  func masksArePicturesOfTheValueWanted(_ file: String) throws {
    let meant = try #require(mask("c"))
    let made = try #require(try pictures(file, marked: 1)?.files(of: "c", meant))
    #expect(made.map(\.path) == [file.replacingOccurrences(of: "{id}", with: "c")])
    let scan = try ImageFile.decode(made[0].data, name: "c")
    #expect(scan.samples == .bytes([0, 1, 1, 0, 0, 0]) && scan.width == 3 && scan.height == 2)
  }

  @Test(arguments: ["{id}.png", "{id}.tif"])
  func labelMapsHoldTheValuesOfTheClasses(_ file: String) throws {
    let map = ClassMap(width: 3, height: 2, labels: [0, 1, 1, 255, 0, 1])
    let made = try #require(
      try pictures(file, classes: [7, 300])?.files(of: "c", .labels(map)))
    let scan = try ImageFile.decode(made[0].data, name: "c")
    #expect(scan.samples == .words([7, 300, 300, 9, 7, 300]))
  }

  /// Of every kind, by the pixel below the centre of each new one.
  @Test func picturesHaveTheSizeThatIsWanted() throws {
    let size: [String: JSONValue] = ["width": .int(6), "height": .int(1)]
    let map = ClassMap(width: 3, height: 2, labels: [0, 0, 0, 1, 255, 0])
    let labels = try #require(
      try pictures("{id}.png", classes: [7, 8], size: size)?.files(of: "c", .labels(map)))
    #expect(
      try ImageFile.decode(labels[0].data, name: "c").samples == .bytes([8, 8, 9, 9, 7, 7]))
    fixture.competition["kind"] = .string("mask")
    fixture.competition["classes"] = .null
    let meant = try #require(mask("c"))
    let masks = try #require(try pictures("{id}.png", size: size)?.files(of: "c", meant))
    let scaled = try ImageFile.decode(masks[0].data, name: "c")
    #expect(scaled.width == 6 && scaled.height == 1)
  }

  @Test func settingsOfPicturesThatMakeNoSenseAreRefused() throws {
    for (file, problem) in [
      ("{id}.jpg", "should end with .png, .tif or .tiff"), ("a.png", "should hold {id}"),
      ("{id}_{class}.png", "{class} only where classes may overlap"),
    ] {
      let error = try #require(throws: (any Error).self) { try pictures(file) }
      #expect("\(error)".contains(problem), "\(file)")
    }
  }
}
