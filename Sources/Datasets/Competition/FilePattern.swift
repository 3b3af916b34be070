// Patterns of files in params.yaml, and the files that they find.

import Basics
import Foundation
package import Workbench

/// A pattern of files below a folder, such as "data/train/{id}/masks/*.png".
///
/// `{id}` stands for an image's id, at each of its places the same; `{class}` for a class; `*` for any text
/// without a slash. The ending is found in upper and lower case.
struct FilePattern {
  /// A file and what stood for the pattern's parts.
  struct Match {
    var path: String
    var id: String
    var className: String?
  }

  /// The folder in front of all that varies.
  let folder: String
  /// Below the folder.
  let name: String
  private let parts: [[Part]]
  /// Longest first.
  private let classes: [String]

  private enum Part: Equatable {
    case text(String)
    case id, className, any
  }

  /// - Parameter classes: the names that there are: what is none of them is a class only where no file's name
  ///   can be read otherwise.
  /// - Throws: `StageFailure` where this is no pattern of files.
  init(_ pattern: String, classes: [String] = []) throws {
    self.classes = classes.sorted { ($1.count, $0) < ($0.count, $1) }
    let components = pattern.components(separatedBy: "/")
    let fixed = components.dropLast().prefix { !$0.contains("{") && !$0.contains("*") }
    folder = fixed.joined(separator: "/")
    let rest = components.dropFirst(fixed.count)
    name = rest.joined(separator: "/")
    guard !folder.isEmpty, !folder.hasPrefix("/"), name.contains("{id}") else {
      throw StageFailure(
        "params.yaml: competition.files: \(pattern): should be a folder and a file's name that holds {id}",
        exit: .badInput)
    }
    parts = rest.map(Self.parts)
    for case .text(let text) in parts.joined() where text.contains("{") || text.contains("}") {
      throw StageFailure(
        "params.yaml: competition.files: \(pattern): only {id}, {class} and * stand for something in a pattern",
        exit: .badInput)
    }
  }

  private static func parts(_ component: String) -> [Part] {
    var parts: [Part] = []
    var rest = Substring(component)
    let marks: [(String, Part)] = [("{id}", .id), ("{class}", .className), ("*", .any)]
    while !rest.isEmpty {
      if let (mark, part) = marks.first(where: { rest.hasPrefix($0.0) }) {
        parts.append(part)
        rest = rest.dropFirst(mark.count)
      } else {
        let end = marks.compactMap { rest.range(of: $0.0)?.lowerBound }.min() ?? rest.endIndex
        parts.append(.text(String(rest[..<end])))
        rest = rest[end...]
      }
    }
    return parts
  }

  /// Whether the pattern stands for several files of an image.
  var isMany: Bool { parts.joined().contains { $0 == .any || $0 == .className } }

  /// The files below `root`, in order of their paths. Hidden files are left alone.
  /// - Parameter ids: of folders that can't be one of these, nothing is read; nil: any.
  func matches(in root: URL) throws -> [Match] {
    var found: [Match] = []
    func walk(_ url: URL, _ path: String, depth: Int, _ id: String?, _ className: String?) throws {
      let last = depth == parts.count - 1
      for entry in try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
      where !entry.hasPrefix(".") {
        if let bound = way(parts[depth], entry, id, className, last: last) {
          let next = path.isEmpty ? entry : "\(path)/\(entry)"
          if last {
            found.append(Match(path: next, id: bound.id ?? "", className: bound.className))
          } else {
            let folder = url.appendingPathComponent(entry)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
              isFolder.boolValue
            else { continue }
            try walk(folder, next, depth: depth + 1, bound.id, bound.className)
          }
        }
      }
    }
    try walk(root, "", depth: 0, nil, nil)
    return found
  }

  /// The first way in which a name can be a component of the pattern. With an id in front of it, a class is
  /// told by the names that there are: "big_disc" is no "disc" of an image "…_big".
  private func way(
    _ parts: [Part], _ entry: String, _ id: String?, _ className: String?, last: Bool
  ) -> (id: String?, className: String?)? {
    if className == nil, parts.contains(.className) {
      for known in classes {
        if let way = bind(parts[...], entry[...], id, known, last: last).first { return way }
      }
    }
    return bind(parts[...], entry[...], id, className, last: last).first
  }

