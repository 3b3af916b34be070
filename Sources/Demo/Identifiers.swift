// Names of images that tell nothing about them.

import Imaging

/// Distinct ids of hexadecimal digits from a seed, in the order in which tables list them.
struct Identifiers {
  let train: [String]
  let test: [String]

  /// - Parameter key: of ids that are to be others than those of the same seed.
  init(seed: UInt64, train: Int, test: Int, digits: Int, key: String? = nil) {
    var generator = SeededGenerator(seed: seed, keys: ["ids"] + (key.map { [$0] } ?? []))
    var seen: Set<String> = []
    var ids: [String] = []
    while ids.count < train + test {
      let hex = String(generator.next(), radix: 16)
      let id = String((String(repeating: "0", count: 16 - hex.count) + hex).suffix(digits))
      if seen.insert(id).inserted { ids.append(id) }
    }
    self.train = Array(ids[..<train])
    self.test = Array(ids[train...])
  }
}
