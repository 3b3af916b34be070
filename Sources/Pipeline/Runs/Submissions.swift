// What is recorded of submissions beside the ledger, so that no run, result or output that one came from is removed.

import Basics
import Foundation

/// What is recorded of submissions by hand: every text beside them in `submissions`. The ledger, in which every
/// submission is recorded, is not among them: it holds a run only where Kaggle has scored what came of it.
enum Submissions {
  /// Names and texts of the records. Prose and the tables themselves record nothing.
  static func records(_ workspace: Workspace) throws -> [(name: String, text: String)] {
    let folder = workspace.url(of: "submissions")
    guard try FolderWalk.entry(at: folder.path) != nil else { return [] }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() } catch {
      throw PipelineError(
        "\(folder.path): can't be listed (\(systemReason(error))), so it is not known which runs the "
          + "recorded submissions need", exit: .failed)
    }
    return try names.filter {
      !$0.hasSuffix(".md") && !$0.hasSuffix(".csv") && $0 != SubmissionLedger.name
    }.compactMap { name in
      let file = folder.appendingPathComponent(name)
      guard case .file(let stamp)? = try FolderWalk.entry(at: file.path), stamp.size < 64 << 20
      else { return nil }
      do { return (name, String(decoding: try Data(contentsOf: file), as: UTF8.self)) } catch {
        throw PipelineError(
          "\(file.path): can't be read (\(systemReason(error))), so it is not known which runs the "
            + "recorded submissions need", exit: .failed)
      }
    }
  }
}
