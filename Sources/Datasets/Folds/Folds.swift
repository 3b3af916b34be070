// Which image belongs to which fold: every fold holds about as many images of each class of
// coverage and depth, and images that are the same stay together.

public import Basics
public import Foundation
import Imaging
public import Workbench

/// How to divide images into folds, as in the section `folds` of params.yaml.
public struct FoldSettings: Sendable, Equatable, Codable {
  /// Number of folds, 2 or more.
  public var count: Int
  /// Classes of coverage beside "empty".
  public var coverageClasses: Int
  /// Classes of depth; 1 leaves depths aside.
  public var depthQuantiles: Int
  /// Runs of images, in the order of their ids, that each group is cut into; nil: a group stays whole.
  public var blocks: Int?
  /// What becomes of tiles whose borders go on in each other; nil: they are ignored.
  public var neighbours: Neighbours?

  /// What can become of neighbouring tiles.
  public enum Neighbours: String, NamedChoice {
    /// They aren't looked for.
    case ignore
    /// They share a fold.
    case together
  }

  /// Settings as they are.
  public init(
    count: Int, coverageClasses: Int = 10, depthQuantiles: Int = 4, blocks: Int? = nil,
    neighbours: Neighbours? = nil
  ) {
    self.blocks = blocks
    self.neighbours = neighbours
    self.count = count
    self.coverageClasses = coverageClasses
    self.depthQuantiles = depthQuantiles
  }
}

/// The fold of every image, 0..<count. An image of fold k is never trained on by model k.
public struct Folds: Sendable, Equatable {
  /// Number of folds.
  public let count: Int
  /// The ids, in the order of the table.
  public let ids: [String]
  /// The fold of each of `ids`.
  public let folds: [Int]

  private init(count: Int, ids: [String], folds: [Int]) {
    self.count = count
    self.ids = ids
    self.folds = folds
  }

  /// The images of one fold, as indices into a set: what model `fold` is validated on.
  ///
  /// - Throws: `FoldsError` where there is no such fold, `ImageSetError` where an image isn't in the set.
  public func images(of fold: Int, in set: ImageSet) throws -> [Int] {
    try indices(in: set, fold) { $0 == fold }
  }

  /// The images to train model `fold` on, and those to validate it on, as indices into a set.
  ///
  /// - Throws: `FoldsError` where there is no such fold, `ImageSetError` where an image isn't in the set.
  public func leavingOut(_ fold: Int, of set: ImageSet) throws -> (
    training: [Int], validation: [Int]
  ) {
    (try indices(in: set, fold) { $0 != fold }, try images(of: fold, in: set))
  }

  private func indices(in set: ImageSet, _ fold: Int, where wanted: (Int) -> Bool) throws -> [Int] {
    guard (0..<count).contains(fold) else {
      throw FoldsError(
        path: "folds",
        problem: "there are \(count), so there is no fold \(fold); make them again "
          + "with `work run folds`")
    }
    return try zip(ids, folds).filter { wanted($0.1) }.map { try set.index(of: $0.0) }
  }

