// Where an image's id stands in the paths of a family of files: patterns such as "{id}/images/{id}.png".

import Foundation

/// A pattern of paths in an archive, and the id of each file.
struct IDPattern: Sendable, Equatable {
  /// With `{id}` in the place of the id, and `*` for what says nothing.
  var text: String
  /// The id of each file, in the family's order.
  var ids: [String]

  /// The ways to read ids out of a family of images, the likeliest first: names without their ending, without
  /// what all names begin and end with, and whole names.
  ///
  /// - Parameter model: the name of another family's files, such as "{id}_rgb.png": where these are called alike,
  ///   that is the likeliest, for one name alone shows nothing.
  static func candidates(of family: PictureFamily, like model: String? = nil) -> [IDPattern] {
    let files = family.files
    guard !files.isEmpty else { return [] }
    if family.hasOwnFolders, Set(files.map(\.folder)).count == files.count {
      let ids = files.map { $0.folder ?? "" }
      return [
        IDPattern(
          text: text(family, folder: "{id}", name: name(of: files, ids, in: family, like: model)),
          ids: ids)
      ]
    }
    let names = files.map(\.name)
    let (before, after) = commonEnds(names)
    var seen: Set<String> = []
    let ending = family.ending.count + 1
    var cuts = [(0, ending), (before, after), (0, after), (before, ending), (0, 0)]
    if let ends = model?.components(separatedBy: "{id}").map(\.count), ends.count == 2 {
      let isAlike = names.allSatisfy { name in
        let middle = name.dropFirst(ends[0]).dropLast(ends[1])
        return !middle.isEmpty
          && model == name.prefix(ends[0]) + "{id}" + name.suffix(ends[1])
      }
      if isAlike { cuts.insert((ends[0], ends[1]), at: 0) }
    }
    return cuts.compactMap { before, after -> IDPattern? in
      let ids = names.map { String($0.dropFirst(before).dropLast(after)) }
      guard seen.insert("\(before) \(after)").inserted, !ids.contains(""),
        Set(ids).count == ids.count
      else { return nil }
      let first = names[0]
      // Whole names keep each its own ending in the id.
      let tail =
        after == ending ? ".\(Self.ending(names))" : String(first.suffix(after))
      return IDPattern(
        text: text(family, folder: "*", name: first.prefix(before) + "{id}" + tail), ids: ids)
    }
  }

  /// The pattern of the files' paths.
  static func text(_ family: PictureFamily, folder: String, name: String) -> String {
    (family.folders.map { $0 ?? folder } + [name]).joined(separator: "/")
  }

  /// What stands for the names of files, each in the folder of its image: the id with what is around it, a
  /// name that all have, or `*`.
  static func name(
    of files: [PictureFamily.File], _ ids: [String], in family: PictureFamily,
    like model: String? = nil
  ) -> String {
    let first = files[0].name
    if let model,
      zip(files, ids).allSatisfy({ $0.name == model.replacingOccurrences(of: "{id}", with: $1) })
    {
      return model
    }
    if files.allSatisfy({ $0.name == first }) { return first }
    if let range = first.range(of: ids[0]) {
      let (before, after) = (first[..<range.lowerBound], first[range.upperBound...])
      if zip(files, ids).allSatisfy({ $0.name == before + $1 + after }) {
        return before + "{id}" + after
      }
    }
    return "*.\(ending(files.map(\.name)))"
  }

  /// The ending as most names have it.
  static func ending(_ names: [String]) -> String {
    var counts: [String: Int] = [:]
    for name in names {
      counts[name.split(separator: ".").last.map(String.init) ?? "", default: 0] += 1
    }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
  }

  /// Characters that all names begin with and end with, as far as a separator: what is shared within a word or
  /// a number is chance.
  private static func commonEnds(_ names: [String]) -> (before: Int, after: Int) {
    guard names.count > 1, let first = names.first else {
      return (0, names.first.map { ending([$0]).count + 1 } ?? 0)
    }
    let shortest = names.map(\.count).min() ?? 0
    var before = first[...]
    var after = first[...]
    for name in names {
      before = before.commonPrefix(with: name)[...]
      after =
        String(String(after.reversed()).commonPrefix(with: String(name.reversed())).reversed())[...]
    }
    let isSeparator: (Character) -> Bool = { "_-. ".contains($0) }
    let front = before.lastIndex(where: isSeparator).map { before[...$0].count } ?? 0
    let back = after.firstIndex(where: isSeparator).map { after[$0...].count } ?? 0
    return front + back < shortest ? (front, back) : (0, back)
  }
}

/// Where the mask files of each image lie.
struct MaskPattern: Sendable, Equatable {
  /// What a file is of.
  enum Part: Sendable, Equatable {
    /// The mask of an image.
    case image
    /// One of an image's instances.
    case instance
    /// One of an image's classes; all of them, sorted.
    case `class`([String])
  }