  /// The ways in which a name can be a component of the pattern; the shortest ids first.
  private func bind(
    _ parts: ArraySlice<Part>, _ text: Substring, _ id: String?, _ className: String?, last: Bool
  ) -> [(id: String?, className: String?)] {
    guard let part = parts.first else { return text.isEmpty ? [(id, className)] : [] }
    let rest = parts.dropFirst()
    switch part {
    case .text(let wanted):
      let isEnding = last && rest.isEmpty
      guard text.hasPrefix(wanted) || isEnding && text.lowercased() == wanted.lowercased() else {
        return []
      }
      return bind(rest, text.dropFirst(wanted.count), id, className, last: last)
    case .id where id != nil:
      guard let id, text.hasPrefix(id) else { return [] }
      return bind(rest, text.dropFirst(id.count), id, className, last: last)
    case .className where className != nil:
      guard let className, text.hasPrefix(className) else { return [] }
      return bind(rest, text.dropFirst(className.count), id, className, last: last)
    case .id, .className, .any:
      // As much as it can: a class that stands behind an id holds no more than it must.
      for end in [text.endIndex] + text.indices.reversed() {
        let ways = taking(part, text, upTo: end, rest, id, className, last: last)
        if !ways.isEmpty { return ways }
      }
      return []
    }
  }

  private func taking(
    _ part: Part, _ text: Substring, upTo end: Substring.Index, _ rest: ArraySlice<Part>,
    _ id: String?, _ className: String?, last: Bool
  ) -> [(id: String?, className: String?)] {
    let taken = String(text[..<end])
    guard !taken.isEmpty || part == .any else { return [] }
    return bind(
      rest, text[end...], part == .id ? taken : id, part == .className ? taken : className,
      last: last)
  }

  /// The file of an image, below `root`, for errors about one that isn't there.
  func example(id: String) -> String {
    name.replacingOccurrences(of: "{id}", with: id)
  }
}

/// The files of a pattern, by image.
package struct PatternFiles {
  let pattern: FilePattern
  let root: URL
  /// Every file, in order of the paths.
  let matches: [FilePattern.Match]
  private let places: [String: [Int]]

  init(_ pattern: FilePattern, in root: URL) throws {
    self.init(pattern, root, try pattern.matches(in: root))
  }

  private init(_ pattern: FilePattern, _ root: URL, _ matches: [FilePattern.Match]) {
    self.pattern = pattern
    self.root = root
    self.matches = matches
    places = Dictionary(grouping: matches.indices) { matches[$0].id }
  }

  /// Where the files lie.
  var paths: Set<String> { Set(matches.map { root.appendingPathComponent($0.path).path }) }

  /// All but the files at some paths: masks may lie beside their images, and look like images by their names.
  func without(_ paths: Set<String>) -> PatternFiles {
    PatternFiles(
      pattern, root, matches.filter { !paths.contains(root.appendingPathComponent($0.path).path) })
  }

  /// Sorted.
  package var ids: [String] { places.keys.sorted() }

  /// The files of an image, in order.
  package func files(of id: String) -> [(url: URL, className: String?)] {
    (places[id] ?? []).map {
      (root.appendingPathComponent(matches[$0].path), matches[$0].className)
    }
  }

  /// The file of an image, or where it should be.
  func file(of id: String) -> URL {
    files(of: id).first?.url ?? root.appendingPathComponent(pattern.example(id: id))
  }
}

extension Stage {
  /// The files of a pattern of params.yaml.
  ///
  /// - Parameter classes: the competition's classes, where the pattern has `{class}`.
  /// - Throws: `StageFailure` where the folder lies in no declared input or isn't there, holds no such file,
  ///   or two files of one image where there should be one.
  package func patternFiles(_ text: String, classes: [String] = []) throws -> PatternFiles {
    let pattern = try FilePattern(text, classes: classes)
    let folder = try input(pattern.folder)
    let files = try PatternFiles(pattern, in: folder)
    guard !files.matches.isEmpty else {
      throw StageFailure(
        "\(folder.path): holds no file that matches \(pattern.name) (competition.files in params.yaml)",
        exit: .badInput)
    }
    if !pattern.isMany, let id = files.ids.first(where: { files.files(of: $0).count > 1 }) {
      let both = files.files(of: id).map(\.url.path).joined(separator: " and ")
      throw StageFailure("image \(id): there are two files of it: \(both)", exit: .badInput)
    }
    return files
  }
}
