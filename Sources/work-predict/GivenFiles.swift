// Where the competition's files lie that the program is given: at Kaggle a folder with everything, or the images by
// themselves. In the workspace each has its path below `data`; here its end is looked for, and the name of the archive
// that *unzip* took it from, since Kaggle shows archives as folders.

import Basics
import Foundation

/// The folder that `--images` names.
struct GivenFiles {
  let folder: URL
  private let places: [(archive: String, folder: String)]

  /// - Parameter places: folders below `data` by the name of an archive, or of a part of one.
  /// - Throws: `InputError` where there is no such folder.
  init(_ path: String, places: [String: String]) throws {
    self.places = places.filter { !$0.key.contains("*") }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
    folder = URL(fileURLWithPath: path, isDirectory: true).standardizedFileURL
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw InputError("--images \(path): is no folder") }
  }

  /// The table of a path in the workspace: `data/tables/a.csv` may be that, `tables/a.csv` or `a.csv` here.
  func table(_ path: String) -> URL? {
    names(of: path).filter { !$0.isEmpty }.map(folder.appendingPathComponent)
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The folders that may be one of the workspace's, the most particular first; the last one is the folder itself.
  func folders(_ path: String) -> [URL] {
    names(of: path).map { $0.isEmpty ? folder : folder.appendingPathComponent($0) }
      .filter { url in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
          && isFolder.boolValue
      }
  }

  /// Where a path of the workspace may lie below the folder, the most particular first; empty for the folder itself.
  func names(of path: String) -> [String] {
    let inside = path.hasPrefix("data/") ? String(path.dropFirst(5)) : path
    var names = Self.ends(of: path)
    for (archive, folder) in places where inside == folder || inside.lies(inFolder: folder) {
      let rest = inside.dropFirst(folder.count)
      let parts = archive.pathNames
      // `all.zip/test` may be shown as `all/test`, or as `test`.
      guard let first = parts.first?.withoutNameEnding else { continue }
      for name in [[first] + parts.dropFirst(), Array(parts.dropFirst())] where !name.isEmpty {
        let candidate = name.joined(separator: "/") + rest
        if !names.contains(candidate) { names.insert(candidate, at: names.count - 1) }
      }
    }
    return names
  }

  /// `a/b/c`, `b/c`, `c` and nothing.
  private static func ends(of path: String) -> [String] {
    let parts = path.pathNames
    return (0...parts.count).map { parts[$0...].joined(separator: "/") }
  }

  /// A pattern of files, cut where its parts begin to vary: `data/test` and `{id}/image.png`.
  static func cut(_ pattern: String) -> (folder: String, name: String) {
    let parts = pattern.components(separatedBy: "/")
    let fixed = parts.dropLast().prefix { !$0.contains("{") && !$0.contains("*") }
    return (
      fixed.joined(separator: "/"), parts.dropFirst(fixed.count).joined(separator: "/")
    )
  }
}
