// What is kept of each image beside its samples, and how an image and its truth become bytes of a store.

import Imaging

/// One image of a store.
struct ImageEntry: Sendable, Codable {
  var size: ImageSize
  /// Where its samples begin; behind them lie its targets and, of instances, their numbers.
  var offset: Int
  /// Bytes of a sample: 1, or 2 (little-endian).
  var sampleBytes: Int
  /// Marked pixels of each class; empty without truth.
  var areas: [Int]
  var instances: Int
  var anchors: [[UInt32]]
  var sums: [ChannelSum]
  var isBlank: Bool
  /// Of the samples.
  private var hashes: [UInt64]
  var truthHash: UInt64

  var hash: (UInt64, UInt64) { (hashes[0], hashes[1]) }

  fileprivate init(
    size: ImageSize, sampleBytes: Int, areas: [Int], instances: Int, anchors: [[UInt32]],
    sums: [ChannelSum], isBlank: Bool, hash: (UInt64, UInt64), truthHash: UInt64
  ) {
    self.size = size
    offset = 0
    self.sampleBytes = sampleBytes
    self.areas = areas
    self.instances = instances
    self.anchors = anchors
    self.sums = sums
    self.isBlank = isBlank
    hashes = [hash.0, hash.1]
    self.truthHash = truthHash
  }
}

/// Sums of a channel's samples and of their squares, in whole numbers, so that no order matters.
package struct ChannelSum: Sendable, Codable {
  package var sum: UInt64 = 0
  package var squares: UInt64 = 0
}

/// FNV-1a over whole numbers, 64 bit.
struct Hash64 {
  private(set) var value: UInt64

  init(_ start: UInt64 = 0xcbf2_9ce4_8422_2325) { value = start }

  mutating func add(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01b3 }
}

/// Samples of one image: [height, width, channels].
enum Samples: Sendable {
  case bytes([UInt8])
  case words([UInt16])

  /// Little-endian.
  fileprivate var bytes: [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .words(let words): words.map(\.littleEndian).withUnsafeBytes { Array($0) }
    }
  }
}

/// An image with its truth, as it lies in a store.
struct EncodedImage: Sendable {
  var entry: ImageEntry
  var bytes: [UInt8]

  init(_ samples: Samples, size: ImageSize, channels: Int, truth: Truth?, classes: Int) {
    let (sums, isBlank) =
      switch samples {
      case .bytes(let bytes): Self.look(bytes, channels)
      case .words(let words): Self.look(words, channels)
      }
    let sampleBytes = if case .bytes = samples { 1 } else { 2 }
    var bytes = samples.bytes
    // Words of the same values as bytes hash the same: how deep a file is doesn't make another image.
    let hash = Self.hash(samples)
    var truthHash = Hash64()
    if let truth {
      let targets = truth.targets(size)
      for byte in targets { truthHash.add(UInt64(byte)) }
      bytes += targets
      if case .instances(let map) = truth {
        for label in map.labels { truthHash.add(UInt64(label)) }
        bytes += map.labels.map(\.littleEndian).withUnsafeBytes { Array($0) }
      }
    }
    let instances = if case .instances(let map)? = truth { map.count } else { 0 }
    entry = ImageEntry(
      size: size, sampleBytes: sampleBytes, areas: truth?.areas(classes: classes) ?? [],
      instances: instances, anchors: truth?.anchors(classes: classes) ?? [], sums: sums,
      isBlank: isBlank, hash: hash, truthHash: truthHash.value)
    self.bytes = bytes
  }

  private static func look<Sample: FixedWidthInteger>(_ samples: [Sample], _ channels: Int) -> (
    [ChannelSum], Bool
  ) {
    var sums = [ChannelSum](repeating: ChannelSum(), count: channels)
    var isBlank = true
    samples.withUnsafeBufferPointer { samples in
      for channel in 0..<channels {
        var (sum, squares): (UInt64, UInt64) = (0, 0)
        let first = samples[channel]
        for at in stride(from: channel, to: samples.count, by: channels) {
          let value = UInt64(samples[at])
          sum += value
          squares += value * value
          if samples[at] != first { isBlank = false }
        }
        sums[channel] = ChannelSum(sum: sum, squares: squares)
      }
    }
    return (sums, isBlank)
  }

  /// Two hashes, since one of 64 bits may be the same by chance in a large set.
  private static func hash(_ samples: Samples) -> (UInt64, UInt64) {
    var (one, other) = (Hash64(), Hash64(0x9e37_79b9_7f4a_7c15))
    func add(_ value: UInt64) {
      one.add(value)
      other.add(value &+ (other.value >> 29))
    }
    switch samples {
    case .bytes(let bytes): for byte in bytes { add(UInt64(byte) * 257) }
    case .words(let words): for word in words { add(UInt64(word)) }
    }
    return (one.value, other.value)
  }
}
