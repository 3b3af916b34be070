// Probabilities of every pixel of many images, kept compactly: one byte each. How they lie in a
// file is in ProbabilityMapsFile.swift.

import Basics
public import Foundation
public import Imaging

/// Maps of probabilities by id, in steps of 1 / 255.
///
/// What the channels of a map are depends on what is learned: a probability for each class; foreground,
/// border and distance of instances; or, of exclusive classes, the number of the likeliest and its
/// probability.
public struct ProbabilityMaps: Sendable {
  /// The images' ids.
  public let ids: [String]
  /// The size of each map.
  public let sizes: [ImageSize]
  /// Values a pixel.
  public let channels: Int
  /// Number of maps.
  public var count: Int { ids.count }

  /// Where each map's [height, width, channels] bytes begin, round(255 p) each.
  let offsets: [Int]
  let store: SampleStore
  private let positions: [String: Int]

  /// Maps that lie one behind the other, from a place in a store on.
  init(ids: [String], sizes: [ImageSize], channels: Int, from start: Int = 0, in store: SampleStore)
  {
    self.ids = ids
    self.sizes = sizes
    self.channels = channels
    self.store = store
    var offsets: [Int] = []
    var end = start
    for size in sizes {
      offsets.append(end)
      end += size.pixels * channels
    }
    precondition(store.count == end, "maps that do not fill their shape")
    self.offsets = offsets
    positions = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
  }

  /// Maps that lie one behind the other.
  package init(ids: [String], sizes: [ImageSize], channels: Int, values: [UInt8]) {
    self.init(ids: ids, sizes: sizes, channels: channels, in: SampleStore(values))
  }

  /// Maps of probabilities in 0...1, of as many channels each.
  public init(ids: [String], maps: [Plane]) {
    precondition(
      !maps.isEmpty && ids.count == maps.count
        && maps.allSatisfy { $0.channels == maps[0].channels }, "one map an id")
    self.init(
      ids: ids, sizes: maps.map { ImageSize(width: $0.width, height: $0.height) },
      channels: maps[0].channels, values: maps.flatMap { $0.values.map(Self.quantized) })
  }

  /// 0.5 and above become 128 and above, so that a threshold of 0.5 is exact. What is no number becomes 0.
  package static func quantized(_ probability: Float) -> UInt8 {
    probability > 0 ? UInt8((min(probability, 1) * 255).rounded()) : 0
  }

  /// Where the map of an id stands; nil where there is none.
  public func index(of id: String) -> Int? { positions[id] }

  /// The bytes of one map, [height, width, channels].
  package func bytes(_ index: Int) -> [UInt8] {
    store.bytes(at: offsets[index], count: sizes[index].pixels * channels)
  }

  /// The bytes of one channel of a map, [height, width].
  package func bytes(_ index: Int, channel: Int) -> [UInt8] {
    let all = bytes(index)
    return channels == 1 ? all : (0..<(all.count / channels)).map { all[$0 * channels + channel] }
  }

  /// One channel of a map, with values in 0...1.
  public func map(_ index: Int, channel: Int = 0) -> Plane {
    Plane(
      width: sizes[index].width, height: sizes[index].height,
      values: bytes(index, channel: channel).map { Float($0) / 255 })
  }

  /// Several sets of maps as one, such as those of all folds, in the order of `ids`.
  /// - Throws: `ProbabilityMapsError` when channels differ, or an id has no map or more than one.
  public init(merging parts: [ProbabilityMaps], order ids: [String], in file: URL? = nil) throws {
    func fail(_ problem: String) -> ProbabilityMapsError {
      ProbabilityMapsError(subject: "probability maps", problem: problem)
    }
    guard let first = parts.first else { throw fail("there are none to merge") }
    var positions: [String: (part: Int, index: Int)] = [:]
    for (part, maps) in parts.enumerated() {
      guard maps.channels == first.channels else {
        throw fail("have \(first.channels) and \(maps.channels) channels")
      }
      for (index, id) in maps.ids.enumerated() {
        guard positions.updateValue((part, index), forKey: id) == nil else {
          throw fail("image \(id) has two maps")
        }
      }
    }
    let builder = try Builder(channels: first.channels, file: file)
    for id in ids {
      guard let position = positions[id] else { throw fail("image \(id) has no map") }
      let part = parts[position.part]
      try builder.add(id, part.sizes[position.index], part.bytes(position.index))
    }
    self = try builder.maps()
  }
}

extension ProbabilityMaps: Equatable {
  /// The same ids with the same bytes.
  public static func == (one: ProbabilityMaps, other: ProbabilityMaps) -> Bool {
    one.ids == other.ids && one.sizes == other.sizes && one.channels == other.channels
      && one.ids.indices.allSatisfy { one.bytes($0) == other.bytes($0) }
  }
}

extension ProbabilityMaps {
  /// Collects maps one after another: in memory, or in a file where there may be more than fit.
  package final class Builder {
    private let channels: Int
    private let url: URL?
    private let file: WholeFile?
    private var ids: [String] = []
    private var sizes: [ImageSize] = []
    private var values: [UInt8] = []

    /// - Parameter file: where to keep the bytes; nil: in memory.
    /// - Throws: `FileError` where it can't be written.
    package init(channels: Int, file: URL? = nil) throws {
      self.channels = channels
      url = file
      self.file = try file.map { try WholeFile($0) }
    }

    /// Adds a map, [height, width, channels].
    /// - Throws: `FileError` where it can't be written.
    package func add(_ id: String, _ size: ImageSize, _ bytes: [UInt8]) throws {
      precondition(bytes.count == size.pixels * channels, "a map that doesn't fill its shape")
      ids.append(id)
      sizes.append(size)
      if let file {
        try bytes.withUnsafeBytes { try file.write($0) }
      } else {
        values += bytes
      }
    }

    /// What was added. To be called once.
    /// - Throws: `FileError`.
    package func maps() throws -> ProbabilityMaps {
      guard let file, let url else {
        return ProbabilityMaps(ids: ids, sizes: sizes, channels: channels, values: values)
      }
      try file.commit(flushed: false)
      let store = try SampleStore(contentsOf: url)
      // The open file lives on; nothing is left behind.
      try? FileManager.default.removeItem(at: url)
      return ProbabilityMaps(ids: ids, sizes: sizes, channels: channels, in: store)
    }
  }
}

/// Probability maps that cannot be read, written or joined, and why.
public struct ProbabilityMapsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, or what was being done.
  public let subject: String
  /// What is wrong.
  public let problem: String
  /// `subject: problem`.
  public var description: String { "\(subject): \(problem)" }

  package init(subject: String, problem: String) {
    self.subject = subject
    self.problem = problem
  }
}
