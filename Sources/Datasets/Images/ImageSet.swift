// The images of a competition, decoded once and kept compactly, with what is known of them. How they are
// read from files is in ImageReading.swift.

public import Imaging

/// Images by id, with truth and features where there are any.
public struct ImageSet: Sendable {
  /// The images' ids, in the order given.
  public let ids: [String]
  /// Values a pixel, those of neighbouring slices among them.
  public var channels: Int { ownChannels * (neighbours?.first?.count ?? 1) }
  /// Values that come with each image, such as its depth, as they were given; empty for none.
  public let features: [[Float]]
  /// What is known of the images; nil for nothing.
  public let truthKind: TargetKind?
  /// The classes of the truth; 1 where there is none.
  public let classes: Int
  /// What could not be read and was left out, in words.
  public let leftOut: [String]
  /// Number of images.
  public var count: Int { ids.count }
  /// Whether masks, labels or instances are known.
  public var hasMasks: Bool { truthKind != nil }
  /// Values that come with each image.
  public var featureCount: Int { features.first?.count ?? 0 }
  /// The size that all images have; nil where they differ.
  public let commonSize: ImageSize?

  /// Values a pixel of one image's own.
  let ownChannels: Int
  /// For each image those that are seen together with it, itself in the middle; nil: itself alone.
  var neighbours: [[Int]]?
  let entries: [ImageEntry]
  let store: SampleStore
  private let positions: [String: Int]

  init(
    ids: [String], channels: Int, features: [[Float]], truth: TargetKind?, classes: Int,
    entries: [ImageEntry], store: SampleStore, leftOut: [String] = []
  ) {
    self.ids = ids
    ownChannels = channels
    self.features = features
    truthKind = truth
    self.classes = classes
    self.entries = entries
    self.store = store
    self.leftOut = leftOut
    let sizes = Set(entries.map(\.size))
    commonSize = sizes.count == 1 ? sizes.first : nil
    positions = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
  }

  /// Where an id stands.
  /// - Throws: `ImageSetError` when it is not among the images.
  public func index(of id: String) throws -> Int {
    guard let index = positions[id] else {
      throw ImageSetError(id: id, problem: "is not among the \(count) images")
    }
    return index
  }

  /// The size of an image.
  public func size(_ index: Int) -> ImageSize { entries[index].size }

  /// An image, with values in 0...1.
  public func image(_ index: Int) -> Plane { image(index, ImageWindow(size(index))) }

  /// A part of an image, with values in 0...1; mirrored beyond the border.
  public func image(_ index: Int, _ window: ImageWindow) -> Plane {
    guard let neighbours else { return own(index, window) }
    let slices = neighbours[index].map { own($0, window).values }
    let pixels = window.width * window.height
    var values: [Float] = []
    values.reserveCapacity(pixels * channels)
    for pixel in 0..<pixels {
      for slice in slices {
        for channel in 0..<ownChannels { values.append(slice[pixel * ownChannels + channel]) }
      }
    }
    return Plane(width: window.width, height: window.height, channels: channels, values: values)
  }

  /// Without neighbours.
  private func own(_ index: Int, _ window: ImageWindow) -> Plane {
    let entry = entries[index]
    let pixel = ownChannels * entry.sampleBytes
    let bytes = window.bytes(of: entry.size, pixel: pixel, at: entry.offset, in: store)
    let values = [Float](
      unsafeUninitializedCapacity: window.width * window.height * ownChannels
    ) { out, count in
      count = out.count
      bytes.withUnsafeBytes { bytes in
        if entry.sampleBytes == 1 {
          for at in 0..<out.count { out[at] = Float(bytes[at]) / 255 }
        } else {
          let words = bytes.bindMemory(to: UInt16.self)
          for at in 0..<out.count { out[at] = Float(UInt16(littleEndian: words[at])) / 65535 }
        }
      }
    }
    return Plane(width: window.width, height: window.height, channels: ownChannels, values: values)
  }

  /// What a network learns of an image, or of a part of it; only of a set with truth.
  public func targets(_ index: Int, _ window: ImageWindow? = nil) -> TargetMap {
    let entry = entries[index]
    let window = window ?? ImageWindow(entry.size)
    return TargetMap(
      width: window.width, height: window.height, channels: targetChannels,
      values: window.bytes(
        of: entry.size, pixel: targetChannels, at: targetsOffset(entry), in: store))
  }

  /// Bytes a pixel of targets.
  package var targetChannels: Int {
    truthKind.map { Truth.channels($0, classes: classes) } ?? 0
  }

  private func targetsOffset(_ entry: ImageEntry) -> Int {
    entry.offset + entry.size.pixels * ownChannels * entry.sampleBytes
  }

  /// What is known of an image; only of a set with truth.
  public func truth(_ index: Int) -> Truth {
    let entry = entries[index]
    let size = entry.size
    switch truthKind {
    case .labels:
      return .labels(
        ClassMap(width: size.width, height: size.height, labels: targets(index).values))
    case .instances:
      let bytes = store.bytes(
        at: targetsOffset(entry) + 3 * size.pixels, count: 4 * size.pixels)
      let labels = bytes.withUnsafeBytes {
        $0.bindMemory(to: UInt32.self).map(UInt32.init(littleEndian:))
      }
      return .instances(
        LabelMap(width: size.width, height: size.height, labels: labels, count: entry.instances))
    case .mask, nil: return .masks((0..<classes).map { mask(index, of: $0) })
    }
  }

