// Each kind of competition, found out from its files alone.

import Basics
import Foundation
import Imaging
import Survey
import Testing

@Suite struct KindTests {
  private let ids = (0..<12).map { "a\($0)f3" }
  private let tests = (0..<5).map { "b\($0)c7" }

  /// Archives of a mask a file, as train.zip and test.zip.
  private func maskFiles(_ dialect: RunLength, width: Int = 24, height: Int = 16) throws
    -> TinyCompetition
  {
    let made = try TinyCompetition()
    let masks = ids.indices.map { index in
      index == 3
        ? Mask(width: width, height: height) : Picture.mask(index, width: width, height: height)
    }
    try made.zip(
      "train.zip",
      try ids.indices.map {
        (
          "images/\(ids[$0]).png",
          try Picture.image($0, width: width, height: height, isGrey: true)
        )
      } + ids.indices.map { ("masks/\(ids[$0]).png", try Picture.file(masks[$0])) })
    try made.zip(
      "test.zip",
      try tests.indices.map {
        (
          "images/\(tests[$0]).png",
          try Picture.image($0, width: width, height: height, isGrey: true)
        )
      })
    try made.table(
      "train.csv", ["id,rle_mask"] + zip(ids, masks).map { CSV.line([$0, dialect.encode($1)]) })
    try made.table("sample_submission.csv", ["id,rle_mask"] + tests.map { "\($0),1 1" })
    return made
  }

