// The competition's images as a stage's network sees them: where params.yaml says they lie, checked
// against each other. The bridge between the runner's side (Workbench) and Segmentation.

import Foundation
import Imaging
public import Segmentation
public import Workbench

extension Stage {
  /// The training images with their masks, and with their depths where the competition has them. In order
  /// of their ids.
  ///
  /// - Parameter withDepths: whether depths are read, as the feature of each image.
  /// - Throws: `StageFailure` or `ImageSetError`: an image of another size, an image without a mask or a
  ///   row in the training table, a mask without an image, an image without a depth.
  public func trainingImages(withDepths: Bool) throws -> ImageSet {
    let competition = try competition()
    let files = competition.files
    let ids = try self.ids(of: files.trainImages)
    let masks: ImageSet.Masks
    if let pattern = files.trainMasks {
      try ImageSet.checkPairs(images: ids, masks: self.ids(of: pattern))
      masks = .files(try place(of: pattern))
    } else {
      let runs = try CSV(contentsOf: input(files.trainTable))
        .dictionary(competition.columns.id, competition.columns.mask)
      masks = .runs(runs, try parameters("competition.rle", as: RunLength.self))
    }
    return try images(ids, of: files.trainImages, masks: masks, competition, withDepths: withDepths)
  }

  /// The test images in the order of the sample submission, with their depths where asked for.
  ///
  /// - Throws: `StageFailure` or `ImageSetError`, as for the training images.
  public func testImages(withDepths: Bool) throws -> ImageSet {
    let competition = try competition()
    let ids = try CSV(contentsOf: input(competition.files.sampleSubmission))
      .column(competition.columns.id)
    return try images(
      ids, of: competition.files.testImages, masks: .none, competition, withDepths: withDepths)
  }

  /// The trained models, one a fold, in order of the folds.
  ///
  /// - Throws: `ModelError` or `SafetensorsError` naming a file that can't be read.
  public func models() throws -> [Model] {
    try inputs(below: "data/models").map {
      try Model(contentsOf: $0.appendingPathComponent("model.safetensors"))
    }
  }

  private func images(
    _ ids: [String], of pattern: String, masks: ImageSet.Masks, _ competition: Competition,
    withDepths: Bool
  ) throws -> ImageSet {
    let progress = progress("read images", total: ids.count, unit: "images")
    return try ImageSet(
      ids: ids, images: place(of: pattern), masks: masks,
      features: withDepths ? depths(competition) : [:], width: competition.image.width,
      height: competition.image.height, channels: competition.image.channels, threads: threads,
      progress: { progress.update(done: $0) })
  }

  /// The depths by id.
  ///
  /// - Throws: `StageFailure` where the competition has none.
  private func depths(_ competition: Competition) throws -> [String: [Float]] {
    guard let file = competition.files.depths, let column = competition.columns.depth else {
      throw StageFailure(
        "model.depth_input is true, but competition.files.depths in params.yaml names no table",
        exit: .badInput)
    }
    let table = try CSV(contentsOf: input(file))
    return Dictionary(
      zip(try table.column(competition.columns.id), try table.numbers(column).map { [Float($0)] }),
      uniquingKeysWith: { first, _ in first })
  }

  /// The file of an id by a pattern such as "data/train/images/{id}.png".
  private func place(of pattern: String) throws -> @Sendable (String) -> URL {
    let folder = try folder(of: pattern)
    let name = pattern.split(separator: "/").last.map(String.init) ?? pattern
    return { folder.appendingPathComponent(name.replacingOccurrences(of: "{id}", with: $0)) }
  }
}