  /// The mask of a class of an image; of instances, of all together. Only of a set with truth.
  public func mask(_ index: Int, of class: Int = 0) -> Mask {
    let targets = targets(index)
    let pixels: [UInt8] =
      switch truthKind {
      case .labels: targets.values.map { Int($0) == `class` ? 1 : 0 }
      case .instances: (0..<(targets.values.count / 3)).map { targets.values[3 * $0] == 0 ? 0 : 1 }
      case .mask, nil:
        classes == 1
          ? targets.values
          : (0..<(targets.values.count / classes)).map { targets.values[$0 * classes + `class`] }
      }
    return Mask(width: targets.width, height: targets.height, pixels: pixels)
  }

  /// Marked pixels of an image, those of all classes together; only of a set with truth.
  public func area(_ index: Int) -> Int { entries[index].areas.reduce(0, +) }

  /// Marked pixels of each class of an image; only of a set with truth.
  public func areas(_ index: Int) -> [Int] { entries[index].areas }

  /// Objects of an image; 0 of a set without instances.
  public func instanceCount(_ index: Int) -> Int { entries[index].instances }

  /// Places on which a crop of an image may be centred, as pixels' numbers, by class; empty ones where
  /// nothing is marked.
  package func anchors(_ index: Int) -> [[UInt32]] { entries[index].anchors }

  /// The sums of some images' samples, a channel each, in units of 1 / `full`.
  package func sums(_ indices: [Int]) -> (sums: [ChannelSum], full: Double, pixels: Int) {
    let isWide = indices.contains { entries[$0].sampleBytes == 2 }
    var sums = [ChannelSum](repeating: ChannelSum(), count: ownChannels)
    var pixels = 0
    for index in indices {
      let entry = entries[index]
      let scale: UInt64 = isWide && entry.sampleBytes == 1 ? 257 : 1
      for channel in 0..<ownChannels {
        sums[channel].sum += entry.sums[channel].sum * scale
        sums[channel].squares += entry.sums[channel].squares * scale * scale
      }
      pixels += entry.size.pixels
    }
    // All slices are scaled alike.
    let all = (0..<(channels / ownChannels)).flatMap { _ in sums }
    return (all, isWide ? 65535 : 255, pixels)
  }

  /// How often each sample occurs in some images, a list a channel; the last of each list is full scale.
  package func histograms(_ indices: [Int]) -> [[UInt64]] {
    let isWide = indices.contains { entries[$0].sampleBytes == 2 }
    var counts = [[UInt64]](
      repeating: [UInt64](repeating: 0, count: isWide ? 65536 : 256), count: ownChannels)
    for index in indices {
      let entry = entries[index]
      let bytes = store.bytes(
        at: entry.offset, count: entry.size.pixels * ownChannels * entry.sampleBytes)
      bytes.withUnsafeBytes { bytes in
        let words = bytes.bindMemory(to: UInt16.self)
        let scale = isWide ? 257 : 1
        for channel in 0..<ownChannels {
          counts[channel].withUnsafeMutableBufferPointer { counts in
            for at in stride(from: channel, to: entry.size.pixels * ownChannels, by: ownChannels) {
              let sample =
                entry.sampleBytes == 1
                ? Int(bytes[at]) * scale : Int(UInt16(littleEndian: words[at]))
              counts[sample] += 1
            }
          }
        }
      }
    }
    return (0..<(channels / ownChannels)).flatMap { _ in counts }
  }

  /// The set with neighbouring images of a group as channels, in the order of their ids; beyond a group's end
  /// its last image.
  /// - Parameters:
  ///   - slices: how many are seen together, an odd number.
  ///   - groups: of each image.
  /// - Throws: `ImageSetError` where neighbours have different sizes.
  public func withSlices(_ slices: Int, groups: [String]) throws -> ImageSet {
    var set = self
    var neighbours = [[Int]](repeating: [], count: count)
    for members in Dictionary(grouping: ids.indices, by: { groups[$0] }).values {
      let sorted = members.sorted { ids[$0] < ids[$1] }
      for (place, index) in sorted.enumerated() {
        neighbours[index] = (-(slices / 2)...(slices / 2)).map {
          sorted[min(max(place + $0, 0), sorted.count - 1)]
        }
        if let other = neighbours[index].first(where: { size($0) != size(index) }) {
          throw ImageSetError(
            id: ids[index],
            problem:
              "has \(size(index)) pixels, but its neighbour \(ids[other]) \(size(other)): slices have one size"
          )
        }
      }
    }
    set.neighbours = neighbours
    return set
  }

  /// For each image, the least index of an image that is the same sample for sample. Images of one
  /// single colour stand for themselves: they are alike for another reason.
  public func firstOfKind() -> [Int] {
    var first: [[UInt64]: Int] = [:]
    return entries.enumerated().map { index, entry in
      guard !entry.isBlank else { return index }
      let key = [
        entry.hash.0, entry.hash.1, UInt64(entry.size.width), UInt64(entry.size.height),
      ]
      if let same = first[key] { return same }
      first[key] = index
      return index
    }
  }

  /// Whether all pixels of an image are the same: nothing can be seen in it.
  public func isBlank(_ index: Int) -> Bool { entries[index].isBlank }

  /// A number that differs when ids, images, truth or features differ.
  package var digest: UInt64 {
    var hash = Hash64()
    for id in ids {
      for byte in id.utf8 { hash.add(UInt64(byte)) }
      hash.add(0x100)
    }
    for entry in entries {
      for number in [entry.hash.0, entry.hash.1, entry.truthHash] { hash.add(number) }
      for side in [entry.size.width, entry.size.height] { hash.add(UInt64(side)) }
    }
    for value in features.joined() { hash.add(UInt64(value.bitPattern)) }
    for number in [channels, classes] { hash.add(UInt64(number)) }
    return hash.value
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
