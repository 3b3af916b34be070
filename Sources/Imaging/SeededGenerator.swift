// Random numbers that are a function of a seed and of words, such as fold, epoch and image id, and
// of nothing else: not of order, thread or time.

import Foundation

/// A generator of pseudo-random numbers, the same for ever for the same seed and keys.
///
/// The sequence is SplitMix64's (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014); its state begins at a hash (FNV-1a, 64 bit) of the keys, mixed with the
/// seed.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator for a seed and keys; ("ab", "c") and ("a", "bc") are different keys.
  public init(seed: UInt64, _ keys: String...) {
    self.init(seed: seed, keys: keys)
  }

  /// A generator for a seed and a list of keys.
  public init(seed: UInt64, keys: [String]) {
    state = Self.mix(seed &+ Self.increment)
    for key in keys {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in key.utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
      state = Self.mix((state ^ hash) &+ Self.increment)
    }
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mix(state)
  }

  /// A number from 0 up to, not including, 1, with 53 random bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number of a range.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A whole number from 0 up to, not including, `limit`; every one is equally likely (to 2⁻⁶⁴).
  public mutating func int(below limit: Int) -> Int {
    precondition(limit > 0, "there is no number below \(limit)")
    return Int(next().multipliedFullWidth(by: UInt64(limit)).high)
  }

  /// True with a probability.
  public mutating func chance(_ probability: Double) -> Bool {
    uniform() < probability
  }

  /// A number of the normal distribution with mean 0 and deviation 1 (by Box and Muller's
  /// transform).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  private static let increment: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// SplitMix64's output function: every bit of the input touches every bit of the output.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
