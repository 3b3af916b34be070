// Competitions that are served in other ways: annotations, one archive of all, numbered objects, colours, tables of
// groups and folds.

import Archive
import Basics
import Foundation
import Imaging
import Survey
import TestSupport
import Testing

@Suite struct MoreKindsTests {
  private let ids = (0..<12).map { "a\($0)f3" }
  private let tests = (0..<5).map { "b\($0)c7" }

  private func images(_ ids: [String], in folder: String = "", ending: String = "png") throws -> [(
    path: String, data: Data
  )] {
    try ids.enumerated().map { ("\(folder)\($1).\(ending)", try Picture.image($0)) }
  }

  private func masks(in folder: String) throws -> [(path: String, data: Data)] {
    try ids.enumerated().map { ("\(folder)\($1).png", try Picture.file(Picture.mask($0))) }
  }

  /// A competition of images whose masks a test adds.
  private func made(sample: [String]? = nil) throws -> TinyCompetition {
    let made = try TinyCompetition()
    try made.zip("train_images.zip", images(ids))
    try made.zip("test_images.zip", images(tests))
    try made.table("sample_submission.csv", sample ?? ["id,rle"] + tests.map { "\($0)," })
    return made
  }

  // MARK: Annotations

  /// Boxes as polygons: as many objects an image as `objects` says, of categories by turns.
  private func annotations(
    _ objects: [Int], categories: [String] = ["cell"], crowd: Bool = false, ids: [String]? = nil
  ) -> String {
    let images = (ids ?? self.ids).enumerated().map {
      #"{"id": \#($0 + 7), "file_name": "train/\#($1).png", "width": 24, "height": 16}"#
    }
    var number = 0
    let shapes = objects.enumerated().flatMap { image, count in
      (0..<count).map { _ in
        number += 1
        return
          #"{"id": \#(number), "image_id": \#(image + 7), "category_id": \#(number % categories.count + 3), "#
          + #""iscrowd": \#(crowd && number == 1 ? 1 : 0), "segmentation": [[1, 1, 5, 1, 5, 4, 1, 4]]}"#
      }
    }
    let names = categories.enumerated().map { #"{"id": \#($0 + 3), "name": "\#($1)"}"# }
    return """
      {"images": [\(images.joined(separator: ", "))], "annotations": [\(shapes.joined(separator: ", "))],
       "categories": [\(names.joined(separator: ", "))]}
      """
  }

  @Test func annotationsOfObjectsAreInstances() throws {
    let made = try made()
    try made.folder.write(annotations([0, 3, 2, 4, 1, 2, 2, 3, 1, 5, 2, 3]), to: "train.json")
    try made.folder.write(#"{"licence": 1}"#, to: "about.json")
    let findings = try made.look()
    #expect(findings.kind == .instances && findings.classes == [])
    #expect(findings.trainTable == "data/tables/train.json" && findings.trainMasks == nil)
    #expect(
      findings.trainImages == "data/train/{id}.png"
        || findings.trainImages == "data/train/images/{id}.png")
    #expect(
      findings.reasons["kind"] == "train.json: 9 of 11 images with objects have several",
      "\(findings.reasons)")
    #expect(findings.notes.contains { $0.hasPrefix("kind: ") && $0.contains("set kind: mask") })
    #expect(findings.notes.contains { $0.hasPrefix("about.json: is not a file of annotations") })
    #expect(findings.places.contains { $0 == ("*.json", "tables") })
    let section = try TinyCompetition.section(findings)
    #expect(section[path: "submission.rows"] == .string("instance"))
  }

  @Test func whatTheSampleAsksForDecides() throws {
    // One object an image, but several rows of one image in the sample.
    let rows = try made(sample: ["id,rle"] + tests.flatMap { ["\($0),", "\($0),"] })
    try rows.folder.write(annotations(ids.map { _ in 1 }), to: "train.json")
    #expect(try rows.look().kind == .instances)

    let crowd = try made()
    try crowd.folder.write(annotations(ids.map { _ in 1 }, crowd: true), to: "train.json")
    #expect(try crowd.look().reasons["kind"] == "train.json: 1 objects are marked as crowds")

    let single = try made()
    try single.folder.write(annotations(ids.map { _ in 1 }), to: "train.json")
    let findings = try single.look()
    #expect(findings.kind == .mask && !findings.notes.contains { $0.hasPrefix("kind: ") })
  }

