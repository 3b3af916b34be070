// Competitions of every kind, from the files as Kaggle serves them to a checked submission: what
// differs between them is params.yaml alone. Each looks at its submission with code of its own.

import Archive
import Demo
import Foundation
import Imaging
import TestSupport
import Testing

extension EndToEndTests {
  @Suite struct Competitions {
    /// A network that learns nothing, so that a run lasts a second or two.
    private static let tiny: [(key: String, value: String)] = [
      ("train.epochs", "2"), ("model.filters", "4"), ("model.levels", "2"), ("train.batch", "4"),
      ("folds.count", "2"), ("inference.tta", "none"), ("eda.examples", "2"), ("eda.oddities", "2"),
      ("evaluate.worst", "2"), ("evaluate.minimum_areas", "[0]"),
      ("evaluate.thresholds", "{from: 0.4, to: 0.5, step: 0.1}"),
    ]

    /// A workspace of a demo's competition.
    private func demo(_ name: DemoWorkspace.Name, test: Int) throws -> WorkspaceFixture {
      try WorkspaceFixture(name, size: .init(train: 40, test: test), extra: Self.tiny)
    }

    /// A workspace of a competition of the test's own, without depths.
    private func workspace(
      _ values: [(key: String, value: String)], serve: (URL) throws -> Void
    ) throws -> WorkspaceFixture {
      let usual: [(key: String, value: String)] = [
        ("competition.slug", "tiny"), ("competition.title", "Tiny"), ("competition.target", "disc"),
        ("competition.depth_unit", "null"), ("competition.image.width", "32"),
        ("competition.image.height", "24"), ("competition.files.depths", "null"),
        ("competition.columns.depth", "null"), ("competition.metric", "dice"),
        ("model.pad_to", "null"),
      ]
      return try WorkspaceFixture(values: usual + Self.tiny + values, serve: serve)
    }

    private func runAll(_ fixture: WorkspaceFixture) async throws {
      let run = try await fixture.run("all", "--threads", "2")
      try #require(run.status == 0, "\(run)")
    }

    private func submission(_ fixture: WorkspaceFixture) throws -> PlainTable {
      try PlainTable(fixture.file("submissions/submission.csv"))
    }

    private func sample(_ fixture: WorkspaceFixture) throws -> PlainTable {
      try PlainTable(fixture.file("data/tables/sample_submission.csv"))
    }

    /// What *eda* found.
    private func facts(_ fixture: WorkspaceFixture) throws -> [String: Any] {
      let json = try JSONSerialization.jsonObject(
        with: Data(contentsOf: fixture.file("data/eda.json")))
      return try #require(json as? [String: Any])
    }

    // MARK: Demos

    @Test func nucleiAreInstancesOfImagesOfSeveralSizes() async throws {
      let fixture = try demo(.nuclei, test: 4)
      try await runAll(fixture)
      func check(_ table: PlainTable, _ ids: [String], images: String) throws {
        #expect(table.columns == ["ImageId", "EncodedPixels"])
        var seen: [String] = []
        var marked: [String: [UInt8]] = [:]
        for row in table.rows {
          let (id, runs) = (row["ImageId"] ?? "", row["EncodedPixels"] ?? "")
          if seen.last != id { seen.append(id) }
          let image = try PNG.decode(
            contentsOf: fixture.file("data/\(images)/\(id)/images/\(id).png"))
          let mask = try PlainRuns().decode(runs, width: image.width, height: image.height)
          let before = marked[id]
          #expect(before == nil || mask.contains(1), "\(id): an empty row beside others")
          #expect(!zip(mask, before ?? []).contains { $0 == 1 && $1 == 1 }, "\(id): rows overlap")
          marked[id] = before.map { zip($0, mask).map { $0 | $1 } } ?? mask
        }
        #expect(seen == ids, "each image once, in order")
      }
      try check(submission(fixture), sample(fixture).column("ImageId"), images: "test")
      let oof = try PlainTable(fixture.file("data/evaluation/oof.csv"))
      try check(
        oof,
        Set(PlainTable(fixture.file("data/tables/train_labels.csv")).column("ImageId")).sorted(),
        images: "train")
    }

