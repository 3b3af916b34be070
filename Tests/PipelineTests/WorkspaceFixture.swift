// A workspace in a temporary folder with small shell stages, and what a run of it told.

import Basics
import Foundation
import Notebook
import Pipeline
import Synchronization
import TestSupport

/// Collects what a run tells.
final class Listener: RunObserver {
  private let all = Mutex<[RunEvent]>([])
  private let react: @Sendable (RunEvent) -> Void

  init(_ react: @escaping @Sendable (RunEvent) -> Void = { _ in }) { self.react = react }

  func observe(_ event: RunEvent) {
    all.withLock { $0.append(event) }
    react(event)
  }

  var events: [RunEvent] { all.withLock { $0 } }
  var notices: [String] {
    events.compactMap { if case .notice(let text) = $0 { text } else { nil } }
  }
  var stageEvents: [StageEvent] {
    events.compactMap { if case .stage(_, let event) = $0 { event } else { nil } }
  }
}

/// A workspace to play with.
final class WorkspaceFixture {
  let folder: TemporaryFolder
  var url: URL { folder.url }
  var workspace: Workspace { Workspace(codeRoot: folder.url, root: folder.url) }
  let listener = Listener()

  init(_ parameters: String = "seed: 1\n") throws {
    folder = try TemporaryFolder()
    try folder.write(parameters, to: "params.yaml")
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("stages"), withIntermediateDirectories: true)
  }

  /// A copy of a workspace as it lies.
  init(copying other: WorkspaceFixture) throws {
    folder = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: other.url.path) {
      try FileManager.default.copyItem(
        at: other.url.appendingPathComponent(name), to: folder.url.appendingPathComponent(name))
    }
  }

  /// Writes a shell stage. `out NAME` in its body prints where to write the declared output NAME, and
  /// `order KEY` a text of the order.
  func stage(_ name: String, _ header: String..., body: String) throws {
    try stage(name, header, body: body)
  }

  /// A stage that copies one file to another.
  func copy(_ name: String, from input: String, to output: String, _ more: String...) throws {
    try stage(
      name, ["deps: [\(input)]", "outs: [\(output)]"] + more,
      body: "cat \(input) > \"$(out \(output))\"")
  }

  private func stage(_ name: String, _ header: [String], body: String) throws {
    let head = header.map { "# \($0)\n" }.joined()
    try folder.write(
      """
      #!/bin/sh
      # ---
      \(head)# ---
      set -e
      order() { sed -n "s|^ *\\"$1\\" : \\"\\(.*\\)\\",\\{0,1\\}\\$|\\1|p" "$WORK_ORDER" | head -n 1; }
      out() { order "$1"; }
      echo ran >> "$(order root)/.ran-\(name)"
      \(body)

      """, to: "stages/\(name).sh")
  }

  func runner(_ overrides: String...) throws -> Runner {
    try Runner(workspace: workspace, overrides: overrides)
  }

  @discardableResult
  func run(
    _ targets: String..., overrides: [String] = [], force: Bool = false, only: Bool = false
  ) throws -> RunSummary {
    try Runner(workspace: workspace, overrides: overrides)
      .run(RunOptions(targets: targets, force: force, only: only), observer: listener)
  }

  /// Names of the instances whose outputs came anew, by a run of them or from the cache, in order.
  func ran(
    _ targets: String..., overrides: [String] = [], force: Bool = false, only: Bool = false
  ) throws -> [String] {
    let summary = try Runner(workspace: workspace, overrides: overrides)
      .run(RunOptions(targets: targets, force: force, only: only), observer: listener)
    if summary.exit != .ok {
      throw WorkspaceFixtureError(
        description: "\(summary.exit): \(summary.results.compactMap(\.error))")
    }
    return summary.results.filter { $0.outcome == .done || $0.outcome == .restored }.map(\.instance)
  }

  func status(_ name: String, overrides: [String] = []) throws -> InstanceStatus? {
    try Runner(workspace: workspace, overrides: overrides).status().first { $0.instance == name }
  }

  func reasons(_ name: String, overrides: [String] = []) throws -> [String] {
    try status(name, overrides: overrides)?.reasons.map(\.description) ?? ["no such instance"]
  }

  func write(_ text: String, to path: String) throws { try folder.write(text, to: path) }

  func read(_ path: String) -> String? {
    try? String(contentsOf: folder.url.appendingPathComponent(path), encoding: .utf8)
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(path).path)
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent(path))
  }

  /// How often a stage was started, in all.
  func starts(_ stage: String) -> Int { read(".ran-\(stage)")?.split(separator: "\n").count ?? 0 }
}

struct WorkspaceFixtureError: Error, CustomStringConvertible { var description: String }

/// The text of the error that a piece of code throws, or nil.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch { return "\(error)" }
}
