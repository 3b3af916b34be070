// Which files and rows hold the truth about the training images, by params.yaml.

import Basics
import Foundation
import Imaging
import Workbench

/// The source of truth of a competition, and what it depends on.
struct TargetFiles {
  /// Images of which something is known.
  var ids: [String]
  var source: TruthSource
  /// The masks' files; none where they come from a table.
  var paths: Set<String> = []
  /// The files with their sizes and times, as text.
  var facts: [String]
  /// The pattern or table, for errors.
  var origin: String

  /// - Throws: `StageFailure`, `InputError`.
  init(of competition: Competition, in stage: Stage) throws {
    if let pattern = competition.files.trainMasks {
      let files = try stage.patternFiles(pattern, classes: competition.classNames)
      self.init(
        ids: files.ids, source: try Self.source(files, of: competition),
        facts: files.matches.map { fileFact(files.root.appendingPathComponent($0.path)) },
        origin: pattern)
      paths = files.paths
    } else {
      let name = competition.files.trainTable ?? ""
      let url = try stage.input(name)
      let (rows, ids) = try Self.rows(CSV(contentsOf: url), name, of: competition)
      self.init(
        ids: ids, source: Self.source(rows, of: competition), facts: [fileFact(url)], origin: name)
    }
  }

  private init(ids: [String], source: TruthSource, facts: [String], origin: String) {
    self.ids = ids
    self.source = source
    self.facts = facts
    self.origin = origin
  }

  private static func source(_ files: PatternFiles, of competition: Competition) throws
    -> TruthSource
  {
    let marking = competition.mask?.marking ?? .nonzero
    let isMany = files.pattern.isMany
    switch competition.targets {
    case .labels:
      guard let classes = competition.classes else {
        throw StageFailure("params.yaml: competition.classes: is missing", exit: .badInput)
      }
      return .labelMaps(classes) { files.file(of: $0) }
    case .instances:
      return isMany
        ? .instanceFiles(marking: marking) { files.files(of: $0).map(\.url) }
        : .instanceMap { files.file(of: $0) }
    case .mask:
      let names = competition.classNames
      return .maskFiles(
        expected: competition.image.size, marking: marking, classes: names.count
      ) { id in
        // By a file that isn't there, a missing mask is told with its path.
        let found = files.files(of: id)
        return try found.map { file in
          guard let name = file.className else { return (file.url, 0) }
          guard let index = names.firstIndex(of: name) else {
            throw ImageSetError(
              id: id, problem: "\(file.url.path): “\(name)” is not among competition.classes.names")
          }
          return (file.url, index)
        }
      }
    }
  }

  /// The rows of a table by image, and the images in it.
  /// - Throws: `InputError`, `StageFailure` with the line.
  static func rows(_ table: CSV, _ name: String, of competition: Competition) throws -> (
    [String: [TruthSource.Row]], ids: [String]
  ) {
    let columns = competition.columns
    let names = competition.classNames
    let classes = try columns.class.flatMap {
      table.columns.contains($0) ? try table.column($0) : nil
    }
    var rows: [String: [TruthSource.Row]] = [:]
    let texts = try table.column(columns.mask)
    for (index, name) in try table.column(columns.id).enumerated() {
      func fail(_ problem: String) -> StageFailure {
        StageFailure("\(table.name):\(table.lines[index]): \(problem)", exit: .badInput)
      }
      let parts: (id: String, classIndex: Int)
      if let classes {
        // A row without class, as Kaggle's tables have it for images without a mark.
        guard !classes[index].isEmpty else {
          rows[name, default: []] += []
          continue
        }
        guard let found = names.firstIndex(of: classes[index]) else {
          throw fail(
            "“\(classes[index])” is not among competition.classes.names: \(names.joined(separator: ", "))"
          )
        }
        parts = (name, found)
      } else {
        guard let found = competition.rows.parts(of: name, classes: names) else {
          throw fail(
            "“\(name)” isn't an image and class as competition.submission.row says: \(competition.rows.row ?? "{id}")"
          )
        }
        parts = found
      }
      rows[parts.id, default: []].append(.init(text: texts[index], classIndex: parts.classIndex))
    }
    return (rows, Array(rows.keys))
  }

  static func source(_ rows: [String: [TruthSource.Row]], of competition: Competition)
    -> TruthSource
  {
    let allowsMissing = competition.missingMasks == .empty
    return competition.targets == .instances
      ? .instanceTable(rows, competition.rle, allowsMissing: allowsMissing)
      : .table(
        rows, competition.rle, classes: competition.classNames.count, allowsMissing: allowsMissing)
  }
}

extension Truth {
  /// The same marks: of instances, in whatever order.
  func isSame(as other: Truth) -> Bool {
    guard case .instances(let one) = self, case .instances(let two) = other else {
      return self == other
    }
    guard one.count == two.count else { return false }
    // Each label of one goes with one of the other, wherever it stands.
    var partner: [UInt32: UInt32] = [0: 0]
    var back: [UInt32: UInt32] = [0: 0]
    for (a, b) in zip(one.labels, two.labels) {
      if partner[a, default: b] != b || back[b, default: a] != a { return false }
      partner[a] = b
      back[b] = a
    }
    return true
  }
}