    @Test func streetsGiveEveryPixelOneClass() async throws {
      let fixture = try demo(.streets, test: 4)
      try await runAll(fixture)
      let table = try submission(fixture)
      #expect(table.columns == ["Id", "Pixels"])
      #expect(try table.column("Id") == sample(fixture).column("Id"))
      let dialect = PlainRuns(downColumns: false, base: 0)
      var counts: [String: [Int]] = [:]
      for row in table.rows {
        let id = (row["Id"] ?? "").split(separator: "_").dropLast().joined(separator: "_")
        let mask = try dialect.decode(row["Pixels"] ?? "", width: 96, height: 64)
        counts[id] = zip(counts[id] ?? mask.map { _ in 0 }, mask).map { $0 + Int($1) }
      }
      #expect(counts.count == 4)
      #expect(counts.values.allSatisfy { $0.allSatisfy { $0 == 1 } }, "classes exclude each other")

      // Frames of a drive stay together.
      let folds = try PlainTable(fixture.file("data/folds.csv"))
      let drives = Dictionary(grouping: folds.rows) { ($0["id"] ?? "").prefix { $0 != "_" } }
      #expect(drives.count == 5)
      #expect(drives.values.allSatisfy { Set($0.compactMap { $0["fold"] }).count == 1 })
    }

    // MARK: Classes and tables

    @Test func classesMayOverlapAndStandInAColumn() async throws {
      // The one's name ends as the other is called, and ids hold the same sign.
      let classes = ["disc", "big_disc"]
      let train = (0..<12).map { TinyPicture("a_\($0)", classes: 2, empty: $0 == 3) }
      let test = (0..<3).map { TinyPicture("b_\($0)", classes: 2) }
      let fixture = try workspace([
        ("competition.classes", "{names: [disc, big_disc]}"),
        ("competition.files.train_images", "data/train/images/{id}.png"),
        ("competition.files.train_masks", "data/train/masks/{id}_{class}.png"),
        ("competition.files.test_images", "data/test/images/{id}.png"),
        ("competition.columns.id", "image"), ("competition.columns.mask", "pixels"),
        ("competition.columns.class", "class"),
        ("competition.submission", "{rows: image-class}"),
        ("competition.metric", "{unit: image-class, measure: dice, empty: one}"),
      ]) { served in
        try pack(
          train.map { ("images/\($0.id).png", try PNG.encode($0.image)) }
            + train.flatMap { picture in
              try classes.indices.map {
                (
                  "masks/\(picture.id)_\(classes[$0]).png",
                  try PNG.encode(picture.mask($0), bitDepth: 8)
                )
              }
            }, to: served.appendingPathComponent("train.zip"))
        try pack(
          test.map { ("images/\($0.id).png", try PNG.encode($0.image)) },
          to: served.appendingPathComponent("test.zip"))
        let rows = train.flatMap { picture in
          classes.indices.map { index in
            let runs = PlainRuns().encode(
              picture.masks[index], width: picture.width, height: picture.height)
            return "\(picture.id),\(classes[index]),\(runs)\n"
          }
        }
        try Data(("image,class,pixels\n" + rows.joined()).utf8)
          .write(to: served.appendingPathComponent("train.csv"))
        let sample = test.flatMap { picture in classes.map { "\(picture.id),\($0),\n" } }
        try Data(("image,class,pixels\n" + sample.joined()).utf8)
          .write(to: served.appendingPathComponent("sample_submission.csv"))
      }
      try await runAll(fixture)
      let (table, sample) = (try submission(fixture), try sample(fixture))
      #expect(table.columns == ["image", "class", "pixels"])
      for column in ["image", "class"] {
        #expect(try table.column(column) == sample.column(column))
      }
      for runs in try table.column("pixels") {
        _ = try PlainRuns().decode(runs, width: 32, height: 24)
      }
      // The table of run lengths and the files agree.
      #expect(try facts(fixture)["runLengthsDifferent"] as? [String] == [])
      let scores = try fixture.text("data/evaluation/scores.csv")
      #expect(train.allSatisfy { scores.contains($0.id) })
    }

