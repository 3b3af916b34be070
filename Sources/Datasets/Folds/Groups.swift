// Images that belong together, such as those of one patient or one sequence, and folds that are given.

import Basics
import Foundation
public import Workbench

extension Stage {
  /// The group of each image of a set, by `competition.groups` or the table `competition.files.groups`; nil
  /// where there are no groups.
  ///
  /// - Throws: `StageFailure` naming an image without a group, `InputError` for a table that can't be used.
  public func groups(of images: ImageSet) throws -> [String]? {
    let competition = try competition()
    if let pattern = competition.groups {
      let form = try GroupPattern(pattern)
      return try images.ids.map { id in
        guard let group = form.group(of: id) else {
          throw StageFailure(
            "image \(id): its id isn't as competition.groups says (\(pattern))", exit: .badInput)
        }
        return group
      }
    }
    guard let file = competition.files.groups else { return nil }
    guard let column = competition.columns.group else {
      throw StageFailure(
        "params.yaml: competition.files.groups names a table, but competition.columns.group no column",
        exit: .badInput)
    }
    let table = try CSV(contentsOf: input(file))
    let groups = Dictionary(
      zip(try table.column(competition.columns.id), try table.column(column)),
      uniquingKeysWith: { first, _ in first })
    return try images.ids.map { id in
      guard let group = groups[id] else {
        throw StageFailure("\(file): no group of the image \(id)", exit: .badInput)
      }
      return group
    }
  }

  /// Tiles of a set whose borders go on in each other, as `folds.neighbours` asks for; nil where it doesn't.
  ///
  /// - Throws: what reading images throws.
  public func neighbours(of images: ImageSet, _ settings: FoldSettings) throws
    -> NeighbouringTiles?
  {
    guard settings.neighbours == .together else { return nil }
    return try neighbours(of: images)
  }

  /// Tiles of a set whose borders go on in each other.
  ///
  /// - Throws: what reading images throws.
  public func neighbours(of images: ImageSet) throws -> NeighbouringTiles {
    let progress = progress(
      "compare borders", total: NeighbouringTiles.comparisons(in: images), unit: "borders")
    return try NeighbouringTiles(in: images, threads: threads) { progress.update(done: $0) }
  }

  /// Divides images into folds as params.yaml says: by a table of its own, or by coverage, depth and groups.
  ///
  /// - Throws: `SettingError`, `FoldsError`, `StageFailure`.
  /// - Parameter neighbours: tiles that are to share a fold.
  public func divide(
    _ images: ImageSet, _ settings: FoldSettings, neighbours: NeighbouringTiles? = nil
  ) throws -> Folds {
    let competition = try competition()
    let groups = try Self.blocks(settings.blocks, of: groups(of: images), images)
    // Read in any case: the header declares it, and what is declared but never read is warned of.
    let seed = try seed()
    guard let file = competition.files.folds else {
      return try Folds(
        of: images, settings, seed: seed, groups: groups,
        pairs: (neighbours?.pairs ?? []).map { ($0.first, $0.second) })
    }
    guard let column = competition.columns.fold else {
      throw StageFailure(
        "params.yaml: competition.files.folds names a table, but competition.columns.fold no column",
        exit: .badInput)
    }
    let table = try CSV(contentsOf: input(file))
    let given = try table.dictionary(competition.columns.id, column)
    let folds = try images.ids.map { id in
      guard let text = given[id], let fold = Int(text), fold >= 0 else {
        throw StageFailure(
          "\(file): the image \(id) has \(given[id].map { "the fold “\($0)”, which is no whole number from 0" } ?? "no fold")",
          exit: .badInput)
      }
      return fold
    }
    let divided = try Folds(of: images, given: folds, path: file)
    if let pair = neighbours?.pairs.first(where: { folds[$0.first] != folds[$0.second] }) {
      warn(
        "\(file): \(images.ids[pair.first]) and \(images.ids[pair.second]), which go on in each other, are in "
          + "two folds, which flatters the score a little")
    }
    try SettingError.check(
      divided.count == settings.count, "folds.count",
      "is \(settings.count), but \(file) has \(divided.count) folds")
    if let groups, let group = Self.split(groups, folds) {
      warn("\(file): images of the group \(group) are in several folds, which flatters the score")
    }
    return divided
  }

  /// Groups cut into runs of images, in the order of their ids.
  private static func blocks(_ count: Int?, of groups: [String]?, _ images: ImageSet) throws
    -> [String]?
  {
    guard let count else { return groups }
    try SettingError.check(
      (1...1_000_000).contains(count), "folds.blocks",
      "is \(count), should be from 1 to a million")
    guard let groups else {
      throw SettingError(
        setting: "folds.blocks",
        problem: "is \(count), but the images have no groups (competition.groups)")
    }
    var blocks = groups
    for (group, members) in Dictionary(grouping: groups.indices, by: { groups[$0] }) {
      let sorted = members.sorted { images.ids[$0] < images.ids[$1] }
      for (place, index) in sorted.enumerated() {
        blocks[index] = "\(group) \(place * count / sorted.count)"
      }
    }
    return blocks
  }

  /// The first group with images in several folds.
  private static func split(_ groups: [String], _ folds: [Int]) -> String? {
    var foldOf: [String: Int] = [:]
    for (group, fold) in zip(groups, folds) {
      if foldOf[group, default: fold] != fold { return group }
      foldOf[group] = fold
    }
    return nil
  }
}

/// A pattern of ids such as "{group}_*".
struct GroupPattern {
  private let before: String
  private let separator: String

  /// - Throws: `StageFailure` where this is no such pattern.
  init(_ pattern: String) throws {
    let parts = pattern.components(separatedBy: "{group}")
    guard parts.count == 2, !parts[0].contains("*"), parts[1].hasSuffix("*"),
      parts[1].count >= 2, !parts[1].dropLast().contains("*")
    else {
      throw StageFailure(
        "params.yaml: competition.groups: \(pattern): should be {group}, a text and *, such as {group}_*",
        exit: .badInput)
    }
    before = parts[0]
    separator = String(parts[1].dropLast())
  }

  /// The group of an id: up to the last place of the separator.
  func group(of id: String) -> String? {
    guard id.hasPrefix(before) else { return nil }
    let rest = id.dropFirst(before.count)
    guard let range = rest.range(of: separator, options: .backwards),
      range.lowerBound > rest.startIndex
    else { return nil }
    return String(rest[..<range.lowerBound])
  }
}
