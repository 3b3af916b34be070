// Removes what can be made again: pages, leftovers of builds and tools, scratch, and declared outputs where
// that is asked for by name. The lock, the runs and what the ledger of submissions needs stay.

import Basics
import Foundation

/// What a cleaning removes.
public struct Cleaning: Sendable, Equatable, Codable {
  /// A file or folder.
  public struct Item: Sendable, Equatable, Codable {
    /// Relative to the workspace, or absolute where the code lies elsewhere.
    public var path: String
    /// Bytes that this gives back.
    public var bytes: Int64
    /// What it is, and what its loss costs.
    public var meaning: String
  }

  /// Everything that goes.
  public var items: [Item] = []
  /// Bytes that this gives back.
  public var bytes: Int64 { items.reduce(0) { $0 + $1.bytes } }
}

extension Runner {
  /// Lists what could go.
  ///
  /// - Parameters:
  ///   - build: SwiftPM's folder with all compiled programs, too.
  ///   - outputs: stages or instances whose declared outputs go, too.
  /// - Throws: `PipelineError` for a name that is none, and for an output that a recorded submission needs.
  public func cleaning(build: Bool = false, outputs: [String] = []) throws -> Cleaning {
    var cleaning = Cleaning()
    func add(_ url: URL, _ meaning: String) {
      guard WholeFile.exists(url) else { return }
      let root = workspace.root.path + "/"
      let path = url.path.hasPrefix(root) ? String(url.path.dropFirst(root.count)) : url.path
      cleaning.items.append(.init(path: path, bytes: DiskUse.bytes(of: url), meaning: meaning))
    }
    let work = workspace.work
    add(workspace.pages, "pages; `work open` renders them again")
    add(workspace.scratch, "checkpoints of interrupted stages; these begin anew")
    add(work.appendingPathComponent("images"), "decoded images; stages decode them again")
    add(workspace.pinned, "values that interrupted stages found out")
    add(work.appendingPathComponent("tools"), "leftovers of commands that failed")
    add(work.appendingPathComponent("bundle"), "the bundle; `work bundle` makes it again")
    add(work.appendingPathComponent("build"), "the compiler's output for tools")
    add(workspace.hashes, "the table of file hashes; files are read once more")
    add(workspace.runsIndex, "the index of the table of runs")
    for folder in [work, workspace.runs] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      for name in names.sorted()
      where WholeFile.isTemporary(name) || name.hasPrefix(".removed-") || Self.isHalfABundle(name) {
        add(folder.appendingPathComponent(name), "left by a command that was killed")
      }
    }
    if build {
      add(
        workspace.codeRoot.appendingPathComponent(".build"), "compiled programs; minutes to build")
    }
    guard !outputs.isEmpty else { return cleaning }
    let records = try Submissions.records(workspace)
    let names = try Selection.resolve(outputs, in: graph)
    for instance in graph.instances where names.contains(instance.name) {
      for path in instance.outputs where WholeFile.exists(workspace.url(of: path)) {
        if !records.isEmpty, let hash = try hashes.state(of: path)?.hash,
          let record = records.first(where: { $0.text.contains(hash) })
        {
          throw PipelineError(
            "\(path): stays, since submissions/\(record.name) records it as submitted; nothing is removed"
          )
        }
        add(workspace.url(of: path), "output of \(instance.name)")
      }
    }
    return cleaning
  }

  /// Whether a command that makes, tries or sends a bundle calls so what it is still at.
  private static func isHalfABundle(_ name: String) -> Bool {
    name.hasPrefix(".bundle.") || name.hasPrefix("bundle-") && name.hasSuffix(".zip")
  }

  /// Removes what was listed.
  ///
  /// - Throws: `PipelineError` where a run is going on, or jobs of a cluster work on what would go.
  public func clean(_ cleaning: Cleaning) throws {
    let owner = try WorkspaceOwner(workspace.owner)
    let jobs = JobFolder.all(in: workspace).map(\.instance)
    guard jobs.isEmpty else {
      throw PipelineError(
        "nothing is removed: \(listed(jobs)) \(jobs.count == 1 ? "is a job" : "are jobs") of the cluster, and "
          + "checkpoints would go; `work run` takes the results, `work cancel` cancels",
        exit: .locked)
    }
    try withExtendedLifetime(owner) {
      for item in cleaning.items {
        try WholeFile.remove(
          item.path.hasPrefix("/") ? URL(fileURLWithPath: item.path) : workspace.url(of: item.path))
      }
    }
    hashes.forget()
  }
}
