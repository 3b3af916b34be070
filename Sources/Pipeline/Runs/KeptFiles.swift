// Copies of small outputs in a run's folder: what the key `keep` of a header names, such as a table of
// scores. An output is replaced by the next run; its copy stays with the run that made it.

import Basics
import Foundation

struct KeptFiles {
  /// Bytes of a file at most: a thousand runs with one each take no more than 4 GB.
  static let largest: Int64 = 4 << 20

  private let workspace: Workspace
  private let folder: RunFolder

  init(_ workspace: Workspace, _ folder: RunFolder) {
    self.workspace = workspace
    self.folder = folder
  }

  /// Copies what an instance keeps.
  ///
  /// - Returns: what was copied, and why others were not.
  func keep(_ instance: Instance) throws -> (kept: [String], notices: [String]) {
    var kept: [String] = []
    var notices: [String] = []
    for path in instance.kept {
      switch try FolderWalk.entry(at: workspace.url(of: path).path) {
      case .file(let stamp) where stamp.size <= Self.largest:
        let copy = folder.kept(instance.name).appendingPathComponent(path)
        try WholeFile.makeFolder(copy.deletingLastPathComponent())
        try WholeFile.write(Data(contentsOf: workspace.url(of: path)), to: copy, flushed: false)
        kept.append(path)
      case .file(let stamp):
        notices.append(
          "\(path) is not kept with the run: it has \(stamp.size) bytes, and \(Self.largest) are the limit"
        )
      case .folder:
        notices.append("\(path) is not kept with the run: it is a folder; name its files")
      case nil:
        notices.append("\(path) is not kept with the run: \(instance.name) did not write it")
      }
    }
    return (kept, notices)
  }
}
