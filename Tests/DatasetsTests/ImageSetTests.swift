// Image sets: what the files hold comes back, whatever the threads; what does not fit is named.

import Foundation
import Imaging
import Datasets
import Synchronization
import TestSupport
import Testing

@Suite struct ImageSetTests {
  private let folder: TemporaryFolder
  private let ids = (0..<9).map { "i\($0)" }

  /// Grey images of 7 x 5 pixels, every other one stored as RGB, with masks of 8 and 16 bit.
  init() throws {
    folder = try TemporaryFolder()
    for (index, id) in ids.enumerated() {
      let grey = samples(index)
      let channels = index % 2 == 0 ? 1 : 3
      let raster = Raster(
        width: 7, height: 5, channels: channels, bitDepth: 8,
        samples: grey.flatMap { [UInt16](repeating: $0, count: channels) })
      try PNG.write(raster, to: file("image-\(id)"))
      try PNG.write(mask(index), bitDepth: index % 2 == 0 ? 16 : 8, to: file("mask-\(id)"))
    }
  }

  private func samples(_ index: Int) -> [UInt16] { (0..<35).map { UInt16(($0 * 7 + index) % 256) } }

  private func mask(_ index: Int) -> Mask {
    Mask(width: 7, height: 5, pixels: (0..<35).map { $0 % (index + 2) == 0 ? 1 : 0 })
  }

  private func file(_ name: String) -> URL { folder.url.appendingPathComponent("\(name).png") }

  private func load(
    _ ids: [String]? = nil, masks: ImageSet.Masks? = nil, features: [String: [Float]] = [:],
    width: Int = 7, threads: Int = 2, progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> ImageSet {
    let url = folder.url
    return try ImageSet(
      ids: ids ?? self.ids, images: { url.appendingPathComponent("image-\($0).png") },
      masks: masks ?? .files { url.appendingPathComponent("mask-\($0).png") }, features: features,
      width: width, height: 5, channels: 1, threads: threads, progress: progress)
  }

  @Test(arguments: [1, 2, 5])
  func imagesAndMasksAreThoseOfTheFiles(threads: Int) throws {
    let told = Mutex<[Int]>([])
    let set = try load(
      features: ["i0": [4], "other": [1]].merging(ids.map { ($0, [2.5]) }) { old, _ in old },
      threads: threads, progress: { done in told.withLock { $0.append(done) } })
    #expect(set.ids == ids)
    for index in ids.indices {
      #expect(set.image(index).values == samples(index).map { Float($0) / 255 })
      #expect(set.mask(index) == mask(index))
      #expect(set.area(index) == mask(index).area)
    }
    #expect(set.features[0] == [4])
    #expect(set.features[8] == [2.5])
    #expect(told.withLock { $0 } == Array(1...9))
  }

  @Test func runLengthsGiveTheSameMasks() throws {
    let codec = RunLength()
    let table = Dictionary(
      uniqueKeysWithValues: ids.indices.map { (ids[$0], codec.encode(mask($0))) })
    let set = try load(masks: .runs(table, codec))
    for index in ids.indices { #expect(set.mask(index) == mask(index)) }
    var broken = table
    broken["i3"] = "1 2 3"
    let error = #expect(throws: ImageSetError.self) { try load(masks: .runs(broken, codec)) }
    #expect(error?.id == "i3")
    broken["i3"] = nil
    let missing = #expect(throws: ImageSetError.self) { try load(masks: .runs(broken, codec)) }
    #expect(missing?.description == "image i3: has no mask in the table of run lengths")
  }

  @Test func imagesOfSixteenBitsKeepThem() throws {
    let deep = Raster(
      width: 7, height: 5, channels: 1, bitDepth: 16, samples: (0..<35).map { UInt16($0 * 1001) })
    try PNG.write(deep, to: file("image-i4"))
    let set = try load()
    #expect(set.image(4) == Plane(deep, channels: 1))
    #expect(set.image(0).values == samples(0).map { Float($0) / 255 })
  }

  @Test func theFirstMistakeIsNamed() throws {
    let wrongSize = #expect(throws: ImageSetError.self) { try load(width: 8) }
    #expect(
      wrongSize?.description
        == "image i0: the image \(file("image-i0").path) has 7 x 5 pixels, but competition.image "
        + "says 8 x 5")

    // The size is looked at before the pixels are, which may be many more.
    let whole = try Data(contentsOf: file("image-i0"))
    try whole.prefix(45).write(to: file("image-i0"))
    #expect(throws: try #require(wrongSize)) { try load(width: 8) }
    try whole.write(to: file("image-i0"))

    try FileManager.default.removeItem(at: file("mask-i7"))
    try Data("no PNG".utf8).write(to: file("image-i2"))
    for threads in [1, 3] {
      let error = #expect(throws: ImageSetError.self) { try load(threads: threads) }
      #expect(error?.description.hasPrefix("image i2: has an unreadable image: ") == true)
    }
    let missing = #expect(throws: ImageSetError.self) { try load(["i0", "i7", "i8"]) }
    #expect(
      missing?.description == "image i7: has no mask: \(file("mask-i7").path) does not exist")
    let absent = #expect(throws: ImageSetError.self) { try load(["nowhere"]) }
    #expect(
      absent?.description
        == "image nowhere: has no image: \(file("image-nowhere").path) does not exist")
    let twice = #expect(throws: ImageSetError.self) { try load(["i0", "i1", "i0"]) }
    #expect(twice?.id == "i0")
    let depth = #expect(throws: ImageSetError.self) {
      try load(["i0", "i1"], features: ["i0": [1]])
    }
    #expect(depth?.description == "image i1: has no depth in the table of depths")
  }

  @Test func imagesAndMasksMustPairUp() throws {
    try ImageSet.checkPairs(images: ["a", "b"], masks: ["b", "a"])
    let noMask = #expect(throws: ImageSetError.self) {
      try ImageSet.checkPairs(images: ["a", "b", "c"], masks: ["c"])
    }
    #expect(
      noMask?.description
        == "image a: has no mask (2 images in all); if it is an empty one, set competition.missing_masks: empty"
    )
    let noImage = #expect(throws: ImageSetError.self) {
      try ImageSet.checkPairs(images: ["a"], masks: ["a", "z"])
    }
    #expect(noImage?.description == "image z: has a mask, but no image")
  }
}
