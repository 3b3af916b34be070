// What isn't a competition, and files that can't be read: named with what was found, never a crash.

import Basics
import Foundation
import Imaging
import Pipeline
import Survey
import TestSupport
import Testing

@Suite struct BadInputTests {
  /// A competition of masks in files, of which a test spoils a part.
  private func made(
    train: [(path: String, data: Data)]? = nil, test: [(path: String, data: Data)]? = nil,
    sample: [String]? = ["id,rle_mask", "t0,", "t1,"]
  ) throws -> TinyCompetition {
    let made = try TinyCompetition()
    try made.zip("train.zip", train ?? Self.train)
    try made.zip(
      "test.zip", test ?? (0..<2).map { ("images/t\($0).png", try Picture.image($0)) })
    if let sample { try made.table("sample_submission.csv", sample) }
    return made
  }

  private static var train: [(path: String, data: Data)] {
    get throws {
      try (0..<6).map { ("images/i\($0).png", try Picture.image($0)) }
        + (0..<6).map { ("masks/i\($0).png", try Picture.file(Picture.mask($0))) }
    }
  }

  /// The message of the error that looking throws.
  private func message(_ made: TinyCompetition) -> String {
    do {
      _ = try made.look()
      return "(no error)"
    } catch { return "\(error)" }
  }

  @Test func nothingThere() throws {
    let empty = try TinyCompetition()
    #expect(message(empty).contains("holds no zip archive (it is empty)"))
    #expect(throws: InputError.self) {
      try Survey.look(at: empty.folder.url.appendingPathComponent("none"))
    }
  }

  @Test func archivesThatAreNone() throws {
    let made = try made()
    try made.folder.write("<html>", to: "train.zip")
    #expect(message(made).contains("not a zip archive"))
    let data = try Data(contentsOf: made.folder.url.appendingPathComponent("test.zip"))
    try made.folder.write(data.dropLast(40), to: "train.zip")
    #expect(message(made).contains("cut short or damaged"))
  }

  @Test func archivesWithoutPictures() throws {
    let made = try TinyCompetition()
    try made.zip("notes.zip", [("a/readme.txt", Data("x".utf8))])
    #expect(message(made).contains("notes.zip (1 files, such as a/readme.txt)"))
  }

  @Test func setsThatNoFolderTellsApart() throws {
    let made = try TinyCompetition()
    try made.zip(
      "all.zip",
      try (0..<6).map { ("images/i\($0).png", try Picture.image($0)) }
        + (0..<6).map { ("masks/i\($0).png", try Picture.file(Picture.mask($0))) }
        + (0..<2).map { ("images/test_t\($0).png", try Picture.image($0)) })
    try made.table("sample_submission.csv", "id,rle_mask", "test_t0,", "test_t1,")
    #expect(!message(made).contains("(no error)"))
  }

  @Test func noTarget() throws {
    let made = try made(train: try (0..<6).map { ("images/i\($0).png", try Picture.image($0)) })
    try made.table("train.csv", "id,name", "i0,x")
    let message = message(made)
    #expect(message.contains("nothing says what the training images show"))
    #expect(message.contains("train.csv (id, name)"))
  }

  @Test func noSample() throws {
    #expect(message(try made(sample: nil)).contains("no sample submission"))
    let other = try made(sample: ["id,rle_mask", "x0,", "x1,"])
    #expect(message(other).contains("ids such as “x0”"))
    let broken = try made(sample: ["id,rle_mask", "t0,1,2"])
    #expect(message(broken).contains("3 fields where the header has 2"), "\(message(broken))")
  }

  @Test func imagesThatCannotBeRead() throws {
    var train = try Self.train
    train[2].data = Data("<!DOCTYPE html>".utf8)
    train[4].data = Data()
    let findings = try made(train: train).look()
    #expect(findings.skipsBad)
    #expect(findings.reasons["skip_bad"]?.hasPrefix("2 of 8 images can't be read") == true)
    #expect(findings.notes.contains { $0.contains("images/i2.png") && $0.contains("HTML") })
    #expect(findings.notes.contains { $0.contains("images/i4.png") && $0.contains("empty") })
  }

  @Test func noImageThatCanBeRead() throws {
    let train = try Self.train.map { ($0.path, Data("x".utf8)) }
    #expect(message(try made(train: train)).contains("none of the 6 training images can be read"))
  }

  @Test func masksOfAnotherSizeAreNamed() throws {
    var train = try Self.train
    train[7].data = try Picture.file(Picture.mask(1, width: 20, height: 16))
    let findings = try made(train: train).look()
    #expect(findings.notes.contains { $0.contains("masks/i1.png: 20 x 16, its image 24 x 16") })
  }

  @Test func colouredMasksAreRefused() throws {
    let train = try (0..<6).flatMap { index in
      [
        (path: "images/i\(index).png", data: try Picture.image(index)),
        (path: "masks/i\(index).png", data: try Picture.image(index)),
      ]
    }
    let message = message(try made(train: train))
    #expect(message.contains("6 of 6 masks that were looked at have more than 128 colours"))
    #expect(message.contains("i0.png") && message.contains("as PNG"), "\(message)")
  }

  @Test func greyEdgesAndOtherMarks() throws {
    func marks(_ values: [UInt16]) throws -> String {
      let train = try (0..<6).flatMap { index in
        let mask = Picture.mask(index)
        let samples = mask.pixels.enumerated().map { place, marked in
          // The corner holds the values between, a pixel each.
          place < values.count - 2 ? values[2 + place] : values[Int(marked)]
        }
        return [
          (path: "images/i\(index).png", data: try Picture.image(index)),
          (
            path: "masks/i\(index).png",
            data: try PNG.encode(
              Raster(width: 24, height: 16, channels: 1, bitDepth: 8, samples: samples))
          ),
        ]
      }
      let section = try made(train: train).section()
      return section["mask"]?.plainText ?? "nonzero"
    }
    #expect(try marks([0, 255]) == "nonzero")
    #expect(try marks([0, 1]) == "nonzero")
    #expect(try marks([0, 255, 90, 180, 200]) == "above-half")
    #expect(try marks([1, 2]) == "2")
  }

  @Test func namesThatWouldBreakAComment() throws {
    let train = try Self.train.map { ($0.path.replacing("/i", with: "/i\u{2028}: # "), $0.data) }
    let findings = try made(train: train).look()
    let lines = findings.competitionLines(slug: "x", Knowledge(of: "x", findings))
    #expect(throws: Never.self) { try Parameters(yaml: lines.joined(separator: "\n")) }
  }
}