    @Test func masksMayComeFromATableWithSeveralRowsAnImage() async throws {
      let train = (0..<12).map { TinyPicture("p\($0).jpg", empty: $0 % 4 == 0) }
      let test = (0..<3).map { TinyPicture("q\($0).jpg", empty: $0 == 1) }
      let dialect = PlainRuns(base: 0, relative: true, empty: "-1")
      let fixture = try workspace([
        // Ids have the files' ending, as in many tables.
        ("competition.files.train_images", "data/train/images/{id}"),
        ("competition.files.test_images", "data/test/images/{id}"),
        ("competition.files.train_masks", "null"),
        ("competition.columns.id", "ImageId"), ("competition.columns.mask", "EncodedPixels"),
        ("competition.missing_masks", "empty"),
        ("competition.rle", "{order: column, base: 0, empty: \"-1\", relative: true}"),
      ]) { served in
        try pack(
          train.map { ("images/\($0.id)", try PNG.encode($0.image)) },
          to: served.appendingPathComponent("train.zip"))
        try pack(
          test.map { ("images/\($0.id)", try PNG.encode($0.image)) },
          to: served.appendingPathComponent("test.zip"))
        // A mask's left and right half are rows of their own; images without a mark have no row, or -1.
        var rows = "ImageId,EncodedPixels\n"
        for (index, picture) in train.enumerated() where index != 0 {
          let halves = (0..<2).map { half in
            picture.masks[0].indices.map {
              ($0 % picture.width < picture.width / 2) == (half == 0) ? picture.masks[0][$0] : 0
            }
          }
          for half in halves where half.contains(1) || !picture.masks[0].contains(1) {
            rows +=
              "\(picture.id),\(dialect.encode(half, width: picture.width, height: picture.height))\n"
          }
        }
        try Data(rows.utf8).write(to: served.appendingPathComponent("train.csv"))
        try Data(("ImageId,EncodedPixels\n" + test.map { "\($0.id),-1\n" }.joined()).utf8)
          .write(to: served.appendingPathComponent("sample_submission.csv"))
      }
      try await runAll(fixture)
      let table = try submission(fixture)
      #expect(try table.column("ImageId") == ["q0.jpg", "q1.jpg", "q2.jpg"])
      for runs in try table.column("EncodedPixels") {
        _ = try dialect.decode(runs, width: 32, height: 24)
      }
      // Both halves are the mask, and the image without a row is empty.
      let marked = train.reduce(0) { $0 + $1.masks[0].count { $0 == 1 } }
      let coverage = Double(marked) / Double(train.count * 32 * 24)
      let facts = try facts(fixture)
      #expect(facts["emptyMasks"] as? Int == 3)
      #expect(abs((facts["meanCoverage"] as? Double ?? 0) - coverage) < 1e-9)
    }

    // MARK: Annotations and pictures

    @Test func annotationsGoInAndAnArchiveOfPicturesComesOut() async throws {
      let train = (0..<12).map { TinyPicture("p\($0)", empty: $0 == 5) }
      let test = (0..<3).map { TinyPicture("q\($0)") }
      let fixture = try workspace([
        ("competition.files.train_masks", "null"),
        ("competition.files.train_table", "data/tables/annotations.json"),
        ("competition.files.sample_submission", "null"),
        (
          "competition.submission",
          "{rows: image, archive: submissions/submission.zip, file: \"{id}.tif\", marked: 1}"
        ),
        ("unzip.place", "{train.zip: train, test.zip: test, \"*.json\": tables}"),
      ]) { served in
        try pack(
          train.map { ("images/\($0.id).png", try PNG.encode($0.image)) },
          to: served.appendingPathComponent("train.zip"))
        try pack(
          test.map { ("images/\($0.id).png", try PNG.encode($0.image)) },
          to: served.appendingPathComponent("test.zip"))
        let images = train.enumerated().map {
          #"{"id": \#($0), "file_name": "\#($1.id).png", "width": 32, "height": 24}"#
        }
        // Counts of unmarked and marked pixels by turns, down the columns.
        let annotations = train.enumerated().compactMap { index, picture -> String? in
          guard picture.masks[0].contains(1) else { return nil }
          var (counts, last) = ([0], UInt8(0))
          for column in 0..<32 {
            for row in 0..<24 {
              let pixel = picture.masks[0][row * 32 + column]
              if pixel != last { counts.append(0) }
              counts[counts.count - 1] += 1
              last = pixel
            }
          }
          return
            #"{"image_id": \#(index), "category_id": 1, "segmentation": {"size": [24, 32], "counts": \#(counts)}}"#
        }
        let file =
          #"{"images": [\#(images.joined(separator: ","))], "annotations": [\#(annotations.joined(separator: ","))]}"#
        try Data(file.utf8).write(to: served.appendingPathComponent("annotations.json"))
      }
      try await runAll(fixture)
      let marked = train.reduce(0) { $0 + $1.masks[0].count { $0 == 1 } }
      let coverage = try facts(fixture)["meanCoverage"] as? Double ?? 0
      #expect(abs(coverage - Double(marked) / Double(train.count * 32 * 24)) < 1e-9)

      let rows = try submission(fixture).rows
      #expect(rows.map { $0["id"] } == ["q0", "q1", "q2"])
      let archive = fixture.file("submissions/submission.zip")
      let names = try Archive.entries(of: archive).map(\.path)
      #expect(names == ["q0.tif", "q1.tif", "q2.tif"])
      var pictures: [String: [UInt8]] = [:]
      try Archive.read(Set(names), of: archive, limit: 1 << 20) { name, data in
        guard case .bytes(let bytes) = try ImageFile.decode(data, name: name).samples else {
          return
        }
        pictures[name] = bytes
      }
      for row in rows {
        let mask = try PlainRuns().decode(row["rle_mask"] ?? "", width: 32, height: 24)
        #expect(pictures["\(row["id"] ?? "").tif"] == mask)
      }
    }

