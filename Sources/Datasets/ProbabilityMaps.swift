// Probabilities of every pixel of many images, kept compactly: one byte a pixel. How they lie in a
// file is in ProbabilityMapsFile.swift.

public import Imaging

/// Maps of probabilities by id, all of one size, in steps of 1 / 255.
public struct ProbabilityMaps: Sendable, Equatable {
  /// The images' ids.
  public let ids: [String]
  /// Columns of every map.
  public let width: Int
  /// Rows of every map.
  public let height: Int
  /// [count, height, width]: round(255 p).
  package let values: [UInt8]
  private let positions: [String: Int]

  /// Number of maps.
  public var count: Int { ids.count }

  package init(ids: [String], width: Int, height: Int, values: [UInt8]) {
    precondition(values.count == ids.count * width * height, "maps that do not fill their shape")
    self.ids = ids
    self.width = width
    self.height = height
    self.values = values
    positions = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
  }

  /// Maps of probabilities in 0...1, of one channel and one size.
  public init(ids: [String], maps: [Plane]) {
    precondition(
      !maps.isEmpty && ids.count == maps.count
        && maps.allSatisfy {
          $0.channels == 1 && $0.width == maps[0].width && $0.height == maps[0].height
        }, "one map an id, all of one size")
    self.init(
      ids: ids, width: maps[0].width, height: maps[0].height,
      values: maps.flatMap { $0.values.map(Self.quantized) })
  }

  /// 0.5 and above become 128 and above, so that a threshold of 0.5 is exact.
  package static func quantized(_ probability: Float) -> UInt8 {
    UInt8((min(max(probability, 0), 1) * 255).rounded())
  }

  /// Where the map of an id stands; nil where there is none.
  public func index(of id: String) -> Int? { positions[id] }

  /// The bytes of one map, rows from the top.
  package func bytes(_ index: Int) -> ArraySlice<UInt8> {
    values[(index * width * height)..<((index + 1) * width * height)]
  }

  /// One map, with values in 0...1.
  public func map(_ index: Int) -> Plane {
    Plane(width: width, height: height, values: bytes(index).map { Float($0) / 255 })
  }

  /// The share of each map above a probability of 0.5, 0...1.
  public var coverage: [Double] {
    (0..<count).map { index in
      Double(bytes(index).count { $0 > 127 }) / Double(width * height)
    }
  }

  /// Several sets of maps as one, such as those of all folds, in the order of `ids`.
  /// - Throws: `ProbabilityMapsError` when sizes differ, or an id has no map or more than one.
  public init(merging parts: [ProbabilityMaps], order ids: [String]) throws {
    func fail(_ problem: String) -> ProbabilityMapsError {
      ProbabilityMapsError(subject: "probability maps", problem: problem)
    }
    guard let first = parts.first else { throw fail("there are none to merge") }
    var positions: [String: (part: Int, index: Int)] = [:]
    for (part, maps) in parts.enumerated() {
      guard maps.width == first.width, maps.height == first.height else {
        throw fail(
          "sizes differ: \(first.width) x \(first.height) and \(maps.width) x \(maps.height)")
      }
      for (index, id) in maps.ids.enumerated() {
        guard positions.updateValue((part, index), forKey: id) == nil else {
          throw fail("image \(id) has two maps")
        }
      }
    }
    var values: [UInt8] = []
    values.reserveCapacity(ids.count * first.width * first.height)
    for id in ids {
      guard let position = positions[id] else { throw fail("image \(id) has no map") }
      values += parts[position.part].bytes(position.index)
    }
    self.init(ids: ids, width: first.width, height: first.height, values: values)
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
