// Removing runs: never what a recorded submission needs, nor without being told twice what pages, logs and
// metrics of the present outputs come from.

import Basics
import Foundation

extension RunHistory {
  /// Why a run should stay, in words; empty where nothing speaks for it.
  public struct Claims: Sendable, Equatable {
    /// What no force overrides: it goes on, or a submission comes from it that is recorded by hand, or that Kaggle has
    /// scored.
    public var firm: [String] = []
    /// What `force` overrides: other submissions, tags, a note, outputs that are in place.
    public var soft: [String] = []
  }

  /// Looks at what needs a run.
  ///
  /// - Throws: `PipelineError` where `submissions`, or the ledger in it, can't be read.
  public func claims(on id: String) throws -> Claims {
    var claims = Claims()
    let record = RunRecord.read(folder(id).json)
    if let record, record.ended == nil,
      WorkspaceOwner.look(workspace.owner) == .running(process: record.process ?? -1)
    {
      claims.firm.append("it goes on")
    }
    let hashes = record?.instances.flatMap { ($0.outputs ?? [:]).values.map(\.hash) } ?? []
    for (name, text) in try Submissions.records(workspace)
    where text.contains(id) || hashes.contains(where: text.contains) {
      claims.firm.append("a submission recorded in submissions/\(name) comes from it")
    }
    for entry in try SubmissionLedger(workspace).entries
    where entry.run == id || entry.estimate?.run == id || entry.blend?[id] != nil {
      if entry.isScored {
        claims.firm.append("submission \(entry.number), which Kaggle has scored, comes from it")
      } else {
        claims.soft.append("submission \(entry.number) comes from it")
      }
    }
    let current = LatestRuns(workspace.latest).instances(of: id)
    if !current.isEmpty {
      claims.soft.append(
        "the outputs of \(current.joined(separator: ", ")) that are in place come from it")
    }
    let label = label(of: id)
    if !label.tags.isEmpty {
      claims.soft.append("it has the tag \(label.tags.joined(separator: ", "))")
    }
    if label.note != nil { claims.soft.append("it has a note") }
    return claims
  }

  /// Removes runs, all or none.
  ///
  /// - Returns: bytes that this gives back.
  /// - Throws: `PipelineError` with what speaks for which run.
  public func remove(_ ids: [String], force: Bool = false) throws -> Int64 {
    var refusals: [String] = []
    for id in ids {
      let claims = try claims(on: id)
      if !claims.firm.isEmpty {
        refusals.append("\(id) stays: \(claims.firm.joined(separator: "; "))")
      } else if !force, !claims.soft.isEmpty {
        refusals.append(
          "\(id): \(claims.soft.joined(separator: "; ")) (--force removes it anyway)")
      }
    }
    guard refusals.isEmpty else {
      throw PipelineError("nothing is removed:\n  " + refusals.joined(separator: "\n  "))
    }
    try sweepRemoved()
    var size: Int64 = 0
    for id in Set(ids) {
      size += DiskUse.bytes(of: folder(id).url)
      // Gone from the list at once, whatever becomes of the rest.
      let gone = workspace.runs.appendingPathComponent(".removed-\(id)", isDirectory: true)
      guard rename(folder(id).url.path, gone.path) == 0 else {
        throw PipelineError.system("can't be removed", folder(id).url.path, code: errno)
      }
      try WholeFile.remove(gone)
    }
    return size
  }

  /// What a removal that was killed left.
  private func sweepRemoved() throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: workspace.runs.path)) ?? []
    for name in names where name.hasPrefix(".removed-") {
      try WholeFile.remove(workspace.runs.appendingPathComponent(name))
    }
  }
}