  /// With `{id}`, and `{class}` or `*`.
  var text: String
  /// What a file is of.
  var part: Part
  /// Indices of the family's files by image.
  var files: [String: [Int]]

  /// How the files of a family belong to images; nil where most don't.
  init?(of family: PictureFamily, ids: Set<String>) {
    if family.hasOwnFolders, let found = Self.inFolders(family, ids) {
      self = found
    } else if let found = Self.byAffixes(family, ids) ?? Self.byParts(family, ids) {
      self = found
    } else {
      return nil
    }
  }

  private init(_ text: String, _ part: Part, _ files: [String: [Int]]) {
    (self.text, self.part, self.files) = (text, part, files)
  }

  private static func inFolders(_ family: PictureFamily, _ ids: Set<String>) -> MaskPattern? {
    var files: [String: [Int]] = [:]
    for (index, file) in family.files.enumerated() {
      if let folder = file.folder, ids.contains(folder) { files[folder, default: []].append(index) }
    }
    guard mostly(files.values.reduce(0) { $0 + $1.count }, of: family.files.count) else {
      return nil
    }
    let names = family.files.map(\.name)
    if files.values.allSatisfy({ $0.count == 1 }) {
      let name = IDPattern.name(
        of: family.files, family.files.map { $0.folder ?? "" }, in: family)
      return MaskPattern(IDPattern.text(family, folder: "{id}", name: name), .image, files)
    }
    let stems = Set(names.map { String($0.dropLast(family.ending.count + 1)) })
    if let classes = Self.classes(stems, files: names.count, images: files.count) {
      return MaskPattern(
        IDPattern.text(family, folder: "{id}", name: "{class}.\(IDPattern.ending(names))"),
        .class(classes), files)
    }
    return MaskPattern(
      IDPattern.text(family, folder: "{id}", name: "*.\(IDPattern.ending(names))"), .instance, files
    )
  }

  /// A file an image, whose name is the id between two texts.
  private static func byAffixes(_ family: PictureFamily, _ ids: Set<String>) -> MaskPattern? {
    let names = family.files.map(\.name)
    guard let first = names.first else { return nil }
    // The longest id in the first name, since a short one may be part of it by chance.
    for id in ids.filter({ first.contains($0) }).sorted(by: { $0.count > $1.count }).prefix(8) {
      guard let range = first.range(of: id) else { continue }
      let (before, after) = (String(first[..<range.lowerBound]), String(first[range.upperBound...]))
      var files: [String: [Int]] = [:]
      for (index, name) in names.enumerated()
      where name.hasPrefix(before) && name.lowercased().hasSuffix(after.lowercased()) {
        let own = String(name.dropFirst(before.count).dropLast(after.count))
        if ids.contains(own) { files[own, default: []].append(index) }
      }
      guard mostly(files.count, of: names.count) else { continue }
      return MaskPattern(
        IDPattern.text(family, folder: "*", name: before + "{id}" + after), .image, files)
    }
    return nil
  }

  /// Several files an image: the id, a separator, and a class or a number.
  private static func byParts(_ family: PictureFamily, _ ids: Set<String>) -> MaskPattern? {
    var files: [String: [Int]] = [:]
    var tails: Set<String> = []
    var separators: Set<Character> = []
    var matched = 0
    for (index, file) in family.files.enumerated() {
      let stem = file.name.dropLast(family.ending.count + 1)
      let cuts = stem.indices.filter { "_-.".contains(stem[$0]) }
      guard let cut = cuts.last(where: { ids.contains(String(stem[..<$0])) }) else { continue }
      files[String(stem[..<cut]), default: []].append(index)
      tails.insert(String(stem[stem.index(after: cut)...]))
      separators.insert(stem[cut])
      matched += 1
    }
    guard mostly(matched, of: family.files.count), separators.count == 1,
      let separator = separators.first
    else { return nil }
    let ending = IDPattern.ending(family.files.map(\.name))
    let isNumbered = tails.allSatisfy { $0.allSatisfy(\.isNumber) }
    if !isNumbered, let classes = classes(tails, files: matched, images: files.count) {
      return MaskPattern(
        IDPattern.text(family, folder: "*", name: "{id}\(separator){class}.\(ending)"),
        .class(classes),
        files)
    }
    return MaskPattern(
      IDPattern.text(family, folder: "*", name: "{id}\(separator)*.\(ending)"), .instance, files)
  }

  /// Names that come back from image to image are those of classes.
  private static func classes(_ names: Set<String>, files: Int, images: Int) -> [String]? {
    names.count <= 64 && images > 1 && files >= max(2, images / 4) * names.count
      ? names.sorted() : nil
  }

  /// Whether at least nine of ten are found.
  private static func mostly(_ count: Int, of all: Int) -> Bool {
    count > 0 && 10 * count >= 9 * all
  }
}