  /// Divides the images of a set with masks into folds. A function of ids, images, masks, depths
  /// and seed; the order of ids in the set does not matter.
  ///
  /// Images that are the same sample for sample get the same fold, and so do those of one group and those of a pair. Each class of coverage (within
  /// it, each quantile of the first feature, if there is one) is shuffled and dealt out, each
  /// image to the fold with the fewest of its coverage class, then of all.
  /// - Parameters:
  ///   - groups: the group of each image; nil where there are none.
  ///   - pairs: indices of images that belong together.
  /// - Throws: `SettingError` when there are fewer images or groups than folds, or no masks.
  public init(
    of set: ImageSet, _ settings: FoldSettings, seed: UInt64, groups: [String]? = nil,
    pairs: [(Int, Int)] = []
  ) throws {
    try SettingError.check(
      settings.count >= 2, "folds.count", "is \(settings.count), should be 2 or more")
    try SettingError.check(
      settings.count <= set.count, "folds.count",
      "is \(settings.count), more than the \(set.count) images")
    try SettingError.check(
      (1...1000).contains(settings.coverageClasses), "folds.coverage_classes",
      "is \(settings.coverageClasses), should be from 1 to 1000")
    try SettingError.check(
      (1...1000).contains(settings.depthQuantiles), "folds.depth_quantiles",
      "is \(settings.depthQuantiles), should be from 1 to 1000")
    try SettingError.check(set.hasMasks, "folds", "need masks, the images have none")

    let order = set.ids.indices.sorted { set.ids[$0] < set.ids[$1] }
    let classes = CoverageClass(count: settings.coverageClasses)
    let coverage = set.ids.indices.map {
      classes.index(area: set.area($0), pixels: set.size($0).pixels)
    }
    let depth = Self.quantiles(set, order: order, count: settings.depthQuantiles)

    // Units are images, or images that are the same; each counts as its first member's class.
    var units: [Int: [Int]] = [:]
    let unitOf = Self.units(set, groups, pairs)
    for index in order { units[unitOf[index], default: []].append(index) }
    try SettingError.check(
      units.count >= settings.count, "folds.count",
      "is \(settings.count), but images that are the same, of one group or neighbours share a fold, and there are only "
        + "\(units.count) such groups of images")
    var strata: [[Int]: [[Int]]] = [:]
    for unit in units.values {
      strata[[coverage[unit[0]], depth[unit[0]]], default: []].append(unit)
    }

    var assigned = [Int](repeating: 0, count: set.count)
    var total = [Int](repeating: 0, count: settings.count)
    var ofClass = [[Int]](
      repeating: [Int](repeating: 0, count: settings.count), count: settings.coverageClasses + 1)
    for (key, members) in strata.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      var generator = SeededGenerator(seed: seed, "folds", "\(key[0])", "\(key[1])")
      var members = members.sorted { set.ids[$0[0]] < set.ids[$1[0]] }
      members.shuffle(using: &generator)
      // Large units first, while there is room to even them out.
      let large = members.filter { $0.count > 1 }.sorted { $0.count > $1.count }
      for unit in large + members.filter({ $0.count == 1 }) {
        let fold =
          (0..<settings.count).min {
            (ofClass[key[0]][$0], total[$0], $0) < (ofClass[key[0]][$1], total[$1], $1)
          } ?? 0
        for index in unit {
          assigned[index] = fold
          total[fold] += 1
          ofClass[coverage[index]][fold] += 1
        }
      }
    }
    self.init(
      count: settings.count, ids: order.map { set.ids[$0] }, folds: order.map { assigned[$0] })
  }

  /// For each image, the least index of those that belong together: by group, by pair, and by being the same.
  private static func units(_ set: ImageSet, _ groups: [String]?, _ pairs: [(Int, Int)]) -> [Int] {
    // Two groups with an image in common are one.
    var units = set.firstOfKind()
    func root(_ index: Int) -> Int {
      var index = index
      while units[index] != index { index = units[index] }
      return index
    }
    func join(_ one: Int, _ other: Int) {
      let (one, other) = (root(one), root(other))
      units[max(one, other)] = min(one, other)
    }
    var firstOfGroup: [String: Int] = [:]
    for (index, group) in (groups ?? []).enumerated() {
      join(index, firstOfGroup[group] ?? index)
      if firstOfGroup[group] == nil { firstOfGroup[group] = index }
    }
    for (one, other) in pairs { join(one, other) }
    return units.indices.map(root)
  }

  /// Folds that are given, by the images of a set.
  /// - Throws: `FoldsError` where they aren't numbered from 0 without a gap, or there is only one.
  init(of set: ImageSet, given: [Int], path: String) throws {
    guard let last = given.max(), last >= 1, last < given.count, Set(given).count == last + 1 else {
      throw FoldsError(
        path: path,
        problem: "has the folds \(Set(given).sorted()), should have 0, 1 and so on, two or more")
    }
    let order = set.ids.indices.sorted { set.ids[$0] < set.ids[$1] }
    self.init(count: last + 1, ids: order.map { set.ids[$0] }, folds: order.map { given[$0] })
  }

  /// The quantile of each image's first feature, 0..<count, by rank.
  private static func quantiles(_ set: ImageSet, order: [Int], count: Int) -> [Int] {
    var quantiles = [Int](repeating: 0, count: set.count)
    guard set.featureCount > 0 else { return quantiles }
    let ranked = order.sorted { set.features[$0][0] < set.features[$1][0] }
    for (rank, index) in ranked.enumerated() { quantiles[index] = rank * count / set.count }
    return quantiles
  }
}

