// Random numbers as a function of a key and a place, so that neither order nor threads matter.

import Foundation

/// One of the finalizers of SplitMix64 (Steele, Lea and Flood, 2014).
func mix64(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9e37_79b9_7f4a_7c15
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}

/// A key from several numbers.
func mixed(_ keys: UInt64...) -> UInt64 {
  keys.reduce(0) { mix64($0 ^ mix64($1)) }
}

struct CounterGenerator {
  let key: UInt64

  init(seed: UInt64, name: String) {
    // FNV-1a of the name.
    let hash = name.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    key = mixed(seed, hash)
  }

  /// In 0..<1.
  func uniform(at position: UInt64) -> Double {
    Double(mixed(key, position) >> 11) * 0x1p-53
  }

  /// Mean 0 and standard deviation 1 (Box and Muller, 1958).
  func normal(at position: UInt64) -> Double {
    let radius = (-2 * log(1 - uniform(at: 2 * position))).squareRoot()
    return radius * cos(2 * .pi * uniform(at: 2 * position + 1))
  }
}