    // MARK: One archive, colours

    /// The training images lie in an archive inside the archive; ground is black and discs are red.
    @Test func oneArchiveOfAllHoldsLabelMapsInColours() async throws {
      let train = (0..<12).map { TinyPicture("p\($0)") }
      let test = (0..<3).map { TinyPicture("q\($0)") }
      let fixture = try workspace([
        ("competition.kind", "labels"),
        ("competition.classes", "{names: [ground, disc], colors: [[0, 0, 0], [192, 0, 16]]}"),
        ("competition.files.train_masks", "data/train/labels/{id}_L.png"),
        ("competition.files.train_table", "null"),
        ("competition.submission", "{rows: image-class, row: \"{id}_{class}\"}"),
        ("competition.metric", "{unit: pixels, measure: iou, empty: zero}"),
        (
          "unzip.place", "{all.zip/train: train, all.zip/set/test: test, \"all.zip/*.csv\": tables}"
        ),
      ]) { served in
        let inner = served.appendingPathComponent("train.zip")
        try pack(
          train.flatMap { picture in
            let colours = picture.masks[0].flatMap { $0 == 1 ? [UInt16(192), 0, 16] : [0, 0, 0] }
            let map = Raster(width: 32, height: 24, channels: 3, bitDepth: 8, samples: colours)
            return [
              ("images/\(picture.id).png", try PNG.encode(picture.image)),
              ("labels/\(picture.id)_L.png", try PNG.encode(map)),
            ]
          }, to: inner)
        let rows = test.flatMap { ["\($0.id)_ground,\n", "\($0.id)_disc,\n"] }
        try pack(
          [
            ("train.zip", try Data(contentsOf: inner)), ("readme.txt", Data("all".utf8)),
            ("sample_submission.csv", Data(("id,rle_mask\n" + rows.joined()).utf8)),
          ] + test.map { ("set/test/images/\($0.id).png", try PNG.encode($0.image)) },
          to: served.appendingPathComponent("all.zip"))
        try FileManager.default.removeItem(at: inner)
      }
      try await runAll(fixture)
      var counts: [String: [Int]] = [:]
      for row in try submission(fixture).rows {
        let id = String((row["id"] ?? "").prefix(2))
        let mask = try PlainRuns().decode(row["rle_mask"] ?? "", width: 32, height: 24)
        counts[id] = zip(counts[id] ?? mask.map { _ in 0 }, mask).map { $0 + Int($1) }
      }
      #expect(Set(counts.keys) == ["q0", "q1", "q2"])
      #expect(counts.values.allSatisfy { $0.allSatisfy { $0 == 1 } }, "classes exclude each other")
      // Out of the fold, each pixel has a class, too: the truth was read as it was meant.
      #expect(try PlainTable(fixture.file("data/evaluation/oof.csv")).rows.count == 24)
    }

    // MARK: Sizes

