// The images of a competition in memory, decoded once and kept compactly, with their masks and
// depths. How they are read from files is in ImageSetFiles.swift.

public import Imaging

/// Images of one size, by id, with masks and features where there are any.
public struct ImageSet: Sendable {
  /// The images' ids, in the order given.
  public let ids: [String]
  /// Columns of every image.
  public let width: Int
  /// Rows of every image.
  public let height: Int
  /// Values a pixel: 1 (grey) or 3 (red, green, blue).
  public let channels: Int
  /// Values that come with each image, such as its depth, as they were given; empty for none.
  public let features: [[Float]]
  /// Whether the images have masks.
  public var hasMasks: Bool { !masks.isEmpty }
  /// Number of images.
  public var count: Int { ids.count }
  /// Values that come with each image.
  public var featureCount: Int { features.first?.count ?? 0 }

  /// All images, one after another, [count, height, width, channels].
  package let samples: Samples
  /// All masks, one after another, [count, height, width], of 0 and 1; empty for none.
  let masks: [UInt8]
  /// Pixels of each mask; empty for none.
  let areas: [Int]
  private let positions: [String: Int]

  /// Values at the depth that the files need.
  package enum Samples: Sendable {
    case bytes([UInt8])
    case words([UInt16])
  }

  init(
    ids: [String], width: Int, height: Int, channels: Int, features: [[Float]], samples: Samples,
    masks: [UInt8]
  ) {
    self.ids = ids
    self.width = width
    self.height = height
    self.channels = channels
    self.features = features
    self.samples = samples
    self.masks = masks
    let pixels = width * height
    areas = stride(from: 0, to: masks.count, by: pixels).map { start in
      masks[start..<(start + pixels)].reduce(0) { $0 + Int($1) }
    }
    positions = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
  }

  /// The set of images that are already in memory.
  /// - Parameters:
  ///   - images: all of one size; values are kept with 16 bits.
  ///   - masks: one for each image, or nil.
  ///   - features: as many values for each image, or none.
  public init(ids: [String], images: [Plane], masks: [Mask]? = nil, features: [[Float]] = []) {
    precondition(!images.isEmpty && images.count == ids.count, "one id an image")
    precondition(masks.map { $0.count == ids.count } ?? true, "one mask an image")
    let first = images[0]
    precondition(
      images.allSatisfy {
        $0.width == first.width && $0.height == first.height && $0.channels == first.channels
      }, "images of one size")
    self.init(
      ids: ids, width: first.width, height: first.height, channels: first.channels,
      features: features,
      samples: .words(
        images.flatMap { image in
          image.values.map { UInt16((min(max($0, 0), 1) * 65535).rounded()) }
        }),
      masks: masks?.flatMap(\.pixels) ?? [])
  }

  /// Where an id stands.
  /// - Throws: `ImageSetError` when it is not among the images.
  public func index(of id: String) throws -> Int {
    guard let index = positions[id] else {
      throw ImageSetError(id: id, problem: "is not among the \(count) images")
    }
    return index
  }

  /// An image, with values in 0...1.
  public func image(_ index: Int) -> Plane {
    let size = width * height * channels
    let range = (index * size)..<((index + 1) * size)
    let values =
      switch samples {
      case .bytes(let bytes): Self.shares(bytes, range, of: 255)
      case .words(let words): Self.shares(words, range, of: 65535)
      }
    return Plane(width: width, height: height, channels: channels, values: values)
  }

  /// Samples over full scale.
  private static func shares<Sample: FixedWidthInteger>(
    _ samples: [Sample], _ range: Range<Int>, of full: Float
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: range.count) { out, count in
      samples.withUnsafeBufferPointer { samples in
        for index in 0..<range.count {
          out[index] = Float(samples[range.lowerBound + index]) / full
        }
      }
      count = range.count
    }
  }

  /// An image's mask; only of a set with masks.
  public func mask(_ index: Int) -> Mask {
    Mask(width: width, height: height, pixels: Array(maskPixels(index)))
  }

  /// Pixels of an image's mask; only of a set with masks.
  public func area(_ index: Int) -> Int { areas[index] }

  package func maskPixels(_ index: Int) -> ArraySlice<UInt8> {
    masks[(index * width * height)..<((index + 1) * width * height)]
  }
}

extension ImageSet {
  /// For each image, the least index of an image that is the same sample for sample. Images of one
  /// single colour stand for themselves: they are alike for another reason.
  public func firstOfKind() -> [Int] {
    switch samples {
    case .bytes(let bytes): firstOfKind(bytes)
    case .words(let words): firstOfKind(words)
    }
  }

  private func firstOfKind<Sample: Hashable>(_ all: [Sample]) -> [Int] {
    let size = width * height * channels
    var first: [ArraySlice<Sample>: Int] = [:]
    return ids.indices.map { index in
      let image = all[(index * size)..<((index + 1) * size)]
      let isBlank = image.indices.allSatisfy {
        image[$0] == image[image.startIndex + ($0 - image.startIndex) % channels]
      }
      guard !isBlank else { return index }
      if let same = first[image] { return same }
      first[image] = index
      return index
    }
  }

  /// A number that differs when ids, images, masks or features differ (FNV-1a, 64 bit).
  package var digest: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ byte: UInt64) { hash = (hash ^ byte) &* 0x100_0000_01b3 }
    for id in ids {
      for byte in id.utf8 { add(UInt64(byte)) }
      add(0x100)
    }
    switch samples {
    case .bytes(let bytes): for byte in bytes { add(UInt64(byte)) }
    case .words(let words): for word in words { add(UInt64(word)) }
    }
    for bit in masks { add(UInt64(bit)) }
    for value in features.joined() { add(UInt64(value.bitPattern)) }
    for size in [width, height, channels] { add(UInt64(size)) }
    return hash
  }
}

/// Images, masks or features that do not fit together, or cannot be read.
public struct ImageSetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The image.
  public let id: String
  /// What is wrong, with the file, and what was expected.
  public let problem: String
  /// `image ID: problem`.
  public var description: String { "image \(id): \(problem)" }
}