extension Folds {
  /// Writes the table as CSV with the columns `id` and `fold`, a line an image, whole or not at all.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public func write(to url: URL) throws {
    try CSV(columns: ["id", "fold"], rows: zip(ids, folds).map { [$0, "\($1)"] }).write(to: url)
  }

  /// Reads a table with the columns `id` and `fold`; others are left aside.
  /// - Parameter known: the ids that there are; each must have a fold, and no other id may.
  /// - Throws: `InputError` where this is no table, `FoldsError` with the line at fault.
  public init(contentsOf url: URL, known: [String]? = nil) throws {
    let table = try CSV(contentsOf: url)
    func fail(_ problem: String, line: Int? = nil) -> FoldsError {
      FoldsError(path: url.path + (line.map { ":\($0)" } ?? ""), problem: problem)
    }
    for name in ["id", "fold"] where !table.columns.contains(name) {
      throw fail(
        "has no column \"\(name)\", only \(table.columns.joined(separator: ", "))", line: 1)
    }
    let allowed = known.map(Set.init)
    var seen: [String: Int] = [:]
    var folds: [Int] = []
    let ids = try table.column("id")
    for (line, (id, text)) in zip(table.lines, zip(ids, try table.column("fold"))) {
      if let before = seen.updateValue(line, forKey: id) {
        throw fail("the id \"\(id)\" is in line \(before) already", line: line)
      }
      if let allowed, !allowed.contains(id) {
        throw fail("no image has the id \"\(id)\"", line: line)
      }
      guard let fold = Int(text), (0..<table.rows.count).contains(fold) else {
        throw fail(
          "the fold \"\(text)\" is not a whole number from 0 and below the number of images",
          line: line)
      }
      folds.append(fold)
    }
    if let missing = known?.first(where: { seen[$0] == nil }) {
      throw fail("has no line for the image \(missing)")
    }
    let count = (folds.max() ?? -1) + 1
    let used = Set(folds)
    guard count >= 2, used.count == count else {
      throw fail("has no image in fold \((0..<max(count, 2)).first { !used.contains($0) } ?? 0)")
    }
    self.init(count: count, ids: ids, folds: folds)
  }
}

/// A table of folds that cannot be used, and why.
public struct FoldsError: Failing, Sendable, Equatable {
  /// The file, with the line where there is one.
  public let path: String
  /// What is wrong.
  public let problem: String
  /// Running again won't help.
  public var exit: ExitCode { .badInput }
  /// `path: problem`.
  public var description: String { "\(path): \(problem)" }
}

extension Stage {
  /// The classes of coverage by which the folds are balanced, from `folds.coverage_classes`.
  ///
  /// - Throws: `SettingError` where there is none.
  public func coverageClasses() throws -> CoverageClass {
    let count: Int = try parameters("folds.coverage_classes")
    try SettingError.check(count >= 1, "folds.coverage_classes", "is \(count), should be 1 or more")
    return CoverageClass(count: count)
  }

  /// The fold of each image of a set, from data/folds.csv.
  ///
  /// - Throws: `StageFailure` where the header doesn't declare it, `InputError` or `FoldsError` where it
  ///   doesn't fit the images.
  public func folds(of images: ImageSet) throws -> Folds {
    try Folds(contentsOf: input("data/folds.csv"), known: images.ids)
  }
}
