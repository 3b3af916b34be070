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
      let table = try MaskTable(contentsOf: url, name, of: competition)
      self.init(
        ids: Array(table.ids), source: table.source, facts: [fileFact(url)], origin: name)
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
      return classes.colors == nil
        ? .labelMaps(classes) { files.file(of: $0) }
        : .colourMaps(classes) { files.file(of: $0) }
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

  /// Roughly the same marks: of each class half of what either has marked, or both nothing.
  func isAlike(_ other: Truth) -> Bool {
    func masks(_ truth: Truth) -> [Mask] {
      switch truth {
      case .masks(let masks): masks
      case .labels: []
      case .instances(let map): [map.foreground]
      }
    }
    return zip(masks(self), masks(other)).allSatisfy { one, two in
      var (both, either) = (0, 0)
      for (a, b) in zip(one.pixels, two.pixels) {
        both += Int(a & b)
        either += Int(a | b)
      }
      return 2 * both >= either
    }
  }
}
