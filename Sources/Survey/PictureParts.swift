// Which families of pictures are the training images, their masks and the test images, and how ids stand in
// their names.

import Archive
import Basics
import Foundation

/// The families of pictures and their parts.
struct PictureParts {
  /// Images and their ids.
  struct Images {
    var family: PictureFamily
    var ids: IDPattern
  }

  var train: Images
  var test: Images
  var masks: (family: PictureFamily, pattern: MaskPattern)?
  /// Families that have no part.
  var unused: [PictureFamily] = []

  /// Tells the families apart, by words in their names, and by tables, annotations and other families that name the
  /// same ids.
  ///
  /// - Throws: `InputError` with what was found.
  init(_ files: ServedFiles, _ tables: ServedTables) throws {
    let families = files.archives.flatMap(PictureFamily.families)
    guard !families.isEmpty else {
      let archives = files.archives.map {
        "\($0.name) (\($0.entries.count) files, such as \($0.entries.first?.path ?? "none"))"
      }
      throw InputError(
        "\(files.folder.path): no archive holds pictures of a format that is read: "
          + archives.joined(separator: ", "))
    }
    var images: [PictureFamily] = []
    var tests: [PictureFamily] = []
    var masks: [PictureFamily] = []
    let mixed = Self.archivesOfAll(families)
    for family in families {
      let words = mixed.contains(family.archive) ? family.folderWords : family.words
      let isTest = Self.isTest(family, words)
      let isMask =
        Words.meanMasks(words)
        || family.files.first.flatMap { Words.maskEnding(of: $0.name) } != nil
      if isMask, !isTest {
        masks.append(family)
      } else if isMask {
        unused.append(family)
      } else if isTest {
        tests.append(family)
      } else {
        images.append(family)
      }
    }
    func largest(_ families: [PictureFamily]) -> PictureFamily? {
      families.max { ($0.files.count, $1.title) < ($1.files.count, $0.title) }
    }
    let list = families.map { "\($0.title) (\($0.files.count))" }.joined(separator: ", ")
    guard let train = largest(images) else {
      throw InputError(
        "\(files.folder.path): no training images among the pictures: \(list). Their archive's or folder's name should "
          + "not speak of test or masks")
    }
    tests = PictureFamily.joined(tests, like: train)
    guard let test = largest(tests) else {
      throw InputError(
        "\(files.folder.path): no test images among the pictures: \(list). The name of their archive or folder should "
          + "begin with “test”")
    }
    let (ids, found): (IDPattern, (family: PictureFamily, pattern: MaskPattern)?) = Self.match(
      train, masks: masks, tables)
    self.train = Images(family: train, ids: ids)
    self.masks = found
    self.test = Images(family: test, ids: Self.match(test, tables, like: ids))
    for family in images + tests + masks
    where family != train && family != test && family != found?.family { unused.append(family) }
  }

  /// Archives whose folders tell of a test set beside other pictures: such an archive is called as the competition
  /// is, of which “segmentation” says nothing about masks.
  private static func archivesOfAll(_ families: [PictureFamily]) -> Set<String> {
    let byArchive = Dictionary(grouping: families, by: \.archive)
    return Set(
      byArchive.filter { _, own in
        let tests = own.count { isTest($0, $0.folderWords) }
        return tests > 0 && tests < own.count
      }.keys)
  }

  /// Whether a family is of the test set, by words for it or, where these say nothing, by the files' own names.
  private static func isTest(_ family: PictureFamily, _ words: Set<String>) -> Bool {
    guard !Words.meanTraining(words) else { return false }
    return Words.meanTest(words) || family.files.allSatisfy { Words.meanTest(Words.of($0.name)) }
  }

  /// The reading of the training images' ids that most masks, or most rows of a table, fit.
  private static func match(
    _ family: PictureFamily, masks: [PictureFamily], _ tables: ServedTables
  ) -> (IDPattern, (family: PictureFamily, pattern: MaskPattern)?) {
    let candidates = IDPattern.candidates(of: family)
    var best: (ids: IDPattern, masks: (PictureFamily, MaskPattern)?, score: Double)?
    for candidate in candidates {
      let ids = Set(candidate.ids)
      let found = masks.compactMap { mask in MaskPattern(of: mask, ids: ids).map { (mask, $0) } }
        .max { $0.1.files.count < $1.1.files.count }
      let share = found.map { Double($0.1.files.count) / Double(ids.count) } ?? 0
      let table = tables.tables.compactMap { $0.idColumn(among: ids)?.share }.max() ?? 0
      let annotated = tables.annotations.map { $0.share(of: ids) }.max() ?? 0
      let score = share + table + annotated
      if score > best?.score ?? -1 { best = (candidate, found, score) }
    }
    guard let best else { return (IDPattern(text: "*", ids: family.files.map(\.path)), nil) }
    return (best.ids, best.masks)
  }

  /// The reading of the test images' ids that the sample submission fits; where it fits none, the one that is
  /// like the training images'.
  private static func match(
    _ family: PictureFamily, _ tables: ServedTables, like ids: IDPattern
  ) -> IDPattern {
    let model = ids.text.pathNames.last
    let candidates = IDPattern.candidates(of: family, like: model)
    var best: (ids: IDPattern, share: Double)?
    for candidate in candidates {
      let share =
        SampleFacts.find(among: tables.tables, ids: Set(candidate.ids))?.share ?? 0
      if share > best?.share ?? 0 { best = (candidate, share) }
    }
    return best?.ids ?? candidates.first ?? IDPattern(text: "*", ids: family.files.map(\.path))
  }
}