  @Test(arguments: [
    RunLength(order: .column, base: 1), RunLength(order: .row, base: 0, empty: "-1"),
    RunLength(order: .row, base: 1, relative: true), RunLength(form: .list),
  ])
  func masksInFiles(_ dialect: RunLength) throws {
    let made = try maskFiles(dialect)
    try made.table("depths.csv", ["id,z"] + (ids + tests).enumerated().map { "\($1),\($0 * 10)" })
    let findings = try made.look()
    #expect(findings.kind == .mask)
    #expect(findings.size == PixelSize(width: 24, height: 16))
    #expect(findings.channels == 1)
    #expect((findings.trainCount, findings.testCount) == (12, 5))
    #expect(findings.trainImages == "data/train/images/{id}.png")
    #expect(findings.trainMasks == "data/train/masks/{id}.png")
    #expect(findings.testImages == "data/test/images/{id}.png")
    #expect(findings.trainTable == "data/tables/train.csv")
    #expect(findings.depths == "data/tables/depths.csv" && findings.depthColumn == "z")
    #expect(findings.rle == dialect, "\(findings.reasons["rle"] ?? "")")
    #expect(findings.groups == nil && findings.rows == .image && !findings.skipsBad)
    #expect(findings.download == ["*"])
    #expect(
      findings.places.map { "\($0.name) \($0.folder)" }
        == ["train.zip train", "test.zip test", "*.csv tables"])
    #expect(findings.notes == [])
  }

  @Test func masksInATable() throws {
    let dialect = RunLength(order: .column, base: 1)
    let made = try TinyCompetition()
    let large = (0..<12).map { Picture.mask($0, width: 48, height: 20) }
    try made.zip(
      "train_images.zip",
      try ids.indices.map { ("\(ids[$0]).png", try Picture.image($0, width: 48, height: 20)) })
    try made.zip(
      "test_images.zip",
      try tests.indices.map { ("\(tests[$0]).png", try Picture.image($0, width: 48, height: 20)) })
    // Two images have no row.
    try made.table(
      "train.csv",
      ["image,width,EncodedPixels"]
        + zip(ids, large).dropLast(2).map { "\($0),48,\(dialect.encode($1))" })
    try made.table("sample_submission.csv", ["image,EncodedPixels"] + tests.map { "\($0)," })
    let findings = try made.look()
    #expect(findings.kind == .mask)
    #expect(findings.trainMasks == nil)
    #expect(
      findings.trainImages == "data/train/{id}.png"
        || findings.trainImages == "data/train/images/{id}.png")
    #expect(findings.testImages == "data/test/images/{id}.png")
    #expect((findings.idColumn, findings.maskColumn) == ("image", "EncodedPixels"))
    #expect(findings.rle.order == .column)
    #expect(findings.missingMasksAreEmpty)
    #expect(findings.channels == 3)
    let section = try TinyCompetition.section(findings)
    #expect(section["missing_masks"] == .string("empty"))
    #expect(section[path: "files.train_masks"] == .null)
  }

  @Test func instancesInFoldersOfAnImage() throws {
    let made = try TinyCompetition()
    let dialect = RunLength(order: .column, base: 1)
    var files: [(String, Data)] = []
    var rows = ["ImageId,EncodedPixels"]
    for (index, id) in ids.enumerated() {
      let (width, height) = index.isMultiple(of: 2) ? (24, 16) : (30, 20)
      files.append(
        (
          "\(id)/images/\(id).png",
          try Picture.image(index, width: width, height: height, channels: 4)
        ))
      for part in 0..<3 {
        // Areas of 1, 2 and 3 pixels, apart from each other.
        let mask = Mask(
          width: width, height: height,
          pixels: (0..<(width * height)).map { pixel in
            pixel / width == 4 * part + 1 && pixel % width <= part ? 1 : 0
          })
        files.append(("\(id)/masks/f\(index)\(part).png", try Picture.file(mask)))
        rows.append("\(id),\(dialect.encode(mask))")
      }
    }
    try made.zip("stage1_train.zip", files)
    try made.zip(
      "stage1_test.zip",
      try tests.indices.map {
        ("\(tests[$0])/images/\(tests[$0]).png", try Picture.image($0, channels: 4))
      })
    try made.table("stage1_train_labels.csv", rows)
    try made.table(
      "stage1_sample_submission.csv", ["ImageId,EncodedPixels"] + tests.map { "\($0)," })
    let findings = try made.look()
    #expect(findings.kind == .instances)
    #expect(findings.size == nil && findings.channels == 3)
    #expect(findings.trainImages == "data/train/{id}/images/{id}.png")
    #expect(findings.trainMasks == "data/train/{id}/masks/*.png")
    #expect(findings.testImages == "data/test/{id}/images/{id}.png")
    #expect(findings.rle == dialect, "\(findings.reasons["rle"] ?? "")")
    let section = try TinyCompetition.section(findings)
    #expect(section["kind"] == .string("instances"))
    #expect(section[path: "image.width"] == .null)
    #expect(section[path: "submission.rows"] == .string("instance"))
    #expect(section[path: "metric.unit"] == .string("instance"))
  }

  @Test func labelMapsWithATableOfClasses() throws {
    let made = try TinyCompetition()
    let frames = ["s1", "s2", "s3"].flatMap { sequence in (10..<16).map { "\(sequence)_\($0)" } }
    let others = (10..<14).map { "t9_\($0)" }
    try made.zip(
      "train_images.zip", try frames.enumerated().map { ("\($1).JPG", try Picture.image($0)) })
    try made.zip(
      "train_labels.zip",
      try frames.map { ("\($0)_L.png", try Picture.labels([0, 2, 5, 9])) })
    try made.zip(
      "test_images.zip", try others.enumerated().map { ("\($1).JPG", try Picture.image($0)) })
    try made.table("classes.csv", "value,class", "0,sky", "2,road", "5,car", "9,void")
    try made.table(
      "sample_submission.csv",
      ["Id,EncodedPixels"] + others.flatMap { id in ["sky", "road", "car"].map { "\(id)_\($0)," } })
    let findings = try made.look()
    #expect(findings.kind == .labels)
    #expect(findings.classes == ["sky", "road", "car"])
    #expect(findings.classValues == [0, 2, 5])
    #expect(findings.ignore == 9)
    #expect(findings.trainImages == "data/train/images/{id}.JPG")
    #expect(findings.trainMasks == "data/train/masks/{id}_L.png")
    #expect(findings.groups == "{group}_*" && findings.groupCounts == ["s1": 6, "s2": 6, "s3": 6])
    #expect(findings.rows == .imageClass && findings.row == "{id}_{class}")
    #expect(findings.trainTable == nil)
    #expect(findings.idColumn == "Id")
    #expect(findings.notes.contains { $0.hasPrefix("rle: ") }, "\(findings.notes)")
    let section = try TinyCompetition.section(findings)
    #expect(section[path: "classes.ignore"] == .int(9))
    #expect(section[path: "submission.row"] == .string("{id}_{class}"))
    #expect(section["groups"] == .string("{group}_*"))
  }

  @Test func otherNamesAndEndings() throws {
    let made = try TinyCompetition()
    let train = (21...28).map(String.init)
    let test = (1...6).map { "0\($0)" }
    // What a file is, its first bytes say.
    try made.zip(
      "training_images.zip",
      try train.enumerated().map { ("\($1)_training.tif", try Picture.image($0)) })
    try made.zip(
      "training_masks.zip",
      try train.enumerated().map { ("\($1)_manual1.gif", try Picture.file(Picture.mask($0))) })
    try made.zip(
      "test_images.zip", try test.enumerated().map { ("\($1)_test.tif", try Picture.image($0)) })
    try made.table("sample_submission.csv", ["img,rle_mask"] + test.map { "\($0)," })
    let findings = try made.look()
    #expect(findings.trainImages == "data/train/images/{id}_training.tif")
    #expect(findings.trainMasks == "data/train/masks/{id}_manual1.gif")
    #expect(findings.testImages == "data/test/images/{id}_test.tif")
    #expect(findings.trainTable == nil)
    #expect((findings.idColumn, findings.maskColumn) == ("img", "rle_mask"))
    let section = try TinyCompetition.section(findings)
    #expect(section["metric"] == .string("dice"))
    #expect(section["kind"] == .string("mask") && section["submission"] == .null)
  }

  @Test func classesOfATable() throws {
    let made = try TinyCompetition()
    try made.zip(
      "train_images.zip", try ids.indices.map { ("\(ids[$0]).jpg", try Picture.image($0)) })
    try made.zip(
      "test_images.zip", try tests.indices.map { ("\(tests[$0]).jpg", try Picture.image($0)) })
    let dialect = RunLength()
    try made.table(
      "train.csv",
      ["ImageId,ClassId,EncodedPixels"]
        + ids.enumerated().map { "\($1).jpg,\($0 % 3 + 1),\(dialect.encode(Picture.mask($0)))" })
    try made.table(
      "sample_submission.csv",
      ["ImageId,ClassId,EncodedPixels"]
        + tests.flatMap { id in (1...3).map { "\(id).jpg,\($0)," } })
    let findings = try made.look()
    #expect(findings.kind == .mask)
    #expect(findings.trainImages == "data/train/images/{id}")
    #expect(findings.classes == ["1", "2", "3"])
    #expect(findings.classColumn == "ClassId")
    #expect(findings.rows == .imageClass && findings.row == nil)
    let section = try TinyCompetition.section(findings)
    #expect(section[path: "classes.names"] == .array([.string("1"), .string("2"), .string("3")]))
    #expect(section[path: "columns.class"] == .string("ClassId"))
  }

  @Test func aMaskFileAClass() throws {
    let made = try TinyCompetition()
    try made.zip(
      "train.zip",
      try ids.indices.map { ("images/\(ids[$0]).png", try Picture.image($0)) }
        + ids.indices.flatMap { index in
          try ["cup", "disc"].map {
            ("masks/\(ids[index])_\($0).png", try Picture.file(Picture.mask(index)))
          }
        })
    try made.zip(
      "test.zip", try tests.indices.map { ("images/\(tests[$0]).png", try Picture.image($0)) })
    try made.table(
      "sample_submission.csv",
      ["id,rle"] + tests.flatMap { id in ["cup", "disc"].map { "\(id)_\($0)," } })
    let findings = try made.look()
    #expect(findings.kind == .mask)
    #expect(findings.trainMasks == "data/train/masks/{id}_{class}.png")
    #expect(findings.classes == ["cup", "disc"])
    #expect(findings.row == "{id}_{class}")
  }

  @Test func masksBesideImagesInOneFolder() throws {
    let made = try TinyCompetition()
    try made.zip(
      "train.zip",
      try ids.indices.map { ("\(ids[$0]).tif", try Picture.image($0)) }
        + ids.indices.map { ("\(ids[$0])_mask.tif", try Picture.file(Picture.mask($0))) })
    try made.zip("test.zip", try tests.indices.map { ("\(tests[$0]).tif", try Picture.image($0)) })
    try made.table("sample_submission.csv", ["img,pixels"] + tests.map { "\($0)," })
    let findings = try made.look()
    #expect(findings.trainImages == "data/train/images/{id}.tif")
    #expect(findings.trainMasks == "data/train/images/{id}_mask.tif")
    #expect(findings.trainCount == 12)
  }
}
