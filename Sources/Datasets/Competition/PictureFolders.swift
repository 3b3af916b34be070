// Where pictures were unpacked to, against where params.yaml looks for them.

import Basics
import Foundation
public import Workbench

extension Stage {
  /// Looks whether anything lies where the patterns of params.yaml look for pictures, as far as this stage has unpacked
  /// it. A stage that finds nothing there comes later, and can't say what lies elsewhere.
  ///
  /// - Throws: `StageFailure` that says what lies there instead, and which pattern would fit it.
  public func checkPictureFolders() throws {
    let files = try competition().files
    let patterns: [(key: String, text: String?)] = [
      ("train_images", files.trainImages), ("train_masks", files.trainMasks),
      ("test_images", files.testImages),
    ]
    for case (let key, let text?) in patterns {
      let pattern = try FilePattern(text)
      guard let (output, root) = output(holding: pattern.folder), WholeFile.exists(root) else {
        continue
      }
      let inside = pattern.folder.dropFirst(output.count)
      guard !WholeFile.exists(URL(fileURLWithPath: root.path + inside)) else { continue }
      let folders = Self.foldersWithFiles(root)
      let last = pattern.folder.lastPathName
      let fitting = folders.filter {
        $0.path.lastPathName == last
      }
      let hint =
        fitting.count == 1
        ? "; should it be \(output)/\(fitting[0].path)/\(pattern.name)?" : ""
      let there = folders.prefix(5).map {
        "\($0.path.isEmpty ? "itself" : $0.path) (\($0.files.formatted()) files)"
      }
      throw StageFailure(
        "params.yaml: competition.files.\(key): \(text): there is no \(pattern.folder); \(output) holds "
          + (there.isEmpty ? "nothing" : there.joined(separator: ", ")) + hint, exit: .badInput)
    }
  }

  /// The declared output that a folder is or lies in, and where it is written; nil where it lies elsewhere.
  private func output(holding folder: String) -> (path: String, place: URL)? {
    let parts = folder.pathNames
    // The shortest, for asking for what lies inside makes folders.
    return (1...max(1, parts.count)).lazy.compactMap { count in
      let path = parts.prefix(count).joined(separator: "/")
      return (try? self.output(path)).map { (path, $0) }
    }.first
  }

  /// Folders below one in which files lie, with how many, in order.
  private static func foldersWithFiles(_ root: URL) -> [(path: String, files: Int)] {
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root.path)) ?? []
    var counts: [String: Int] = [:]
    for path in paths {
      guard path.lastPathName.contains(".") else { continue }
      counts[path.pathFolder, default: 0] += 1
    }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