  @Test func annotationsInAnArchiveHaveClasses() throws {
    let made = try made(
      sample: ["id,rle"] + tests.flatMap { id in ["rust", "crack"].map { "\(id)_\($0)," } })
    try made.zip(
      "annotations.zip",
      [
        (
          "coco/instances.json",
          Data(
            annotations(
              ids.dropLast().map { _ in 4 } + [0, 0], categories: ["crack", "rust"],
              ids: ids.dropLast() + ["stranger"]
            ).utf8)
        )
      ])
    let findings = try made.look()
    #expect(findings.kind == .mask)
    #expect(findings.classes == ["crack", "rust"])
    #expect(findings.trainTable == "data/tables/coco/instances.json")
    #expect(findings.places.contains { $0 == ("annotations.zip", "tables") })
    #expect(findings.missingMasksAreEmpty)
    #expect(
      findings.notes.contains { $0.contains("1 images of which there is no training picture") })
    #expect(findings.row == "{id}_{class}")
    _ = try TinyCompetition.section(findings)
  }

  @Test func categoriesMayBeAskedForByNumber() throws {
    let made = try made(
      sample: ["id,class,rle"] + tests.flatMap { id in ["3", "4"].map { "\(id),\($0)," } })
    try made.folder.write(
      annotations(ids.map { _ in 2 }, categories: ["crack", "rust"]), to: "train.json")
    let findings = try made.look()
    #expect(findings.classes == ["3", "4"] && findings.classColumn == "class")
  }

  @Test func rowsThatNameAsManyImagesGoFirst() throws {
    let made = try made()
    try made.folder.write(annotations(ids.map { _ in 2 }), to: "train.json")
    try made.table(
      "train.csv",
      ["id,rle"] + ids.enumerated().map { "\($1),\(RunLength().encode(Picture.mask($0)))" })
    #expect(try made.look().trainTable == "data/tables/train.csv")
  }

  // MARK: One archive of all

  private func tables() -> [(path: String, data: Data)] {
    let dialect = RunLength()
    let rows = ids.enumerated().map { "\($1),\(dialect.encode(Picture.mask($0)))" }
    func data(_ lines: [String]) -> Data { Data(lines.map { $0 + "\n" }.joined().utf8) }
    return [
      ("train.csv", data(["id,rle_mask"] + rows)),
      ("sample_submission.csv", data(["id,rle_mask"] + tests.map { "\($0)," })),
    ]
  }

  /// What is seen of it, and whether each pattern and table is there once it is unpacked so.
  private func look(_ made: TinyCompetition) throws -> Findings {
    let findings = try made.look()
    let place = Dictionary(uniqueKeysWithValues: findings.places.map { ($0.name, $0.folder) })
    let names = try FileManager.default.contentsOfDirectory(atPath: made.folder.url.path).sorted()
    let out = try TemporaryFolder()
    for entry in try Placement(of: names, by: place).found {
      _ = try unpack(
        made.folder.url.appendingPathComponent(entry.name),
        into: entry.parts.map { ($0.path, out.url.appendingPathComponent("data/\($0.folder)")) },
        limit: 1 << 20)
    }
    func expect(_ pattern: String?, _ id: String) {
      guard let path = pattern?.replacingOccurrences(of: "{id}", with: id) else { return }
      #expect(
        FileManager.default.fileExists(atPath: out.url.appendingPathComponent(path).path),
        "\(path) of \(findings.places)")
    }
    expect(findings.trainImages, ids[0])
    expect(findings.trainMasks, ids[0])
    expect(findings.testImages, tests[0])
    expect(findings.trainTable, "")
    expect(findings.sampleSubmission, "")
    return findings
  }

  @Test func foldersOfOneArchive() throws {
    let made = try TinyCompetition()
    try made.zip(
      "organ-segmentation.zip",
      images(ids, in: "train/images/") + masks(in: "train/masks/")
        + images(tests, in: "test/images/") + tables())
    let findings = try look(made)
    #expect(findings.kind == .mask && findings.notes == [])
    #expect(findings.trainImages == "data/train/images/{id}.png")
    #expect(findings.trainMasks == "data/train/masks/{id}.png")
    #expect(findings.testImages == "data/test/images/{id}.png")
    #expect(findings.trainTable == "data/tables/train.csv")
    #expect(
      findings.places.map { "\($0.name) \($0.folder)" } == [
        "organ-segmentation.zip/train train", "organ-segmentation.zip/test test",
        "organ-segmentation.zip/*.csv tables",
      ])
  }

  @Test func archivesInOneArchive() throws {
    let made = try TinyCompetition()
    func packed(_ files: [(path: String, data: Data)]) throws -> Data {
      try made.zip("x.zip", files)
      let url = made.folder.url.appendingPathComponent("x.zip")
      defer { try? FileManager.default.removeItem(at: url) }
      return try Data(contentsOf: url)
    }
    let train = try packed(images(ids, in: "images/") + masks(in: "masks/"))
    let test = try packed(images(tests, in: "images/"))
    try made.zip("salt.zip", [("train.zip", train), ("test.zip", test)] + tables())
    let findings = try look(made)
    #expect(findings.trainImages == "data/train/images/{id}.png")
    #expect(findings.trainMasks == "data/train/masks/{id}.png")
    #expect(findings.rle == RunLength() && findings.trainCount == 12)
  }

  @Test func setsBelowKinds() throws {
    let made = try TinyCompetition()
    try made.zip(
      "data.zip",
      images(ids, in: "v1/images/train/") + masks(in: "v1/labels/train/")
        + images(tests, in: "v1/images/test/")
        + tables().map { ("v1/tables/\($0.path)", $0.data) })
    let findings = try look(made)
    #expect(findings.trainImages == "data/train/images/{id}.png")
    #expect(findings.trainMasks == "data/train/masks/{id}.png")
    #expect(findings.testImages == "data/test/{id}.png")
    #expect(findings.sampleSubmission == "data/tables/sample_submission.csv")
  }

  @Test func imagesAtTheRootOfAnArchive() throws {
    let made = try TinyCompetition()
    try made.zip(
      "data.zip", images(ids) + masks(in: "masks/") + images(tests, in: "test/") + tables())
    let findings = try look(made)
    #expect(findings.trainImages == "data/train/images/{id}.png")
    #expect(findings.trainMasks == "data/train/masks/{id}.png")
  }

  // MARK: Label maps

  /// Numbered rectangles, apart from each other: more in each image.
  private func objects(_ count: Int) throws -> Data {
    try PNG.encode(
      Raster(
        width: 24, height: 16, channels: 1, bitDepth: 8,
        samples: (0..<(24 * 16)).map { pixel in
          let (x, y) = (pixel % 24, pixel / 24)
          guard x % 4 != 3, y % 4 != 3 else { return 0 }
          let number = y / 4 * 6 + x / 4 + 1
          return number <= count ? UInt16(number) : 0
        }))
  }

  @Test func valuesThatNumberObjects() throws {
    let made = try made()
    try made.zip(
      "train_masks.zip", try ids.enumerated().map { ("\($1).png", try objects($0 * 2)) })
    let findings = try made.look()
    #expect(findings.kind == .instances && findings.classes == [])
    #expect(findings.trainMasks == "data/train/masks/{id}.png")
    #expect(findings.notes.contains { $0.hasPrefix("kind: values 1 to ") })
    let section = try TinyCompetition.section(findings)
    #expect(section["kind"] == .string("instances"))
  }

  @Test func valuesOfClassesAreNoObjects() throws {
    let made = try made()
    try made.zip(
      "train_masks.zip",
      try ids.map { ("\($0).png", try Picture.labels([0, 1, 2, 1, 3, 0, 2, 4, 5, 1])) })
    #expect(try made.look().kind == .labels)
  }

  /// Stripes of colours.
  private func stripes(_ colours: [UInt32]) throws -> Data {
    try PNG.encode(
      Raster(
        width: 24, height: 16, channels: 3, bitDepth: 8,
        samples: (0..<(24 * 16)).flatMap { pixel -> [UInt16] in
          let colour = colours[pixel % 24 * colours.count / 24]
          return [colour >> 16, colour >> 8 & 255, colour & 255].map(UInt16.init)
        }))
  }

  @Test func coloursWithATableOfClasses() throws {
    let made = try made(
      sample: ["id,rle"] + tests.flatMap { id in ["sky", "road"].map { "\(id)_\($0)," } })
    try made.zip(
      "train_labels.zip",
      try ids.enumerated().map {
        (
          "\($1)_L.png",
          try stripes([0x80_8080, 0x80_4080, $0 == 0 ? 0x01_0203 : 0x80_4080, 0x00_0000])
        )
      })
    try made.table(
      "class_dict.csv", "name,r,g,b", "sky,128,128,128", "road,128,64,128", "car,64,0,128",
      "Void,0,0,0")
    let findings = try made.look()
    #expect(findings.kind == .labels && findings.classes == ["sky", "road", "car"])
    #expect(findings.classColours == [0x80_8080, 0x80_4080, 0x40_0080])
    #expect(findings.ignoredColours == [0, 0x01_0203])
    #expect(findings.notes.contains { $0.contains("1 colours (96 pixels) that class_dict.csv") })
    let section = try TinyCompetition.section(findings)
    #expect(
      section[path: "classes.colors"]
        == .array(
          [[128, 128, 128], [128, 64, 128], [64, 0, 128]].map { .array($0.map { .int($0) }) }))
  }

  @Test func coloursWithoutATable() throws {
    let made = try made()
    try made.zip(
      "train_labels.zip", try ids.map { ("\($0).png", try stripes([0xFF_0000, 0, 0xFF00])) })
    let findings = try made.look()
    #expect(findings.classes == ["colour-000000", "colour-00ff00", "colour-ff0000"])
    #expect(findings.classColours == [0, 0xFF00, 0xFF_0000])
  }

  @Test func aColourOnBlackIsAMark() throws {
    let made = try made()
    try made.zip("train_masks.zip", try ids.map { ("\($0).png", try stripes([0xFF_0000, 0])) })
    let findings = try made.look()
    #expect(findings.kind == .mask && findings.marks == .nonzero)
  }

  // MARK: Groups and folds

  @Test func aTableOfGroupsAndFolds() throws {
    let made = try made()
    try made.zip("train_masks.zip", masks(in: ""))
    try made.table(
      "meta.csv",
      ["id,patient_id,height,fold"]
        + ids.enumerated().map { "\($1),\(90 + $0 / 2),\($0 % 3),\($0 / 2 % 3)" }
        + tests.map { "\($0),90,1," })
    let findings = try made.look()
    #expect(findings.groupsTable == "data/tables/meta.csv" && findings.groupColumn == "patient_id")
    #expect(findings.groupCounts.count == 6 && findings.groupsGoOn && findings.groups == nil)
    #expect(findings.foldsTable == "data/tables/meta.csv" && findings.foldCount == 3)
    #expect(findings.depthColumn == "height")
    #expect(findings.notes.contains { $0.hasPrefix("files.groups: ") })
    let section = try TinyCompetition.section(findings)
    #expect(section[path: "columns.group"] == .string("patient_id"))
    #expect(section[path: "columns.fold"] == .string("fold"))
    #expect(TrainingPlan(for: findings).folds == 3)
  }

  @Test func columnsThatAreNoGroups() throws {
    let made = try made()
    try made.zip("train_masks.zip", masks(in: ""))
    // Each image its own; another name of ids; folds from 1.
    try made.table(
      "meta.csv", ["id,scan,stain"] + ids.enumerated().map { "\($1),\($0),\($0 % 2)x" })
    try made.table("more.csv", ["image,case"] + ids.enumerated().map { "\($1),\($0 % 3)" })
    try made.table("folds.csv", ["id,fold"] + ids.enumerated().map { "\($1),\($0 % 3 + 1)" })
    let findings = try made.look()
    #expect(findings.groupsTable == nil && findings.foldsTable == nil && findings.depths == nil)
    #expect(findings.notes.contains { $0.contains("calls the ids image and not id") })
    #expect(findings.notes.contains { $0.contains("folds from 1 to 3") })
  }

  // MARK: A single test image

  @Test func oneTestImageIsCalledAsTheTrainingImages() throws {
    let made = try TinyCompetition()
    try made.zip("train.zip", images(ids.map { "img_\($0)" }, in: "images/") + masks(in: "masks/"))
    try made.zip("test.zip", images(["img_b0"], in: "images/"))
    try made.table("sample_submission.csv", "id,rle", "b0,")
    let findings = try made.look()
    #expect(findings.trainImages == "data/train/images/img_{id}.png")
    #expect(findings.testImages == "data/test/images/img_{id}.png")
  }

  @Test(arguments: [1, 2])
  func fewTestImagesInFoldersOfTheirOwn(_ count: Int) throws {
    let made = try TinyCompetition()
    try made.zip(
      "train.zip",
      try ids.enumerated().flatMap { index, id in
        [
          ("\(id)/images/\(id).png", try Picture.image(index)),
          ("\(id)/masks/m.png", try Picture.file(Picture.mask(index))),
        ]
      })
    try made.zip(
      "test.zip", try tests.prefix(count).map { ("\($0)/images/\($0).png", try Picture.image(1)) })
    try made.table("sample_submission.csv", ["id,rle"] + tests.prefix(count).map { "\($0)," })
    let findings = try made.look()
    #expect(findings.testImages == "data/test/{id}/images/{id}.png")
    #expect(findings.testCount == count)
  }
}
