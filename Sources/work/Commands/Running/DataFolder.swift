// Whether the folder of --data holds something else by now than what was taken from it: what was downloaded once isn't
// fetched again, so a mended file there would change nothing, and nobody would know.

import Basics
import Foundation
import Pipeline

struct DataFolder {
  private let folder: String
  private let workspace: Workspace
  /// What the stage *download* writes.
  private let raw: String?

  init(_ folder: String, _ runner: Runner) {
    (self.folder, workspace) = (folder, runner.workspace)
    raw = runner.graph[Self.stage]?.outputs.first
  }

  private static let stage = "download"

  /// Says so where a run took no notice of the folder, and files in it are others than those in the workspace.
  func check(_ summary: RunSummary) {
    guard let raw,
      summary.results.contains(where: { $0.stage == Self.stage && $0.outcome == .fresh })
    else { return }
    let others = Self.differing(URL(fileURLWithPath: folder), workspace.url(of: raw))
    guard !others.isEmpty else { return }
    Console.warning(
      "--data \(folder): \(others.prefix(3).joined(separator: ", "))\(others.count > 3 ? ", …" : "") "
        + "\(others.count == 1 ? "isn't" : "aren't") what \(raw) has, which the run went by; `work run \(Self.stage) --force "
        + "--data …` takes what is there now")
  }

  /// Names of files that are in both folders and differ.
  private static func differing(_ folder: URL, _ raw: URL) -> [String] {
    let files = FileManager.default
    return ((try? files.contentsOfDirectory(atPath: folder.path)) ?? []).sorted().filter { name in
      let (here, there) = (
        folder.appendingPathComponent(name).resolvingSymlinksInPath(),
        raw.appendingPathComponent(name)
      )
      guard let one = try? files.attributesOfItem(atPath: here.path),
        let other = try? files.attributesOfItem(atPath: there.path),
        one[.type] as? FileAttributeType == .typeRegular,
        other[.type] as? FileAttributeType == .typeRegular
      else { return false }
      guard one[.size] as? Int == other[.size] as? Int else { return true }
      // The copy has the time of the original, or a later one.
      guard let changed = one[.modificationDate] as? Date,
        let taken = other[.modificationDate] as? Date, changed > taken
      else { return false }
      return !files.contentsEqual(atPath: here.path, andPath: there.path)
    }
  }
}
