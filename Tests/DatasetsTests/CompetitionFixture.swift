// A workspace with a few tiny images, described by its params.yaml's section, and a stage over it.

import Basics
import Datasets
import Foundation
import Imaging
import StageSupport
import TestSupport
import Testing
import Workbench

final class CompetitionFixture {
  let folder: TemporaryFolder
  var competition: [String: JSONValue] = [
    "slug": .string("s"), "title": .string("t"), "target": .string("salt"),
    "image": .object(["width": .int(3), "height": .int(2), "channels": .int(1)]),
    "files": .object([
      "train_images": .string("data/train/images/{id}.png"),
      "train_masks": .string("data/train/masks/{id}.png"),
      "test_images": .string("data/test/{id}.png"),
      "train_table": .string("data/tables/train.csv"), "depths": .string("data/tables/depths.csv"),
      "sample_submission": .string("data/tables/sample.csv"),
    ]),
    "columns": .object(["id": .string("id"), "mask": .string("rle"), "depth": .string("z")]),
    "rle": .object(["order": .string("row"), "base": .int(1), "empty": .string("-")]),
    "metric": .string("dice"),
  ]

  /// Training images a and b, a test image c, their masks and depths.
  init() throws {
    folder = try TemporaryFolder()
    try image("data/train/images/a.png", [0, 51, 102, 153, 204, 255])
    try image("data/train/images/b.png", [255, 204, 153, 102, 51, 0])
    try image("data/test/c.png", [1, 2, 3, 4, 5, 6])
    try image("data/train/masks/a.png", [0, 255, 255, 0, 0, 0])
    try image("data/train/masks/b.png", [0, 0, 0, 0, 0, 0])
    try folder.write("id,rle\na,2 2\nb,-\n", to: "data/tables/train.csv")
    try folder.write("id,z\nc,30\nb,20.5\na,10\nextra,1\n", to: "data/tables/depths.csv")
    try folder.write("id,rle\nc,1 1\n", to: "data/tables/sample.csv")
  }

  func image(_ path: String, width: Int = 3, height: Int = 2, _ samples: [UInt16]) throws {
    let raster = Raster(width: width, height: height, channels: 1, bitDepth: 8, samples: samples)
    try folder.write(PNG.encode(raster), to: path)
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent(path))
  }

  func path(_ path: String) -> String { folder.url.appendingPathComponent(path).path }

  /// Sets a member of a section of `competition`.
  func set(_ section: String, _ key: String, _ value: JSONValue) {
    guard case .object(var members)? = competition[section] else { return }
    members[key] = value
    competition[section] = .object(members)
  }

  /// Masks come only from the table.
  func dropMaskFiles() throws {
    set("files", "train_masks", .null)
    try remove("data/train/masks")
  }

  func stage() throws -> Stage {
    try StageFixture(
      folder, parameters: ["competition": .object(competition)],
      inputs: ["data/train", "data/test", "data/tables"], outputs: ["data/new"]
    ).stage()
  }

  func training() throws -> ImageSet { try stage().trainingImages(withDepths: false) }

  /// What bad input is answered with.
  func failure(_ body: (Stage) throws -> Void) throws -> String {
    let error = try #require(throws: (any Error).self) { try body(stage()) }
    let failing = try #require(error as? any Failing)
    #expect(failing.exit == .badInput)
    return failing.description
  }
}
