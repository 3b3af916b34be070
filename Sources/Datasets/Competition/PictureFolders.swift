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
      guard let output = Self.output(holding: pattern.folder), let root = try? self.output(output),
        WholeFile.exists(root)
      else { continue }
      let inside = pattern.folder.dropFirst(output.count)
      guard !WholeFile.exists(URL(fileURLWithPath: root.path + inside)) else { continue }
      let folders = Self.foldersWithFiles(root)
      let last = (pattern.folder as NSString).lastPathComponent
      let fitting = folders.filter { ($0.path as NSString).lastPathComponent == last }
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

  /// The output of unpacking that a folder lies in; nil where it is somewhere else.
  private static func output(holding folder: String) -> String? {
    ["data/train", "data/test", "data/tables"].first { folder.hasPrefix($0 + "/") }
  }

  /// Folders below one in which files lie, with how many, in order.
  private static func foldersWithFiles(_ root: URL) -> [(path: String, files: Int)] {
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root.path)) ?? []
    var counts: [String: Int] = [:]
    for path in paths where !(path as NSString).pathExtension.isEmpty {
      counts[(path as NSString).deletingLastPathComponent, default: 0] += 1
    }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