    @Test func imagesOfSeveralSizesMayBeScaledToOne() async throws {
      let sizes = [(32, 24), (24, 32), (41, 27)]
      func pictures(_ count: Int, _ name: String) -> [TinyPicture] {
        (0..<count).map {
          TinyPicture("\(name)\($0)", width: sizes[$0 % 3].0, height: sizes[$0 % 3].1)
        }
      }
      let (train, test) = (pictures(12, "p"), pictures(3, "q"))
      let fixture = try workspace([
        ("competition.image.width", "null"), ("competition.image.height", "null"),
        ("competition.files.train_table", "null"), ("competition.mask", "above-half"),
        ("competition.columns.mask", "pixels"), ("competition.rle.order", "row"),
        ("model.resize", "{width: 32, height: 32}"),
      ]) { served in
        try pack(
          train.flatMap {
            // Marks beside the mask that are too dark to count, as in a mask that was a JPEG.
            let mask = Raster(
              width: $0.width, height: $0.height, channels: 1, bitDepth: 8,
              samples: $0.masks[0].map { $0 == 1 ? 250 : 6 })
            return [
              ("images/\($0.id).png", try PNG.encode($0.image)),
              ("masks/\($0.id).png", try PNG.encode(mask)),
            ]
          }, to: served.appendingPathComponent("train.zip"))
        try pack(
          test.map { ("images/\($0.id).png", try PNG.encode($0.image)) },
          to: served.appendingPathComponent("test.zip"))
        try Data(("id,pixels\n" + test.map { "\($0.id),\n" }.joined()).utf8)
          .write(to: served.appendingPathComponent("sample_submission.csv"))
      }
      try await runAll(fixture)
      let rows = try submission(fixture).rows
      #expect(rows.map { $0["id"] } == test.map(\.id))
      for (row, picture) in zip(rows, test) {
        _ = try PlainRuns(downColumns: false)
          .decode(row["pixels"] ?? "", width: picture.width, height: picture.height)
      }
      let oof = try PlainTable(fixture.file("data/evaluation/oof.csv")).rows
      #expect(oof.map { $0["id"] } == train.map(\.id).sorted())
      for row in oof {
        let picture = try #require(train.first { $0.id == row["id"] })
        _ = try PlainRuns(downColumns: false)
          .decode(row["pixels"] ?? "", width: picture.width, height: picture.height)
      }
    }

    // MARK: Folds

    @Test func foldsAndGroupsMayBeGivenByTables() async throws {
      let train = (0..<12).map { TinyPicture("p\($0)") }
      let test = (0..<2).map { TinyPicture("q\($0)") }
      let fixture = try workspace([
        ("competition.files.train_table", "null"), ("competition.columns.mask", "pixels"),
        ("competition.files.groups", "data/tables/patients.csv"),
        ("competition.columns.group", "patient"), ("competition.columns.fold", "part"),
      ]) { served in
        try pack(
          train.flatMap {
            [
              ("images/\($0.id).png", try PNG.encode($0.image)),
              ("masks/\($0.id).png", try PNG.encode($0.mask(), bitDepth: 8)),
            ]
          }, to: served.appendingPathComponent("train.zip"))
        try pack(
          test.map { ("images/\($0.id).png", try PNG.encode($0.image)) },
          to: served.appendingPathComponent("test.zip"))
        func write(_ head: String, _ rows: [String], _ name: String) throws {
          try Data((head + "\n" + rows.map { $0 + "\n" }.joined()).utf8)
            .write(to: served.appendingPathComponent(name))
        }
        try write("id,pixels", test.map { "\($0.id)," }, "sample_submission.csv")
        try write(
          "id,patient", train.enumerated().map { "\($1.id),patient \($0 / 3)" }, "patients.csv")
        try write("id,part", train.enumerated().map { "\($1.id),\($0 / 6)" }, "parts.csv")
      }
      func folds() throws -> [String: String] {
        Dictionary(
          uniqueKeysWithValues: try PlainTable(fixture.file("data/folds.csv")).rows.map {
            ($0["id"] ?? "", $0["fold"] ?? "")
          })
      }
      // Divided by the workbench, patients stay together.
      let divided = try await fixture.run("folds")
      try #require(divided.status == 0, "\(divided)")
      let own = try folds()
      for patient in 0..<4 {
        #expect(Set((0..<3).map { own["p\(3 * patient + $0)"] }).count == 1)
      }
      #expect(Set(own.values).count == 2)

      // Given, they are what the table says.
      try fixture.edit("params.yaml", "folds: null", "folds: data/tables/parts.csv")
      try await runAll(fixture)
      #expect(
        try folds()
          == Dictionary(uniqueKeysWithValues: train.enumerated().map { ($1.id, "\($0 / 6)") }))
      #expect(try submission(fixture).column("id") == ["q0", "q1"])
    }
  }
}
