// Where things lie: the folder with the code, the folder with the data, and the places in both that the
// runner uses. They are the same folder but for the demo, whose data stays below `.work/demo`.

import Basics
public import Foundation

/// The two roots of a workspace and the paths below them.
public struct Workspace: Sendable, Equatable {
  /// The folder with Package.swift, Sources and stages.
  public let codeRoot: URL
  /// The folder with params.yaml, data, work.lock, submissions and .work; a stage's current folder.
  public let root: URL

  /// Names the two roots.
  public init(codeRoot: URL, root: URL) {
    self.codeRoot = codeRoot.resolvingSymlinksInPath()
    self.root = root.resolvingSymlinksInPath()
  }

  /// Finds the workspace around a folder, upwards: the first folder with `params.yaml`, and from there
  /// the first with `stages`.
  ///
  /// - Parameters:
  ///   - folder: where to begin.
  ///   - root: a workspace root apart from the code, with its own params.yaml; the code is then searched
  ///     from `root` upwards, else from `folder`.
  /// - Throws: `PipelineError` where there is none.
  public static func find(from folder: URL, root: URL? = nil) throws -> Workspace {
    if let root {
      guard exists(root, "params.yaml") else {
        throw PipelineError("\(root.path): no params.yaml there, so it is no workspace")
      }
      for start in [root, folder] {
        if let code = first(upwards: start, holding: "stages") {
          return Workspace(codeRoot: code, root: root)
        }
      }
      throw PipelineError(
        "\(root.path): no folder `stages` in it or above it, nor around \(folder.path)")
    }
    // The nearest params.yaml is the workspace's, so that commands typed inside the demo's mean the demo.
    guard let root = first(upwards: folder, holding: "params.yaml"),
      let code = first(upwards: root, holding: "stages")
    else {
      throw PipelineError(
        "no workspace here: neither \(folder.path) nor a folder above it has `stages/` and "
          + "`params.yaml`; change to a workspace's folder")
    }
    return Workspace(codeRoot: code, root: root)
  }

  /// The folder of the stages' scripts.
  public var stages: URL { codeRoot.appendingPathComponent("stages", isDirectory: true) }
  /// params.yaml.
  public var parametersFile: URL { root.appendingPathComponent("params.yaml") }
  /// work.lock.
  public var lockFile: URL { root.appendingPathComponent("work.lock") }
  /// Working state: cache, scratch, logs, executed records.
  public var work: URL { root.appendingPathComponent(".work", isDirectory: true) }
  /// Live state of running instances.
  public var scratch: URL { work.appendingPathComponent("scratch", isDirectory: true) }
  /// Values that stages found out, as long as a run goes on or can be gone on with.
  var pinned: URL { work.appendingPathComponent("pinned", isDirectory: true) }
  /// Results of earlier runs; see `RunCache`.
  var cache: URL { work.appendingPathComponent("cache", isDirectory: true) }
  /// Instances whose programs are jobs of a cluster, a folder each.
  var jobs: URL { work.appendingPathComponent("jobs", isDirectory: true) }
  /// One folder a run, with records and logs.
  public var runs: URL { work.appendingPathComponent("runs", isDirectory: true) }
  /// Held by who writes the ledger of submissions.
  var ledgerLock: URL { work.appendingPathComponent("ledger.lock") }
  /// Rows of the table of runs, so that not every run has to be read.
  var runsIndex: URL { work.appendingPathComponent("runs.index") }
  /// Rendered pages.
  public var pages: URL { work.appendingPathComponent("pages", isDirectory: true) }
  var sources: URL { work.appendingPathComponent("sources") }
  var costs: URL { work.appendingPathComponent("costs.json") }
  /// What people had in the places of outputs, by the run that moved it away.
  var displaced: URL { work.appendingPathComponent("displaced", isDirectory: true) }
  /// Listings of what hashes stand for.
  var trees: URL { work.appendingPathComponent("trees", isDirectory: true) }
  var hashes: URL { work.appendingPathComponent("hashes") }
  var latest: URL { work.appendingPathComponent("latest.json") }
  var owner: URL { work.appendingPathComponent("lock.pid") }

  /// Where a path lies that is relative to the workspace.
  public func url(of path: String) -> URL { root.appendingPathComponent(path) }

  private static func first(upwards folder: URL, holding names: String...) -> URL? {
    var folder = folder.standardizedFileURL.resolvingSymlinksInPath()
    while true {
      if names.allSatisfy({ exists(folder, $0) }) { return folder }
      // A path that isn't absolute is that of a folder that was removed, and has no end upwards.
      guard folder.path != "/", folder.path.hasPrefix("/") else { return nil }
      folder.deleteLastPathComponent()
    }
  }

  private static func exists(_ folder: URL, _ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
  }
}
