// The competition's images as networks and pages see them: where params.yaml says they lie, checked
// against each other.

import Basics
import Foundation
import Imaging
public import Workbench

extension Stage {
  /// The training images with what is known of them, and their depths. In order of their ids.
  ///
  /// - Parameter withDepths: whether depths are read, as the feature of each image; nil: where the
  ///   competition has them.
  /// - Throws: `StageFailure` naming image and file: an image that can't be read or is of another size, an
  ///   image without a mask, a mask without an image, an image without a depth.
  public func trainingImages(withDepths: Bool? = nil) throws -> ImageSet {
    let competition = try competition()
    let files = try patternFiles(competition.files.trainImages)
    let targets = try TargetFiles(of: competition, in: self)
    let images = files.without(targets.paths)
    let masks = targets.origin
    try naming(of: "\(competition.files.trainImages) and \(masks)") {
      try ImageSet.checkPairs(
        images: images.ids, masks: targets.ids, allowsMissing: competition.missingMasks == .empty)
    }
    let set = try naming(
      of: competition.files.trainMasks == nil ? masks : competition.files.trainImages
    ) {
      try self.images(
        images.ids, images, truth: targets.source, facts: targets.facts, role: "train", competition,
        withDepths: withDepths)
    }
    for text in set.leftOut { warn("left out: \(text)") }
    return set
  }

  /// The test images in the order of the sample submission, or of their ids where there is none, with their
  /// depths.
  ///
  /// - Throws: `StageFailure`, as for the training images.
  public func testImages(withDepths: Bool? = nil) throws -> ImageSet {
    try testImages(withDepths: withDepths, truth: nil, facts: [], role: "test")
  }

  /// The same with something in the place of the truth.
  func testImages(
    withDepths: Bool?, truth: TruthSource?, facts: [String], role: String
  ) throws -> ImageSet {
    let competition = try competition()
    let images = try patternFiles(competition.files.testImages)
    let sample = competition.files.sampleSubmission
    let ids =
      try sample.map { try SampleRows(CSV(contentsOf: input($0)), of: competition).images }
      ?? images.ids.sorted()
    if let sample, let id = ids.first(where: { $0.isEmpty || $0.utf8.contains(UInt8(ascii: "/")) })
    {
      throw StageFailure(
        "\(sample): “\(id)” can't be the id of an image: no file has such a name", exit: .badInput)
    }
    let set = try naming(of: sample ?? competition.files.testImages) {
      try self.images(
        ids, images, truth: truth, facts: facts, role: role, competition, withDepths: withDepths)
    }
    for text in set.leftOut { warn("left out: \(text)") }
    return set
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

  /// The images whose masks in the training table aren't those of their files (of polygons: overlap by less
  /// than half); none where the table is the only source of masks, or there is no table.
  ///
  /// - Throws: `StageFailure` naming an image that has no row, or one that can't be decoded.
  public func masksUnlikeTheTable(_ images: ImageSet) throws -> [String] {
    let competition = try competition()
    guard competition.files.trainMasks != nil, let name = competition.files.trainTable,
      competition.targets != .labels
    else { return [] }
    let table = try MaskTable(contentsOf: input(name), name, of: competition)
    return try images.ids.indices.filter { index in
      let id = images.ids[index]
      guard table.ids.contains(id) else {
        if competition.missingMasks == .empty || competition.targets == .instances {
          return images.area(index) > 0
        }
        throw StageFailure(
          "\(name): no row for the image \(id)\(Self.lookalike(id, among: table.ids))",
          exit: .badInput)
      }
      do {
        let truth = try table.source.truth(of: id, images.size(index))
        // Polygons are drawn again by each tool in its own way: only the run lengths are exact.
        return table.rows == nil
          ? !truth.isAlike(images.truth(index)) : !truth.isSame(as: images.truth(index))
      } catch {
        throw StageFailure("\(name): \(error)", exit: .badInput)
      }
    }.map { images.ids[$0] }
  }

  /// The modules that make an image and its truth of files.
  private static let decoders: Set = [
    "Bytes", "CGIFShim", "CJPEGShim", "CPNGShim", "CTIFFShim", "Datasets", "Imaging",
  ]

  private func images(
    _ ids: [String], _ files: PatternFiles, truth: TruthSource?, facts: [String], role: String,
    _ competition: Competition, withDepths: Bool?
  ) throws -> ImageSet {
    let image = competition.image
    try ImageSet.checkIDs(ids)
    let wantsDepths = withDepths ?? (competition.files.depths != nil)
    let features = wantsDepths ? try depths(of: ids, competition) : [:]
    let vectors =
      try features.isEmpty
      ? [:]
      : Dictionary(
        uniqueKeysWithValues: ids.map { ($0, try ImageSet.features(of: $0, in: features)) })
    let reading = ImageReading(
      size: image.size, channels: image.channels,
      range: image.range.map { $0[0]...$0[1] }, orientation: image.orientation ?? .ignore)
    let urls = ids.map(files.file)
    // Whatever is read otherwise by other settings, or by other code.
    let settings = [
      try JSON.line(image), try JSON.line(competition.rle), try JSON.line(competition.columns),
      try JSON.line(competition.rows), "\(competition.missingMasks.map { "\($0)" } ?? "")",
      code.filter { Self.decoders.contains($0.key) }.sorted { $0.key < $1.key }
        .map { "\($0.key) \($0.value)" }.joined(separator: " "),
      "\(competition.targets) \(competition.classNames.count)",
      try competition.classes.map { try JSON.line($0) } ?? "",
      "\(competition.mask.map { "\($0)" } ?? "")",
    ]
    let recipe = ImageStoreRecipe(
      role: role, ids: ids, facts: settings + facts + urls.map(fileFact),
      skipsBad: competition.skipBad ?? false
    ) { try reading.encoded(ids[$0], urls[$0], truth) }
    let progress = progress("read images", total: ids.count, unit: "images")
    let stored = try StoredImages(recipe, in: shared("images"), threads: threads) {
      progress.update(done: $0)
    }
    let set = ImageSet(
      ids: stored.ids, channels: image.channels,
      features: vectors.isEmpty ? [] : stored.ids.map { vectors[$0] ?? [] }, truth: truth?.kind,
      classes: truth?.classes ?? 1, entries: stored.entries, store: stored.store,
      leftOut: stored.leftOut)
    guard let slices = image.slices, slices > 1, let groups = try groups(of: set) else {
      return set
    }
    return try naming(
      of: role == "train" ? competition.files.trainImages : competition.files.testImages
    ) {
      try set.withSlices(slices, groups: groups)
    }
  }

  /// An id that is written a little otherwise, for a message: with a blank, in other cases, or with a file's ending.
  private static func lookalike(_ id: String, among ids: some Sequence<String>) -> String {
    func bare(_ id: String) -> String {
      let trimmed = id.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
      // By bytes: Foundation's words for paths trap on some names.
      return trimmed.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(trimmed[..<$0]) } ?? trimmed
    }
    let wanted = bare(id)
    guard let other = ids.first(where: { bare($0) == wanted }) else { return "" }
    return ", only of “\(other)”: write both alike"
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
      throw StageFailure(
        "\(table.name): no depth of the image \(id)\(Self.lookalike(id, among: depths.keys))",
        exit: .badInput)
    }
    return depths
  }

  /// Runs a step that knows images by their ids alone, and adds to its error where they come from.
  private func naming<Result>(of source: String, _ step: () throws -> Result) throws -> Result {
    do { return try step() } catch let error as ImageSetError {
      throw StageFailure("\(error) (\(source))", exit: .badInput)
    }
  }
}
