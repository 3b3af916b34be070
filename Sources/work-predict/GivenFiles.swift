// Where the competition's files lie that the program is given: at Kaggle a folder with everything, or the images by
// themselves. In the workspace each has its path below `data`; here its end is looked for.

import Basics
import Foundation

/// The folder that `--images` names.
struct GivenFiles {
  let folder: URL

  /// - Throws: `InputError` where there is no such folder.
  init(_ path: String) throws {
    folder = URL(fileURLWithPath: path, isDirectory: true).standardizedFileURL
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw InputError("--images \(path): is no folder") }
  }

  /// The table of a path in the workspace: `data/tables/a.csv` may be that, `tables/a.csv` or `a.csv` here.
  func table(_ path: String) -> URL? {
    Self.ends(of: path).dropLast().map(folder.appendingPathComponent)
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The folders that may be one of the workspace's, the most particular first; the last one is the folder itself.
  func folders(_ path: String) -> [URL] {
    Self.ends(of: path).map { $0.isEmpty ? folder : folder.appendingPathComponent($0) }
      .filter { url in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
          && isFolder.boolValue
      }
  }

  /// `a/b/c`, `b/c`, `c` and nothing.
  static func ends(of path: String) -> [String] {
    let parts = path.split(separator: "/")
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
