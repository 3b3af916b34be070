// The sheet on a fold's page: which images, and that they are what training sees.

import Datasets
import DatasetsSupport
import Foundation
import Imaging
import Neural
import Notebook
import Segmentation
import TestSupport
import Testing

@Suite struct ContactSheetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fit(
    _ set: ImageSet, _ augmentation: Augmentation, head: TargetHead = .mask, frame: Frame = .whole
  ) throws -> Fit {
    var settings = FitSettings(
      epochs: 1, batch: 2, learningRate: 0.01, augmentation: augmentation)
    if case .patch = frame { settings.crops = 2 }
    let unet = try UNet(
      UNetSettings(filters: 2, levels: 2, dropout: 0),
      image: Shape(height: 16, width: 16, channels: set.channels), outputs: head.outputs)
    return Fit(
      network: unet.network(), set: set, training: Array(0..<set.count), validation: [],
      settings: settings, metric: Metric.meanPrecision, seed: 5, fold: 0, frame: frame, head: head,
      engine: EngineSettings(threads: 1), scratch: folder.url)
  }

  private func raster(_ picture: Picture) throws -> Raster {
    try PNG.decode(picture.png, name: "picture")
  }

  /// Pictures have 64 levels of what is drawn.
  private func expectAlike(_ found: Raster, _ truth: Truth, _ image: Plane) throws {
    let whole = try raster(Picture(truth, on: image))
    #expect(zip(found.samples, whole.samples).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
    #expect(found.samples.count == whole.samples.count)
  }

  @Test func imagesInRowsWithTheirFirstEpochs() throws {
    let set = blobs(12)
    let sheet = try fit(set, Augmentation([.init(HorizontalFlip())])).contactSheet()
    #expect(sheet.columns.first == "image" && sheet.columns.last == "epoch 6")
    #expect(sheet.rows.count == 4 && sheet.rows.allSatisfy { $0.count == 7 })
    for row in sheet.rows {
      let index = try set.index(of: row[0].label)
      #expect(set.area(index) > 0)
      let own = try raster(row[0])
      // A certain flip: each epoch is the image mirrored, outline and all.
      for picture in row.dropFirst() {
        #expect(try raster(picture) == Dihedral.horizontalFlip.apply(own))
      }
      try expectAlike(own, Truth.masks([set.mask(index)]), set.image(index))
    }
  }

  /// The same images for any order and fold; and no more than there are, marked or not.
  @Test func imagesAreChosenByTheirIds() throws {
    func labels(_ order: [Int]) throws -> [String] {
      var fit = try fit(blobs(12), Augmentation())
      fit.training = order
      return try fit.contactSheet().rows.map { $0[0].label }
    }
    let all = try labels(Array(0..<12))
    #expect(try labels((0..<12).reversed()) == all && Set(all).count == 4)
    #expect(try labels([3, 7]).sorted() == ["image-003", "image-007"])
    #expect(try labels([3, 1]) == ["image-001", "image-003"])
  }

  @Test func drawsAreThoseOfTheBatches() throws {
    let set = blobs(8)
    let list = Augmentation([.init(RandomSizedCrop(), p: 0.5), .init(Gamma())])
    let sheet = try fit(set, list).contactSheet(images: 1)
    let index = try set.index(of: sheet.rows[0][0].label)
    var plain = BatchMaker(set: set, normalization: Normalization(of: set, [0]))
    plain.normalization.channels = [Normalization.Scale(mean: 0, deviation: 1)]
    for epoch in 1...6 {
      let batch = plain.augmented([index][...], by: list, seed: 5, fold: 0, epoch: epoch)
      let image = Plane(width: 16, height: 16, values: batch.images)
      let mask = Mask(width: 16, height: 16, pixels: batch.targets.map { UInt8($0) })
      try expectAlike(raster(sheet.rows[0][epoch]), .masks([mask]), image)
    }
  }

  /// Larger images are made small, and other kinds of truth are drawn.
  @Test func everyKindOfTruthHasASheet() throws {
    let images = (0..<3).map { number in
      Plane(
        width: 200, height: 120, channels: 3,
        values: (0..<72000).map { Float(($0 * 31 + number) % 97) / 97 })
    }
    let labels = [UInt8]((0..<24000).map { $0 % 200 < 80 ? 0 : $0 < 12000 ? 1 : 255 })
    let map = Truth.labels(ClassMap(width: 200, height: 120, labels: labels))
    let objects = Truth.instances(
      LabelMap(
        width: 200, height: 120,
        labels: (0..<24000).map { $0 % 200 < 60 ? 1 : $0 % 200 < 120 ? 2 : 0 }, count: 2))
    let list = Augmentation([.init(Rotation()), .init(CutMix())])
    for (truth, classes, frame) in [
      (map, 2, Frame.patch(16)), (objects, 1, .patch(16)),
      (map, 2, .resize(ImageSize(width: 16, height: 16))),
    ] {
      let set = ImageSet(
        ids: ["a", "b", "c"], images: images, truth: [truth, truth, truth], classes: classes)
      let sheet = try fit(set, list, head: TargetHead(for: set), frame: frame).contactSheet()
      #expect(sheet.rows.count == 3)
      for row in sheet.rows {
        #expect(row[0].width == 90 && row[0].height == 54)
        #expect(row.dropFirst().allSatisfy { $0.width == 16 && $0.height == 16 })
      }
    }
  }
}
