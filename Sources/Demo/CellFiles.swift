// The cells competition's files: another layout, other columns and another run-length dialect.

import Archive
import Foundation
import Imaging

/// Writes the cells competition.
struct CellFiles {
  let seed: UInt64
  let ids: Identifiers

  init(seed: UInt64, train: Int, test: Int) {
    self.seed = seed
    ids = Identifiers(seed: seed, train: train, test: test, digits: 6)
  }

  /// Writes all files.
  /// - Returns: the test images' masks as a table.
  func write(into folder: URL) throws -> Data {
    let columns = ["ImageId", "EncodedPixels"]
    let dialect = RunLength(order: .row, base: 1, empty: "-")
    let drawn = draw(ids.train, set: "train")
    let hidden = draw(ids.test, set: "test")
    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
    func rows(_ ids: [String], _ images: [CellImage]) -> [[String]] {
      zip(ids, images).map { [$0, dialect.encode($1.mask)] }
    }
    try pack(ids.train, drawn, as: "_rgb.png", into: file("train_pictures.zip")) {
      try PNG.encode($0.image)
    }
    try pack(ids.train, drawn, as: "_label.png", into: file("train_labels.zip")) {
      try PNG.encode($0.mask, bitDepth: 1)
    }
    try pack(ids.test, hidden, as: "_rgb.png", into: file("test_pictures.zip")) {
      try PNG.encode($0.image)
    }
    try table(columns, rows(ids.train, drawn)).write(to: file("labels.csv"))
    try table(columns, ids.test.map { [$0, "-"] }).write(to: file("template.csv"))
    return table(columns, rows(ids.test, hidden))
  }

  private func draw(_ ids: [String], set: String) -> [CellImage] {
    ids.indices.map { index in
      var generator = SeededGenerator(seed: seed, "cells", set, "\(index)")
      return CellImage(using: &generator)
    }
  }

  private func pack(
    _ ids: [String], _ images: [CellImage], as ending: String, into file: URL,
    encode: (CellImage) throws -> Data
  ) throws {
    let archive = try ArchiveWriter(file)
    for (id, image) in zip(ids, images).sorted(by: { $0.0 < $1.0 }) {
      try archive.add(path: id + ending, data: encode(image))
    }
    try archive.finish()
  }
}
