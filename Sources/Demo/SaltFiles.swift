// The salt competition's files, laid out as its site serves them.

import Archive
import Foundation
import Imaging

/// Writes the salt competition.
struct SaltFiles {
  let seed: UInt64
  let train: [SaltPlan]
  let test: [SaltPlan]
  let ids: Identifiers

  init(seed: UInt64, train: Int, test: Int) {
    self.seed = seed
    self.train = SaltPlan.plans(count: train, seed: seed, set: "train")
    self.test = SaltPlan.plans(count: test, seed: seed, set: "test")
    ids = Identifiers(seed: seed, train: train, test: test, digits: 10)
  }

  /// Writes all files.
  /// - Returns: the test images' masks as a table.
  func write(into folder: URL) throws -> Data {
    let runLength = RunLength()
    let masks = try write(train, ids.train, set: "train", masks: true, into: folder)
    let answers = try write(test, ids.test, set: "test", masks: false, into: folder)
    func rows(_ ids: [String], _ masks: [Mask]) -> [[String]] {
      zip(ids, masks).map { [$0, runLength.encode($1)] }
    }
    try table(["id", "rle_mask"], rows(ids.train, masks))
      .write(to: folder.appendingPathComponent("train.csv"))
    let depths = zip(ids.train + ids.test, (train + test).map(\.depth)).sorted { $0.0 < $1.0 }
    try table(["id", "z"], depths.map { [$0, "\($1)"] })
      .write(to: folder.appendingPathComponent("depths.csv"))
    try table(["id", "rle_mask"], ids.test.map { [$0, "1 1"] })
      .write(to: folder.appendingPathComponent("sample_submission.csv"))
    return table(["id", "rle_mask"], rows(ids.test, answers))
  }

  /// Draws a set and packs it.
  /// - Returns: the masks in the order of the plans.
  private func write(
    _ plans: [SaltPlan], _ ids: [String], set: String, masks packsMasks: Bool, into folder: URL
  ) throws -> [Mask] {
    let drawn = plans.indices.map { index -> SaltImage in
      // The second of a pair is drawn from the numbers of the first.
      let source = plans[index].oddity == .duplicate ? index - 1 : index
      var generator = SeededGenerator(seed: seed, "salt", set, "\(source)")
      return SaltImage(plans[source], using: &generator)
    }
    let archive = try ArchiveWriter(folder.appendingPathComponent("\(set).zip"))
    let order = ids.indices.sorted { ids[$0] < ids[$1] }
    for index in order {
      try archive.add(path: "images/\(ids[index]).png", data: PNG.encode(drawn[index].image))
    }
    if packsMasks {
      for index in order {
        // Both depths occur in the real files too, the shallow one with empty masks mostly.
        let mask = drawn[index].mask
        let bitDepth = mask.isEmpty || index % 9 == 0 ? 8 : 16
        try archive.add(
          path: "masks/\(ids[index]).png", data: PNG.encode(mask, bitDepth: bitDepth))
      }
    }
    try archive.finish()
    return drawn.map(\.mask)
  }
}
