// All that a sweep could try: the parameters with their values, every combination of them, or some drawn at random.

import Basics
import Foundation
import Hashing

/// The parameters of a sweep. A setting is a value for each of them, in their order.
public struct SweepSpace: Sendable, Equatable {
  /// In the order in which they were given; at least one.
  public let axes: [SweepAxis]

  /// The most settings of a sweep.
  public static let most = 10_000

  /// Reads what is given to `-S`.
  ///
  /// - Throws: `PipelineError` for a key that there isn't, one given twice, and values that mean nothing.
  public init(_ assignments: [String], in parameters: Parameters) throws {
    guard !assignments.isEmpty else {
      throw PipelineError(
        "nothing is to be varied; name parameters with their values, as in -S train.learning_rate=1e-3,2e-3,4e-3"
      )
    }
    axes = try assignments.map { try SweepAxis($0, in: parameters) }
    var seen: Set<String> = []
    for axis in axes where !seen.insert(axis.key).inserted {
      throw PipelineError("-S \(axis.key): is given twice; give all its values at once")
    }
  }

  /// The parameters' keys.
  public var keys: [String] { axes.map(\.key) }

  /// Every combination; the last parameter changes fastest.
  ///
  /// - Throws: `PipelineError` for a range that nobody has counted, and for too many settings.
  public func grid() throws -> [[String]] {
    for axis in axes {
      if case .range(let range) = axis.choice, range.count == nil { _ = try axis.gridValues() }
    }
    var settings: [[String]] = [[]]
    for axis in axes {
      let values = try axis.gridValues()
      guard settings.count * values.count <= Self.most else {
        throw PipelineError(
          "the grid has more than \(Self.most) settings; give fewer values, or draw some with --random N"
        )
      }
      settings = settings.flatMap { setting in values.map { setting + [$0] } }
    }
    return settings
  }

  /// Settings drawn at random, no two of them the same. What is drawn is a function of the seed, of the setting's
  /// number and of the parameter's key alone: more settings begin with the same ones. Of every sixteen in a row, each
  /// parameter has one in every sixteenth of its range (a Latin hypercube: McKay, Beckman and Conover, 1979).
  ///
  /// - Throws: `PipelineError` for a count that is none, that there aren't as many settings for, or for a range that was
  ///   counted.
  public func random(_ count: Int, seed: Int) throws -> [[String]] {
    guard (1...Self.most).contains(count) else {
      throw PipelineError("--random \(count): should be from 1 to \(Self.most)")
    }
    for axis in axes {
      if case .range(let range) = axis.choice, let steps = range.count {
        throw PipelineError(
          "-S \(axis.key): :\(steps) counts the values of a grid, but --random draws from the whole range; leave it out"
        )
      }
    }
    if let size, size < count {
      throw PipelineError(
        "--random \(count): there are only \(size) settings; leave --random out to run all of them")
    }
    var seen: Set<[String]> = []
    var settings: [[String]] = []
    while settings.count < count {
      var setting: [String]?
      // A setting that was there is drawn again, so that chance alone never ends the sweep early.
      for attempt in 0..<1000 where setting == nil {
        let drawn = axes.map { axis in
          axis.value(
            at: attempt == 0
              ? Self.stratified(seed, settings.count, axis.key)
              : Self.place(seed, "\(settings.count) \(attempt) \(axis.key)"))
        }
        if seen.insert(drawn).inserted { setting = drawn }
      }
      guard let setting else {
        throw PipelineError(
          "--random \(count): only \(settings.count) different settings were found; ask for fewer, or leave --random out"
        )
      }
      settings.append(setting)
    }
    return settings
  }

  /// How many settings there are; nil where they can't be counted.
  private var size: Int? {
    var size = 1
    for axis in axes {
      guard let count = axis.count else { return nil }
      let (product, isTooLarge) = size.multipliedReportingOverflow(by: count)
      if isTooLarge { return nil }
      size = product
    }
    return size
  }

  /// Settings in an order drawn by the seed, so that the first of them are spread over all.
  public static func shuffled(_ settings: [[String]], seed: Int) -> [[String]] {
    settings.enumerated().map {
      (place: place(seed, "order \($0.offset)"), index: $0.offset, setting: $0.element)
    }
    .sorted { ($0.place, $0.index) < ($1.place, $1.index) }.map(\.setting)
  }

  /// The place of a draw, in a sixteenth of the range that no other of its sixteen has.
  private static func stratified(_ seed: Int, _ number: Int, _ key: String) -> Double {
    let strata = 16
    let block = number / strata
    let order = (0..<strata).map {
      (place: place(seed, "\(block) \($0) stratum \(key)"), index: $0)
    }
    .sorted { ($0.place, $0.index) < ($1.place, $1.index) }
    let stratum = order[number % strata].index
    return (Double(stratum) + place(seed, "\(number) 0 \(key)")) / Double(strata)
  }

  /// A number from 0 to 1 (exclusive) that belongs to a seed and some words.
  private static func place(_ seed: Int, _ words: String) -> Double {
    let digest = Digest()
    digest.update("\(seed) \(words)")
    let bits = digest.bytes().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Double(bits >> 11) / Double(UInt64(1) << 53)
  }
}
