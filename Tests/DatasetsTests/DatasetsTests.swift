// The competition's images by params.yaml: what comes, and that whatever doesn't fit is told with image and
// file.

import Basics
import Datasets
import DatasetsSupport
import Foundation
import Imaging
import Notebook
import StageSupport
import TestSupport
import Testing
import Workbench

@Suite struct DatasetsTests {
  let fixture: CompetitionFixture

  init() throws { fixture = try CompetitionFixture() }

  /// The message of a failure that is the input's fault.
  func failure(depths: Bool = false, test: Bool = false) throws -> String {
    let error = try #require(throws: (any Error).self) {
      let stage = try fixture.stage()
      _ = try test ? stage.testImages(withDepths: depths) : stage.trainingImages(withDepths: depths)
    }
    let failing = try #require(error as? any Failing)
    #expect(failing.exit == .badInput)
    return failing.description
  }

  func masks(_ set: ImageSet) -> [[UInt8]] { set.ids.indices.map { set.mask($0).pixels } }

  // MARK: What comes

  @Test func trainingImagesInOrderOfTheirIDs() throws {
    let set = try fixture.stage().trainingImages(withDepths: true)
    #expect(set.ids == ["a", "b"])
    #expect(set.features == [[10], [20.5]])
    #expect(masks(set) == [[0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
    #expect(set.image(0).values == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(set.width == 3 && set.height == 2 && set.channels == 1)
    #expect(try fixture.stage().trainingImages(withDepths: false).featureCount == 0)
  }

  @Test func masksOfRunLengthsAreThoseOfTheFiles() throws {
    let files = try fixture.stage().trainingImages(withDepths: false)
    try fixture.dropMaskFiles()
    let runs = try fixture.stage().trainingImages(withDepths: false)
    #expect(runs.ids == files.ids && masks(runs) == masks(files))
  }

  @Test func masksMayLieBesideTheirImages() throws {
    for id in ["a", "b"] {
      try FileManager.default.moveItem(
        atPath: fixture.path("data/train/masks/\(id).png"),
        toPath: fixture.path("data/train/images/\(id)_mask.png"))
    }
    fixture.set("files", "train_masks", .string("data/train/images/{id}_mask.png"))
    let set = try fixture.stage().trainingImages(withDepths: false)
    #expect(set.ids == ["a", "b"])
    #expect(masks(set) == [[0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
  }

  @Test func runLengthsAreReadInTheirOrder() throws {
    try fixture.dropMaskFiles()
    fixture.set("rle", "order", .string("column"))
    let set = try fixture.stage().trainingImages(withDepths: false)
    #expect(masks(set)[0] == [0, 1, 0, 1, 0, 0])
  }

  @Test func testImagesInTheOrderOfTheSampleSubmission() throws {
    try fixture.image("data/test/d.png", [6, 5, 4, 3, 2, 1])
    try fixture.folder.write("id,rle\nd,\nc,\n", to: "data/tables/sample.csv")
    try fixture.folder.write("id,z\nc,30\nd,40\n", to: "data/tables/depths.csv")
    let set = try fixture.stage().testImages(withDepths: true)
    #expect(set.ids == ["d", "c"] && set.features == [[40], [30]] && !set.hasMasks)
  }

  // MARK: Images and masks that don't fit

  @Test(arguments: ["images", "masks"])
  func anotherSizeIsToldWithTheFile(_ kind: String) throws {
    try fixture.image("data/train/\(kind)/b.png", width: 2, height: 3, [0, 0, 0, 0, 0, 0])
    let message = try failure()
    #expect(
      message.contains(
        "image b: the \(kind == "masks" ? "mask" : "image") \(fixture.path("data/train/\(kind)/b.png"))"
      ))
    #expect(message.contains("2 x 3 pixels, but competition.image says 3 x 2"))
  }

  @Test func imageWithoutMaskAndMaskWithoutImage() throws {
    try fixture.remove("data/train/masks/b.png")
    #expect(
      try failure()
        == "image b: has no mask; if it is an empty one, set competition.missing_masks: empty "
        + "(data/train/images/{id}.png and data/train/masks/{id}.png)")
    try fixture.image("data/train/masks/b.png", [0, 0, 0, 0, 0, 0])
    try fixture.image("data/train/masks/x.png", [0, 0, 0, 0, 0, 0])
    try fixture.image("data/train/masks/y.png", [0, 0, 0, 0, 0, 0])
    #expect(
      try failure()
        == "image x: has a mask, but no image (2 images in all) (data/train/images/{id}.png and data/train/masks/{id}.png)"
    )
  }

  @Test func imageWithoutRowAndRowWithoutImage() throws {
    try fixture.dropMaskFiles()
    try fixture.folder.write("id,rle\na,2 2\n", to: "data/tables/train.csv")
    #expect(
      try failure()
        == "image b: has no mask; if it is an empty one, set competition.missing_masks: empty "
        + "(data/train/images/{id}.png and data/tables/train.csv)")
    try fixture.folder.write("id,rle\na,2 2\nb,-\nx,-\n", to: "data/tables/train.csv")
    #expect(
      try failure()
        == "image x: has a mask, but no image (data/train/images/{id}.png and data/tables/train.csv)"
    )
    fixture.competition["missing_masks"] = .string("empty")
    try fixture.folder.write("id,rle\na,2 1\na,3 2\n", to: "data/tables/train.csv")
    // Several rows of an image are one mask.
    #expect(
      try masks(fixture.stage().trainingImages(withDepths: false)) == [
        [0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0],
      ])
  }

  @Test(arguments: ["6 2", "1", "1 x", "3 1 1 1", "0 1"])
  func runLengthsThatCannotBeAreToldWithTheTable(_ runs: String) throws {
    try fixture.dropMaskFiles()
    try fixture.folder.write("id,rle\na,\(runs)\nb,-\n", to: "data/tables/train.csv")
    let message = try failure()
    #expect(message.hasPrefix("image a: has run lengths that cannot be decoded"))
    #expect(message.hasSuffix("(data/tables/train.csv)"))
  }

  @Test func damagedPictureIsNamed() throws {
    try fixture.folder.write("not a picture", to: "data/train/images/a.png")
    let message = try failure()
    #expect(
      message.hasPrefix("image a: has an unreadable image")
        && message.contains(fixture.path("data/train/images/a.png")))
  }

  @Test func noImagesAtAll() throws {
    try fixture.remove("data/train/images/a.png")
    try fixture.remove("data/train/images/b.png")
    #expect(
      try failure().hasPrefix(
        "\(fixture.path("data/train/images")): holds no file that matches {id}.png"))
  }

  @Test func channelsThatTheFilesHaveNotAreRefused() throws {
    fixture.set("image", "channels", .int(2))
    #expect(try failure().contains("it can be read with 1 or 3, not with 2"))
    fixture.set("image", "channels", .int(0))
    #expect(try failure() == "competition.image.channels: is 0, should be from 1 to 64")
  }

  @Test func metricsThatStagesDoNotComputeAreRefused() throws {
    fixture.competition["metric"] = .object([
      "unit": .string("instance"), "measure": .string("iou"),
    ])
    #expect(
      try failure().hasPrefix(
        "competition.metric: is instance iou, but competition.kind is mask: metrics of instances"))
    fixture.competition["metric"] = .object(["unit": .string("pixels"), "measure": .string("iou")])
    #expect(try fixture.stage().trainingImages().count == 2)
  }

  /// An array of NumPy's, 2 rows of 3 numbers.
  private func array(_ type: String, _ content: [UInt8]) -> Data {
    let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (2, 3), }"
    let padded = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]) + Data(padded.utf8)
      + Data(content)
  }

  @Test func picturesAreReadByTheirFirstBytes() throws {
    // Under the name of a PNG.
    try fixture.folder.write(
      array("|u1", [255, 0, 51, 102, 153, 204]), to: "data/train/images/a.png")
    let set = try fixture.stage().trainingImages(withDepths: false)
    #expect(set.image(0).values == [1, 0, 0.2, 0.4, 0.6, 0.8])
  }

  @Test func aPictureThatCannotBeAnImageIsNamed() throws {
    try fixture.folder.write(
      array("<f4", [UInt8](repeating: 0x40, count: 24)), to: "data/train/images/a.png")
    let message = try failure()
    #expect(
      message.hasPrefix(
        "image a: has an unusable image: \(fixture.path("data/train/images/a.png")): its samples go from 3.0"
      ) && message.contains("competition.image.range"))
    fixture.set("image", "range", .array([.double(0), .double(6)]))
    let set = try fixture.stage().trainingImages(withDepths: false)
    #expect(set.image(0).values.allSatisfy { abs($0 - 3.0039215 / 6) < 1e-4 })
  }

  // MARK: Depths

  @Test func imageWithoutDepth() throws {
    try fixture.folder.write("id,z\nb,1\n", to: "data/tables/depths.csv")
    let message = "\(fixture.path("data/tables/depths.csv")): no depth of the image"
    #expect(try failure(depths: true) == message + " a")
    #expect(try failure(depths: true, test: true) == message + " c")
    // A table without rows isn't a competition without depths.
    try fixture.folder.write("id,z\n", to: "data/tables/depths.csv")
    #expect(try failure(depths: true) == message + " a")
  }

  @Test func depthsThatAreNoneOrTwo() throws {
    try fixture.folder.write("id,z\na,1\nb,deep\n", to: "data/tables/depths.csv")
    #expect(
      try failure(depths: true).hasPrefix(
        "\(fixture.path("data/tables/depths.csv")):3: “deep” in z"))
    try fixture.folder.write("id,z\na,1\nb,2\na,3\n", to: "data/tables/depths.csv")
    #expect(
      try failure(depths: true) == "\(fixture.path("data/tables/depths.csv")):4: “a” appears twice")
    try fixture.folder.write("id,z\na,1\nb,1e300\n", to: "data/tables/depths.csv")
    #expect(try failure(depths: true).hasPrefix("image b: has a depth that is not a finite number"))
  }

  @Test(arguments: [("files", "depths"), ("columns", "depth")])
  func competitionWithoutDepths(_ section: String, _ key: String) throws {
    fixture.set(section, key, .null)
    #expect(try failure(depths: true).contains("params.yaml names no table or column of them"))
    #expect(try fixture.stage().trainingImages(withDepths: false).count == 2)
  }

  // MARK: Test images

  @Test(arguments: [
    ("x", "image x: has no image"), ("c\nc", "data/tables/sample.csv:3: “c” appears twice"),
    ("../test/c", "data/tables/sample.csv: “../test/c” can't be the id"),
    ("\"\"", "data/tables/sample.csv: “” can't be the id"),
  ])
  func idsOfTheSampleSubmissionThatNoImageHas(_ ids: String, _ wanted: String) throws {
    let rows = ids.split(separator: "\n").map { "\($0)," }.joined(separator: "\n")
    try fixture.folder.write("id,rle\n\(rows)\n", to: "data/tables/sample.csv")
    #expect(try failure(test: true).contains(wanted))
  }

  @Test func emptySampleSubmissionIsNamed() throws {
    try fixture.folder.write("id,rle\n", to: "data/tables/sample.csv")
    let message = try failure(test: true)
    #expect(
      message.contains("the list of images is empty")
        && message.hasSuffix("(data/tables/sample.csv)"))
  }

  func refusal(_ body: () throws -> Void) throws -> String {
    let error = try #require(throws: StageFailure.self) { try body() }
    #expect(error.exit == .badInput)
    return error.message
  }

  // MARK: Images by pattern

  @Test func idsAreThoseOfThePattern() throws {
    for name in [
      "b_rgb.png", "a_rgb.PNG", "a_label.png", "_rgb.png", "._a_rgb.png", "c.txt", "q/images/q.png",
      "q/masks/1.png", "q/masks/2.png", "r/images/q.png", "s_x_dog.png", "s_x_cat.png",
    ] {
      try fixture.folder.write("", to: "data/train/set/" + name)
    }
    let stage = try fixture.stage()
    func ids(_ pattern: String) throws -> [String] {
      try stage.patternFiles("data/train/set/" + pattern).ids
    }
    #expect(try ids("{id}_rgb.png") == ["a", "b"])
    #expect(try ids("{id}/images/{id}.png") == ["q"])
    let masks = try stage.patternFiles("data/train/set/{id}/masks/*.png").files(of: "q")
    #expect(masks.map(\.url.lastPathComponent) == ["1.png", "2.png"])
    let classes = try stage.patternFiles("data/train/set/{id}_{class}.png").files(of: "s_x")
    #expect(classes.map(\.className) == ["cat", "dog"])
    // A class's name may hold the sign between id and class, and end as another one is called.
    try fixture.folder.write("", to: "data/train/set/t_y_big_dog.png")
    let known = try stage.patternFiles(
      "data/train/set/{id}_{class}.png", classes: ["dog", "cat", "big_dog"])
    #expect(known.ids.filter { $0 != "a" && $0 != "b" && $0 != "" } == ["s_x", "t_y"])
    #expect(known.files(of: "t_y").map(\.className) == ["big_dog"])
    #expect(known.files(of: "a").map(\.className) == ["label", "rgb"])
    #expect(
      try refusal { _ = try ids("{id}.jpg") }.contains("holds no file that matches {id}.jpg"))
    for pattern in ["{id}.png", "data/train/a.png", "", "/data/{id}.png"] {
      #expect(
        try refusal { _ = try stage.patternFiles(pattern) }.hasPrefix(
          "params.yaml: competition.files: \(pattern): should be"))
    }
    #expect(
      try refusal { _ = try ids("{id}_{name}.png") }.contains("only {id}, {class} and * stand for"))
  }

  @Test func twoFilesOfOneImageAreNamed() throws {
    try fixture.folder.write("", to: "data/train/set/a.png")
    try fixture.folder.write("", to: "data/train/set/a.PNG")
    let stage = try fixture.stage()
    #expect(
      try refusal { _ = try stage.patternFiles("data/train/set/{id}.png") }.hasPrefix(
        "image a: there are two files of it"))
  }

  // MARK: What pages tell

  @Test func depthsComeWhereTheCompetitionHasThem() throws {
    #expect(try fixture.stage().trainingImages().depths == [10, 20.5])
    #expect(try fixture.stage().testImages().depths == [30])
    fixture.set("files", "depths", .null)
    #expect(try fixture.stage().trainingImages().depths == [])
  }

  @Test func depthsOfTestImagesAreThoseThatThereAre() throws {
    try fixture.image("data/test/d.png", [6, 5, 4, 3, 2, 1])
    try fixture.folder.write("id,rle\nd,\nc,\n", to: "data/tables/sample.csv")
    let stage = try fixture.stage()
    let test = try stage.testImages(withDepths: false)
    #expect(try stage.depths(ofTest: test) == [30])
    #expect(try failure(depths: true, test: true).contains("no depth of the image d"))
    fixture.set("files", "depths", .null)
    #expect(try fixture.stage().depths(ofTest: test) == [])
  }

  @Test(arguments: [0, -1])
  func classesOfCoverageThatAreNoneAreRefused(_ count: Int) throws {
    let bench = StageFixture(
      fixture.folder, parameters: ["folds": .object(["coverage_classes": .int(count)])])
    let error = #expect(throws: SettingError.self) { try bench.stage().coverageClasses() }
    #expect(error?.description == "folds.coverage_classes: is \(count), should be 1 or more")
  }

  @Test func imagesInTheOrderOfTheirMasks() throws {
    try fixture.image("data/train/images/c.png", [0, 0, 0, 0, 0, 1])
    try fixture.image("data/train/masks/c.png", [255, 0, 0, 0, 0, 0])
    let set = try fixture.stage().trainingImages(withDepths: false)
    #expect(set.empty == [1] && set.marked == [2, 0] && set.marked(among: [0, 1]) == [0])
    #expect(set.coverage == [2.0 / 6, 0, 1.0 / 6])
    #expect(set.counts(of: CoverageClass(count: 5)) == [1, 1, 1, 0, 0, 0])
    #expect(set.counts(of: CoverageClass(count: 5), among: [2]) == [0, 1, 0, 0, 0, 0])
  }

  @Test func masksThatTheTableHasOtherwiseAreFound() throws {
    let set = try fixture.stage().trainingImages(withDepths: false)
    #expect(try fixture.stage().masksUnlikeTheTable(set) == [])
    try fixture.folder.write("id,rle\na,2 3\nb,-\n", to: "data/tables/train.csv")
    #expect(try fixture.stage().masksUnlikeTheTable(set) == ["a"])
    try fixture.folder.write("id,rle\na,2 2\n", to: "data/tables/train.csv")
    #expect(
      try refusal { _ = try fixture.stage().masksUnlikeTheTable(set) }
        == "data/tables/train.csv: no row for the image b")
    try fixture.folder.write("id,rle\na,2 2\nb,9 9\n", to: "data/tables/train.csv")
    #expect(
      try refusal { _ = try fixture.stage().masksUnlikeTheTable(set) }.hasPrefix(
        "data/tables/train.csv: image b: has run lengths that cannot be decoded"))
    // Where the table is the only source, there is nothing to compare.
    try fixture.dropMaskFiles()
    #expect(try fixture.stage().masksUnlikeTheTable(set) == [])
  }

  @Test func picturesInAnotherFolderAreToldOf() throws {
    fixture.set("files", "train_images", .string("data/new/images/{id}.png"))
    let stage = try fixture.stage()
    let root = try stage.output("data/new")
    func put(_ path: String) throws {
      let place = root.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: place)
    }
    // An archive may hold any name, such as one that makes another character of the slash before it.
    try put("top/images/\u{301}.png")
    try put("top/images/a.png")
    try put("top/readme")
    #expect(
      try refusal { try stage.checkPictureFolders() }
        == "params.yaml: competition.files.train_images: data/new/images/{id}.png: there is no data/new/images; data/new holds "
        + "top/images (2 files); should it be data/new/top/images/{id}.png?")
    try put("images/a.png")
    try stage.checkPictureFolders()
  }

  @Test func unpackedTablesAreLookedAt() throws {
    for (key, name) in [
      ("train_table", "train"), ("depths", "depths"), ("sample_submission", "sample"),
    ] {
      fixture.set("files", key, .string("data/new/\(name).csv"))
    }
    let stage = try fixture.stage()
    func unpack(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: stage.output("data/new/\(name).csv"))
    }
    try unpack("train", "id,rle\na,-\n")
    try unpack("depths", "id,z\n")
    #expect(
      try refusal { _ = try stage.checkTables() }
        == "data/new/sample.csv: named in competition.files of params.yaml, but no such table was unpacked"
    )
    try unpack("sample", "id,mask\n")
    let column = #expect(throws: InputError.self) { _ = try stage.checkTables() }
    #expect(column?.description.hasPrefix("data/new/sample.csv: no column “rle”") == true)
    try unpack("sample", "id,rle\n")
    #expect(
      try stage.checkTables().rows == [
        ["data/new/train.csv", "1", "id, rle"], ["data/new/depths.csv", "0", "id, z"],
        ["data/new/sample.csv", "0", "id, rle"],
      ])
  }
}
