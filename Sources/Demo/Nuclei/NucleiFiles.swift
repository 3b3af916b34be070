// The nuclei competition's files: a folder an image, a mask's file and a table's row a nucleus.

import Archive
import Foundation
import Imaging

/// Writes the nuclei competition.
struct NucleiFiles {
  let seed: UInt64
  let ids: Identifiers
  private static let columns = ["ImageId", "EncodedPixels"]

  init(seed: UInt64, train: Int, test: Int) {
    self.seed = seed
    ids = Identifiers(seed: seed, train: train, test: test, digits: 12)
  }

  /// Writes all files.
  /// - Returns: the test images' nuclei as a table.
  func write(into folder: URL) throws -> Data {
    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
    let drawn = draw(ids.train, set: "train")
    let hidden = draw(ids.test, set: "test")
    try pack(ids.train, drawn, masks: true, into: file("train.zip"))
    try pack(ids.test, hidden, masks: false, into: file("test.zip"))
    try table(Self.columns, rows(ids.train, drawn)).write(to: file("train_labels.csv"))
    try table(Self.columns, ids.test.map { [$0, ""] }).write(to: file("sample_submission.csv"))
    return table(Self.columns, rows(ids.test, hidden))
  }

  /// Sizes take turns, so that every set of three images has all.
  private func draw(_ ids: [String], set: String) -> [NucleiImage] {
    ids.indices.map { index in
      var generator = SeededGenerator(seed: seed, "nuclei", set, "\(index)")
      return NucleiImage(NucleiImage.sizes[index % NucleiImage.sizes.count], using: &generator)
    }
  }

  private func rows(_ ids: [String], _ images: [NucleiImage]) -> [[String]] {
    let dialect = RunLength()
    return zip(ids, images).flatMap { id, image in
      image.nuclei.masks.map { [id, dialect.encode($0)] }
    }
  }

  private func pack(_ ids: [String], _ images: [NucleiImage], masks: Bool, into file: URL) throws {
    let archive = try ArchiveWriter(file)
    for (id, image) in zip(ids, images).sorted(by: { $0.0 < $1.0 }) {
      try archive.add(path: "\(id)/images/\(id).png", data: PNG.encode(image.image))
      guard masks else { continue }
      // Names that tell nothing of an order.
      let names = Identifiers(seed: seed, train: image.nuclei.count, test: 0, digits: 8, key: id)
      for (name, mask) in zip(names.train, image.nuclei.masks).sorted(by: { $0.0 < $1.0 }) {
        try archive.add(path: "\(id)/masks/\(name).png", data: PNG.encode(mask, bitDepth: 8))
      }
    }
    try archive.finish()
  }
}
