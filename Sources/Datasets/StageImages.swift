// The competition's images as networks and pages see them: where params.yaml says they lie, checked
// against each other.

import Basics
import Foundation
import Imaging
public import Workbench

extension Stage {
  /// The training images with their masks and depths. In order of their ids.
  ///
  /// - Parameter withDepths: whether depths are read, as the feature of each image; nil: where the
  ///   competition has them.
  /// - Throws: `StageFailure` naming image and file: an image that can't be read or is of another size, an
  ///   image without a mask, a mask without an image, an image without a depth.
  public func trainingImages(withDepths: Bool? = nil) throws -> ImageSet {
    let competition = try competition()
    let files = competition.files
    let ids = try self.ids(of: files.trainImages)
    let masks: ImageSet.Masks
    if let pattern = files.trainMasks {
      try naming(of: "\(files.trainImages) and \(pattern)") {
        try ImageSet.checkPairs(images: ids, masks: self.ids(of: pattern))
      }
      masks = .files(try fileByID(pattern, ids))
    } else {
      let runs = try CSV(contentsOf: input(files.trainTable))
        .dictionary(competition.columns.id, competition.columns.mask)
      try naming(of: "\(files.trainImages) and \(files.trainTable)") {
        try ImageSet.checkPairs(images: ids, masks: Array(runs.keys))
      }
      masks = .runs(runs, competition.rle)
    }
    return try naming(of: files.trainMasks == nil ? files.trainTable : files.trainImages) {
      try images(ids, of: files.trainImages, masks: masks, competition, withDepths: withDepths)
    }
  }

  /// The test images in the order of the sample submission, with their depths.
  ///
  /// - Throws: `StageFailure`, as for the training images.
  public func testImages(withDepths: Bool? = nil) throws -> ImageSet {
    let competition = try competition()
    let files = competition.files
    let ids = try CSV(contentsOf: input(files.sampleSubmission)).column(competition.columns.id)
    return try naming(of: files.sampleSubmission) {
      try images(ids, of: files.testImages, masks: .none, competition, withDepths: withDepths)
    }
  }

  /// The depths of those test images that have one; none where the competition has no depths. Only a network
  /// that takes depths needs all of them.
  ///
  /// - Throws: `InputError` where the table can't be used.
  public func depths(ofTest images: ImageSet) throws -> [Double] {
    let competition = try competition()
    guard let file = competition.files.depths, let column = competition.columns.depth else {
      return []
    }
    let table = try CSV(contentsOf: input(file))
    let depths = Dictionary(
      zip(try table.column(competition.columns.id), try table.numbers(column)),
      uniquingKeysWith: { first, _ in first })
    return images.ids.compactMap { depths[$0] }
  }

  /// The images whose mask by run lengths in the training table isn't that of their file; none where
  /// the table is the only source of masks.
  ///
  /// - Throws: `StageFailure` naming an image that has no row, or one that can't be decoded.
  public func masksUnlikeTheTable(_ images: ImageSet) throws -> [String] {
    let competition = try competition()
    guard competition.files.trainMasks != nil else { return [] }
    let name = competition.files.trainTable
    let runs = try CSV(contentsOf: input(name))
      .dictionary(competition.columns.id, competition.columns.mask)
    return try images.ids.indices.filter { index in
      let id = images.ids[index]
      guard let text = runs[id] else {
        throw StageFailure("\(name): no row for the image \(id)", exit: .badInput)
      }
      do {
        let mask = try competition.rle.decode(text, width: images.width, height: images.height)
        return mask != images.mask(index)
      } catch {
        throw StageFailure("\(name): \(id): \(error)", exit: .badInput)
      }
    }.map { images.ids[$0] }
  }

  private func images(
    _ ids: [String], of pattern: String, masks: ImageSet.Masks, _ competition: Competition,
    withDepths: Bool?
  ) throws -> ImageSet {
    let channels = competition.image.channels
    guard channels == 1 || channels == 3 else {
      throw StageFailure(
        "params.yaml: competition.image.channels is \(channels), but should be 1 or 3",
        exit: .badInput)
    }
    let wantsDepths = withDepths ?? (competition.files.depths != nil)
    let features = wantsDepths ? try depths(of: ids, competition) : [:]
    let progress = progress("read images", total: ids.count, unit: "images")
    return try ImageSet(
      ids: ids, images: fileByID(pattern, ids), masks: masks, features: features,
      width: competition.image.width, height: competition.image.height, channels: channels,
      threads: threads, progress: { progress.update(done: $0) })
  }

  /// The depth of each image, by id.
  ///
  /// - Throws: `StageFailure` where the competition has none, or an image has none or two.
  private func depths(of ids: [String], _ competition: Competition) throws -> [String: [Float]] {
    guard let file = competition.files.depths, let column = competition.columns.depth else {
      throw StageFailure(
        "depths are asked for, but params.yaml names no table or column of them (competition.files.depths, "
          + "competition.columns.depth)", exit: .badInput)
    }
    let table = try CSV(contentsOf: input(file))
    var depths: [String: [Float]] = [:]
    for (index, (id, depth)) in try zip(table.column(competition.columns.id), table.numbers(column))
      .enumerated()
    {
      guard depths.updateValue([Float(depth)], forKey: id) == nil else {
        throw StageFailure(
          "\(table.name):\(table.lines[index]): “\(id)” appears twice", exit: .badInput)
      }
    }
    if let id = ids.first(where: { depths[$0] == nil }) {
      throw StageFailure("\(table.name): no depth of the image \(id)", exit: .badInput)
    }
    return depths
  }

  /// Gives the file of each of the ids by a pattern such as "data/train/images/{id}.png".
  private func fileByID(_ pattern: String, _ ids: [String]) throws -> @Sendable (String) -> URL {
    let folder = try folder(of: pattern)
    let files = Dictionary(
      try ids.map { ($0, try file(pattern, id: $0)) }, uniquingKeysWith: { $1 })
    return { files[$0, default: folder] }
  }

  /// Runs a step that knows images by their ids alone, and adds to its error where they come from.
  private func naming<Result>(of source: String, _ step: () throws -> Result) throws -> Result {
    do { return try step() } catch let error as ImageSetError {
      throw StageFailure("\(error) (\(source))", exit: .badInput)
    }
  }
}
