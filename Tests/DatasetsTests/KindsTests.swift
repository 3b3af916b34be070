// Competitions of every kind by params.yaml: label maps, instances, several classes, sizes that differ; and
// what is wrong with them, named before anything is trained.

import Basics
import Datasets
import DatasetsSupport
import Foundation
import Imaging
import StageSupport
import TestSupport
import Testing
import Workbench

@Suite struct KindsTests {
  let fixture: CompetitionFixture

  init() throws { fixture = try CompetitionFixture() }

  private func sizesDiffer() throws {
    fixture.set("image", "width", .null)
    fixture.set("image", "height", .null)
    try fixture.image("data/train/images/b.png", width: 2, height: 2, [9, 8, 7, 6])
    try fixture.image("data/train/masks/b.png", width: 2, height: 2, [0, 0, 0, 255])
  }

  // MARK: Sizes

  @Test func everyImageHasItsOwnSize() throws {
    try sizesDiffer()
    let set = try fixture.training()
    #expect(set.commonSize == nil && set.size(1) == ImageSize(width: 2, height: 2))
    #expect(set.mask(1).pixels == [0, 0, 0, 1] && set.area(1) == 1)
    #expect(set.image(1).values == [9, 8, 7, 6].map { Float($0) / 255 })
    // A mask of another size than its image.
    try fixture.image("data/train/masks/b.png", width: 3, height: 2, [0, 0, 0, 0, 0, 0])
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }.contains(
        "its image has 2 x 2"))
  }

  @Test func windowsAreMirroredBeyondTheBorder() throws {
    let set = try fixture.training()
    // 0 51 102 / 153 204 255
    let window = set.image(0, ImageWindow(x: -1, y: 1, width: 5, height: 2)).values
      .map { Int(($0 * 255).rounded()) }
    #expect(window == [204, 153, 204, 255, 204, 51, 0, 51, 102, 51])
    let targets = set.targets(0, ImageWindow(x: 1, y: 0, width: 2, height: 1))
    #expect(targets.values == [1, 1] && targets.channels == 1)
  }

  @Test func decodedImagesAreKeptAndMadeAnewWhenAFileChanges() throws {
    let first = try fixture.training()
    let folder = fixture.folder.url.appendingPathComponent(".work/images")
    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".images") }
    }
    let made = try files()
    #expect(made.count == 1)
    #expect(try fixture.training().digest == first.digest)
    #expect(try files() == made)
    // A store that was cut is made again, and so is one whose index says something else.
    let store = folder.appendingPathComponent(made[0])
    let whole = try Data(contentsOf: store)
    try whole.dropLast(9).write(to: store)
    #expect(try fixture.training().digest == first.digest)
    let offset = try #require(whole.firstRange(of: Data("\"offset\":0".utf8)))
    var changed = whole
    changed[offset.upperBound - 1] = UInt8(ascii: "9")
    try changed.write(to: store)
    #expect(try fixture.training().digest == first.digest)
    #expect(try Data(contentsOf: store) != changed)
    try fixture.image("data/train/images/a.png", [1, 2, 3, 4, 5, 6])
    #expect(try fixture.training().digest != first.digest)
    #expect(try files().count == 1 && files() != made)
  }

  /// Masks that come from another column are other masks, though no file has changed.
  @Test func decodedImagesAreMadeAnewForOtherColumns() throws {
    fixture.set("files", "train_masks", .null)
    try fixture.folder.write(
      "id,rle,better\na,1 1,2 1\nb,1 1,2 1\n", to: "data/tables/train.csv")
    let first = try fixture.training()
    fixture.set("columns", "mask", .string("better"))
    let second = try fixture.training()
    #expect(first.mask(0).pixels != second.mask(0).pixels)
    #expect(second.area(0) == 1)
  }

  // MARK: Bad files

  @Test func imagesThatCannotBeReadAreLeftOutWhereThatIsWanted() throws {
    try fixture.folder.write("no picture", to: "data/train/images/a.png")
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }.hasPrefix(
        "image a: has an unreadable image"))
    fixture.competition["skip_bad"] = .bool(true)
    let set = try fixture.training()
    #expect(set.ids == ["b"] && set.leftOut.count == 1)
    #expect(set.leftOut[0].contains("image a: has an unreadable image"))
    // From what is kept, too.
    #expect(try fixture.training().leftOut == set.leftOut)
  }

  @Test func idsThatDifferByCaseAreTold() throws {
    try fixture.remove("data/train/masks/b.png")
    try fixture.image("data/train/masks/B.png", [0, 0, 0, 0, 0, 0])
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }.contains(
        "“B” differs only in upper and lower case"))
  }

  // MARK: Label maps

  private func labels() throws {
    fixture.competition["kind"] = .string("labels")
    fixture.competition["classes"] = .object([
      "names": .array([.string("sky"), .string("road")]),
      "values": .array([.int(0), .int(7)]), "ignore": .int(9), "weights": .string("balanced"),
    ])
    fixture.competition["metric"] = .object([
      "unit": .string("pixels"), "measure": .string("iou"), "empty": .string("zero"),
    ])
    fixture.competition["submission"] = .object([
      "rows": .string("image-class"), "row": .string("{id}_{class}"),
    ])
    fixture.set("files", "train_table", .null)
    try fixture.image("data/train/masks/a.png", [0, 7, 7, 0, 0, 9])
    try fixture.image("data/train/masks/b.png", [0, 0, 0, 0, 0, 0])
    try fixture.folder.write("id,rle\nc_sky,\nc_road,\n", to: "data/tables/sample.csv")
  }

  @Test func labelMapsAreClassesAndWhatIsIgnored() throws {
    try labels()
    let set = try fixture.training()
    #expect(set.truthKind == .labels && set.classes == 2)
    #expect(set.targets(0).values == [0, 1, 1, 0, 0, 255])
    #expect(set.areas(0) == [3, 2] && set.mask(0, of: 1).pixels == [0, 1, 1, 0, 0, 0])
    try fixture.image("data/train/masks/b.png", [0, 0, 5, 0, 0, 0])
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }.contains(
        "the pixel in column 2, row 0 has the value 5, which is no class"))
  }

  @Test func aRowIsAnImageAndClass() throws {
    try labels()
    let stage = try fixture.stage()
    let competition = try stage.competition()
    #expect(try stage.testImages(withDepths: false).ids == ["c"])
    let map = ClassMap(width: 3, height: 2, labels: [0, 0, 1, 0, 0, 1])
    let sample = try CSV(Data("rle,id\n,c_road\n,c_sky\n".utf8), name: "s.csv")
    let made = try Submission(like: sample, of: competition) { $0 == "c" ? .labels(map) : nil }
    #expect(made.table.text == "rle,id\n3 1 6 1,c_road\n1 2 4 2,c_sky\n")
    let wrong = try CSV(Data("id,rle\nc_sea,\n".utf8), name: "s.csv")
    let error = #expect(throws: StageFailure.self) {
      try Submission(like: wrong, of: competition) { _ in .labels(map) }
    }
    #expect(error?.message.hasPrefix("s.csv:2: “c_sea” isn't an image and class") == true)
  }

  @Test func classesThatMakeNoSenseAreRefused() throws {
    try labels()
    for (names, values, problem) in [
      (["a", "a"], [0, 1], "competition.classes.names: should be different"),
      (["a", "b"], [0, 0], "competition.classes.values: should be 2 different"),
      (["a", "b"], [0, 9], "competition.classes.ignore: is the value of a class"),
      (["a"], [0], "competition.classes: kind: labels needs"),
    ] {
      fixture.competition["classes"] = .object([
        "names": .array(names.map { .string($0) }), "values": .array(values.map { .int($0) }),
        "ignore": .int(9),
      ])
      #expect(try fixture.failure { _ = try $0.competition() }.hasPrefix(problem))
    }
  }

  // MARK: Annotations in COCO's form

  /// Image a (3 x 2) with an object as polygon, one as counts and one as their compressed text (made with
  /// pycocotools' rleToString); b with none.
  private func annotations(_ more: String = "", category: String = "salt") throws {
    fixture.set("files", "train_masks", .null)
    fixture.set("files", "train_table", .string("data/tables/train.json"))
    try fixture.folder.write(
      """
      {"images": [{"id": 7, "file_name": "train/a.png", "width": 3, "height": 2},
        {"id": 8, "file_name": "b.png", "width": 3, "height": 2}],
       "annotations": [
        {"id": 1, "image_id": 7, "category_id": 3, "segmentation": [[0, 0, 1, 0, 1, 1, 0, 1]]},
        {"id": 2, "image_id": 7, "category_id": 3,
         "segmentation": {"size": [2, 3], "counts": [5, 1]}, "iscrowd": 1},
        {"id": 3, "image_id": 7, "category_id": 3,
         "segmentation": {"size": [2, 3], "counts": "213"}}\(more)],
       "categories": [{"id": 3, "name": "\(category)"}]}
      """, to: "data/tables/train.json")
  }

  @Test func annotationsAreMasksOrInstances() throws {
    try annotations()
    let set = try fixture.training()
    #expect(set.ids == ["a", "b"] && set.mask(0).pixels == [1, 1, 0, 0, 0, 1])
    #expect(set.area(1) == 0)
    #expect(try fixture.stage().checkTargets(set) == nil)
    fixture.competition["kind"] = .string("instances")
    fixture.competition["metric"] = .object([
      "unit": .string("instance"), "measure": .string("precision"),
    ])
    guard case .instances(let map) = try fixture.training().truth(0) else { throw Unexpected() }
    #expect(map.labels == [1, 3, 0, 0, 0, 2] && map.count == 3)
  }

  @Test func aClassMayBeCalledByItsCategorysNumber() throws {
    try annotations(category: "rock")
    fixture.competition["classes"] = .object(["names": .array([.string("3"), .string("4")])])
    fixture.competition["submission"] = .object([
      "rows": .string("image-class"), "row": .string("{id}_{class}"),
    ])
    #expect(try fixture.training().areas(0) == [3, 0])
  }

  @Test func annotationsAreComparedWithMaskFiles() throws {
    try annotations()
    fixture.set("files", "train_masks", .string("data/train/masks/{id}.png"))
    // Two of three pixels are those of the annotations.
    try fixture.image("data/train/masks/a.png", [255, 255, 0, 0, 0, 0])
    try fixture.image("data/train/masks/b.png", [0, 0, 0, 0, 0, 0])
    #expect(try fixture.stage().masksUnlikeTheTable(fixture.training()) == [])
    try fixture.image("data/train/masks/a.png", [0, 0, 0, 255, 255, 0])
    #expect(try fixture.stage().masksUnlikeTheTable(fixture.training()) == ["a"])
  }

  @Test func annotationsThatFitNoImageAreTold() throws {
    let object = #", {"image_id": 9, "category_id": 3, "segmentation": []}"#
    try annotations(object)
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }
        == "data/tables/train.json: annotation 3 (from 0): its image_id 9 is not among the images")
    try annotations(#", {"image_id": 8, "category_id": 3, "segmentation": [[0, 1]]}"#)
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }.contains(
        "image b: data/tables/train.json: annotation 3 (from 0): a polygon has at least three points"
      ))
    try annotations(category: "sky")
    fixture.competition["classes"] = .object(["names": .array([.string("salt")])])
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }.contains(
        "its category “sky” is not among competition.classes.names: salt"))
    try fixture.folder.write("{\"images\": 3}", to: "data/tables/train.json")
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }.contains(
        "is not a file of annotations in COCO's form"))
  }

  // MARK: Instances

  private func instances() throws {
    fixture.competition["kind"] = .string("instances")
    fixture.competition["metric"] = .object([
      "unit": .string("instance"), "measure": .string("precision"),
    ])
    fixture.set("files", "train_masks", .string("data/train/masks/{id}/*.png"))
    try fixture.image("data/train/masks/a/1.png", [255, 255, 0, 0, 0, 0])
    try fixture.image("data/train/masks/a/2.png", [0, 0, 0, 0, 0, 255])
    try fixture.image("data/train/masks/b/1.png", [0, 0, 0, 0, 0, 0])
    try fixture.folder.write("id,rle\na,6 1\na,1 2\nb,-\n", to: "data/tables/train.csv")
  }

  @Test func aFileOrARowIsAnInstance() throws {
    try instances()
    let files = try fixture.training()
    #expect(files.truthKind == .instances && files.instanceCount(0) == 2)
    #expect(files.instanceCount(1) == 0 && files.area(0) == 3)
    #expect(try fixture.stage().masksUnlikeTheTable(files) == [])
    #expect(
      try fixture.stage().checkTargets(files)
        == "2 masks of data/tables/train.csv are those of the files")
    try fixture.folder.write("id,rle\na,6 1\na,2 2\nb,-\n", to: "data/tables/train.csv")
    #expect(try fixture.stage().masksUnlikeTheTable(files) == ["a"])
    fixture.set("files", "train_masks", .null)
    let rows = try fixture.training()
    guard case .instances(let map) = rows.truth(0) else { throw Unexpected() }
    #expect(map.labels == [0, 2, 2, 0, 0, 1])
  }

  /// Numbers may have gaps and go beyond 8 bit.
  @Test func objectsMayBeNumberedInOneFile() throws {
    try instances()
    fixture.set("files", "train_masks", .string("data/train/labels/{id}.png"))
    fixture.set("files", "train_table", .null)
    for (id, samples) in [("a", [0, 3, 3, 700, 0, 700]), ("b", [0, 0, 0, 0, 0, 0])] {
      let map = Raster(
        width: 3, height: 2, channels: 1, bitDepth: 16, samples: samples.map { UInt16($0) })
      try fixture.folder.write(PNG.encode(map), to: "data/train/labels/\(id).png")
    }
    let set = try fixture.training()
    guard case .instances(let map) = set.truth(0) else { throw Unexpected() }
    #expect(map.labels == [0, 1, 1, 2, 0, 2] && set.instanceCount(1) == 0)
    #expect(try fixture.stage().checkTargets(set) == nil)
  }

  private struct Unexpected: Error {}

  @Test func aRowOfASubmissionIsAnInstance() throws {
    try instances()
    let competition = try fixture.stage().competition()
    let map = LabelMap(width: 3, height: 2, labels: [1, 1, 0, 0, 0, 2])
    let sample = try CSV(Data("id,rle\nc,\nd,\n".utf8), name: "s.csv")
    let made = try Submission(like: sample, of: competition) {
      .instances($0 == "c" ? map : LabelMap(width: 3, height: 2))
    }
    #expect(made.table.text == "id,rle\nc,1 2\nc,6 1\nd,-\n")
    #expect(made.count == 3 && made.empty == 1)
    let file = fixture.folder.url.appendingPathComponent("s.csv")
    try made.table.write(to: file)
    try made.check(file)
  }

  // MARK: Several classes of masks

  @Test func classesOfMasksComeFromFilesOrRows() throws {
    fixture.competition["classes"] = .object([
      "names": .array([.string("cat"), .string("dog")])
    ])
    fixture.competition["submission"] = .object(["rows": .string("image-class")])
    fixture.set("columns", "class", .string("kind"))
    fixture.set("files", "train_masks", .string("data/train/masks/{id}_{class}.png"))
    fixture.competition["missing_masks"] = .string("empty")
    try fixture.image("data/train/masks/a_cat.png", [1, 1, 0, 0, 0, 0])
    try fixture.image("data/train/masks/a_dog.png", [0, 1, 0, 0, 0, 1])
    let files = try fixture.training()
    #expect(files.classes == 2 && files.areas(0) == [2, 2] && files.areas(1) == [0, 0])
    #expect(files.targets(0).values == [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1])
    try fixture.folder.write(
      "id,kind,rle\na,dog,2 1\na,cat,1 2\na,dog,6 1\nb,,\n", to: "data/tables/train.csv")
    fixture.set("files", "train_masks", .null)
    let rows = try fixture.training()
    #expect(rows.targets(0) == files.targets(0))
    try fixture.folder.write("id,kind,rle\na,cow,2 1\n", to: "data/tables/train.csv")
    #expect(
      try fixture.failure { _ = try $0.trainingImages(withDepths: false) }.contains(
        ":2: “cow” is not among competition.classes.names: cat, dog"))
  }

  // MARK: What is never trusted

  /// A larger competition of the same layout: asymmetric masks, so that every dialect differs.
  private func many(_ dialect: RunLength) throws {
    var table = "id,rle\n"
    for index in 0..<6 {
      let pixels = (0..<6).map { UInt8($0 == index || $0 == (index + 1) % 6 ? 1 : 0) }
      try fixture.image("data/train/images/m\(index).png", [1, 2, 3, 4, 5, UInt16(index)])
      try fixture.image(
        "data/train/masks/m\(index).png", pixels.map { $0 == 0 ? 0 : 255 })
      table += "m\(index),\(dialect.encode(Mask(width: 3, height: 2, pixels: pixels)))\n"
    }
    for id in ["a", "b"] {
      try fixture.remove("data/train/images/\(id).png")
      try fixture.remove("data/train/masks/\(id).png")
    }
    try fixture.folder.write(table, to: "data/tables/train.csv")
  }

  @Test func aWrongDialectIsToldWithTheRightOne() throws {
    try many(RunLength(order: .column, base: 1, empty: "-"))
    let set = try fixture.training()
    let message = try fixture.failure { _ = try $0.checkTargets(set) }
    #expect(message.contains("with order: column all do"))
    fixture.set("rle", "order", .string("column"))
    #expect(
      try fixture.stage().checkTargets(set)
        == "6 masks of data/tables/train.csv are those of the files")
  }

  /// The files hold 1 and 2, of which only 2 is a mark.
  @Test func aWrongReadingOfMaskFilesIsTold() throws {
    try many(RunLength(order: .row, base: 1, empty: "-"))
    for index in 0..<6 {
      let values = (0..<6).map { UInt16($0 == index || $0 == (index + 1) % 6 ? 2 : 1) }
      try fixture.image("data/train/masks/m\(index).png", values)
    }
    let set = try fixture.training()
    let message = try fixture.failure { _ = try $0.checkTargets(set) }
    #expect(
      message.contains("the files hold the values 1, 2; with competition.mask: 2, 6 of 6 agree"))
    fixture.competition["mask"] = .int(2)
    let right = try fixture.training()
    #expect(right.areas(0) == [2])
    #expect(try fixture.stage().checkTargets(right) != nil)
  }

  @Test func aDialectThatReadsClearlyBetterIsNamedWithoutMaskFiles() throws {
    try many(RunLength(order: .row, base: 0, empty: "-"))
    fixture.set("files", "train_masks", .null)
    // From 1, a run that begins at pixel 0 is outside.
    let message = try fixture.failure { try $0.checkRunLengths() }
    #expect(
      message
        == "data/tables/train.csv: in the dialect of params.yaml (competition.rle) 2 of 6 run lengths that were "
        + "looked at can't be read; with base: 0 all can", "\(message)")
    fixture.set("rle", "base", .int(0))
    try fixture.stage().checkRunLengths()
  }

  @Test func theSampleIsCheckedWholeWhenItIsUnpacked() throws {
    for (key, name) in [
      ("train_table", "train"), ("depths", "depths"), ("sample_submission", "sample"),
    ] {
      fixture.set("files", key, .string("data/new/\(name).csv"))
    }
    fixture.set("files", "test_images", .string("data/new/test/{id}.png"))
    let stage = try fixture.stage()
    for (name, text) in [
      ("train.csv", "id,rle\na,-\n"), ("depths.csv", "id,z\n"), ("test/c.png", "a picture"),
      ("sample.csv", "id,rle\nc,\nc.png,\n"),
    ] {
      let url = try stage.output("data/new/\(name)")
      try Data(text.utf8).write(to: url)
    }
    let message = try fixture.failure { _ = try $0.checkTables() }
    #expect(message.contains("1 of 2 ids have no test image, the first is “c.png”"))
    #expect(message.contains("holds 1 images; such as “c”"))
  }

  // MARK: Slices, sizes of submissions

  @Test func neighboursOfAGroupAreChannels() throws {
    let ids = ["p_2", "q_1", "p_1", "p_3"]
    let set = ImageSet(
      ids: ids,
      images: [2, 9, 1, 3].map { Plane(width: 2, height: 1, values: [$0 / 10, $0 / 10 + 0.05]) })
    let sliced = try set.withSlices(3, groups: ["p", "q", "p", "p"])
    #expect(sliced.channels == 3 && set.channels == 1)
    func tenths(_ index: Int) -> [Int] {
      sliced.image(index).values.map { Int(($0 * 100).rounded()) }
    }
    #expect(tenths(0) == [10, 20, 30, 15, 25, 35])
    #expect(tenths(2) == [10, 10, 20, 15, 15, 25])
    #expect(tenths(1) == [90, 90, 90, 95, 95, 95])
    let part = sliced.image(3, ImageWindow(x: 1, y: 0, width: 1, height: 1))
    #expect(part.values.map { Int(($0 * 100).rounded()) } == [25, 35, 35])
    fixture.set("image", "slices", .int(3))
    #expect(try fixture.failure { _ = try $0.competition() }.contains("needs groups of images"))
    fixture.competition["groups"] = .string("{group}_*")
    fixture.set("image", "slices", .int(2))
    #expect(try fixture.failure { _ = try $0.competition() }.contains("should be 1, 3, 5"))
  }

  @Test func aSubmissionMayCallItsMasksOtherwise() throws {
    fixture.set("columns", "predicted", .string("predicted"))
    let competition = try fixture.stage().competition()
    let mask = Mask(width: 3, height: 2, pixels: [0, 1, 0, 0, 0, 0])
    let sample = try CSV(Data("id,predicted\nc,\n".utf8), name: "s.csv")
    let made = try Submission(like: sample, of: competition) { _ in .masks([mask]) }
    #expect(made.table.text == "id,predicted\nc,2 1\n")
  }

  @Test func masksAreScaledBeforeTheyAreWritten() throws {
    fixture.competition["submission"] = .object([
      "rows": .string("image"), "size": .object(["width": .int(6), "height": .int(4)]),
    ])
    let competition = try fixture.stage().competition()
    let mask = Mask(width: 3, height: 2, pixels: [0, 1, 0, 0, 0, 0])
    let sample = try CSV(Data("id,rle\nc,\n".utf8), name: "s.csv")
    let made = try Submission(like: sample, of: competition) { _ in .masks([mask]) }
    #expect(made.table.text == "id,rle\nc,3 2 9 2\n")
    let file = fixture.folder.url.appendingPathComponent("s.csv")
    try made.table.write(to: file)
    try made.check(file)
  }

  // MARK: Groups

  @Test func foldsFollowGroupsOrAreGiven() throws {
    let images = (0..<12).map { index in
      Plane(width: 2, height: 1, values: [Float(index) / 12, 0.5])
    }
    let ids = (0..<12).map { "g\($0 / 3)_\($0 % 3)" }
    let set = ImageSet(
      ids: ids, images: images, masks: images.map { _ in Mask(width: 2, height: 1) })
    fixture.competition["groups"] = .string("{group}_*")
    let settings = FoldSettings(count: 2)
    func stage() throws -> Stage {
      var fixture = StageFixture(
        fixture.folder,
        parameters: ["competition": .object(fixture.competition), "seed": .int(1)],
        inputs: ["data/tables"])
      fixture.outputs = []
      return try fixture.stage()
    }
    let folds = try stage().divide(set, settings)
    let foldOf = Dictionary(uniqueKeysWithValues: zip(folds.ids, folds.folds))
    for group in 0..<4 {
      #expect(Set((0..<3).map { foldOf["g\(group)_\($0)"] }).count == 1)
    }
    #expect(Set(folds.folds) == [0, 1])
    let few = #expect(throws: SettingError.self) { try stage().divide(set, FoldSettings(count: 5)) }
    #expect(few?.description.contains("there are only 4 such groups") == true)

    // Cut into runs, a group may be in two folds, but no run is.
    let cut = try stage().divide(set, FoldSettings(count: 2, blocks: 3))
    #expect(Set(cut.folds) == [0, 1])
    let whole = try stage().divide(set, FoldSettings(count: 2, blocks: 1))
    #expect(whole == folds)

    fixture.set("files", "folds", .string("data/tables/folds.csv"))
    fixture.set("columns", "fold", .string("part"))
    func table(_ fold: (Int) -> Int) throws {
      try fixture.folder.write(
        "id,part\n" + ids.enumerated().map { "\($1),\(fold($0))\n" }.joined(),
        to: "data/tables/folds.csv")
    }
    try table { $0 / 6 }
    let given = try stage().divide(set, settings)
    #expect(given.folds == (0..<12).map { $0 / 6 })
    try table { $0 == 11 ? 3 : 0 }
    #expect(throws: FoldsError.self) { try stage().divide(set, settings) }
  }
}
