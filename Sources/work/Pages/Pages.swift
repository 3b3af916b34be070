// Pages of stages: rendered from their executed records into .work/pages, one a stage instance, and
// an index that binds them.

import ArgumentParser
import Basics
import Foundation
import Notebook
import Pipeline
import Rendering

enum Pages {
  /// Where an instance's page lies.
  static func file(of instance: String, _ workspace: Workspace) -> URL {
    workspace.pages.appendingPathComponent("\(instance).html")
  }

  /// Renders an instance's latest record, with the script's prose as it is now.
  @discardableResult
  static func write(_ instance: String, stage: String, _ runner: Runner) throws -> URL {
    guard let record = runner.latestRecord(of: instance) else {
      throw noRecord(stage, runner)
    }
    return try write(instance, stage: stage, record: record, runner.workspace)
  }

  /// Renders one record.
  @discardableResult
  static func write(
    _ instance: String, stage: String, record: URL, isRunning: Bool = false, _ workspace: Workspace
  ) throws -> URL {
    let page = file(of: instance, workspace)
    try WholeFile.makeFolder(workspace.pages)
    try Page.write(
      record: Record(contentsOf: record), script: script(of: stage, workspace),
      options: Page.Options(isRunning: isRunning, book: "index.html"), to: page)
    return page
  }

  /// The script of a stage as it is now; nil where it is gone, or isn't Swift.
  static func script(of stage: String, _ workspace: Workspace) -> String? {
    try? String(
      contentsOf: workspace.stages.appendingPathComponent("\(stage).swift"), encoding: .utf8)
  }

  /// The instances that a word means (a stage, an instance, `all`), with their latest records.
  ///
  /// - Throws: `PipelineError` where there is no such stage, or none of it has left a record.
  static func records(of name: String, _ runner: Runner) throws -> [(
    instance: Instance, record: URL
  )] {
    let instances = runner.graph.instances.filter {
      name == "all" || $0.name == name || $0.stage == name
    }
    let records = instances.compactMap { instance in
      runner.latestRecord(of: instance.name).map { (instance, $0) }
    }
    guard records.isEmpty else { return records }
    let known = Set(runner.graph.instances.map(\.stage)).sorted().joined(separator: ", ")
    guard name == "all" || !instances.isEmpty else {
      throw PipelineError("no stage “\(name)” (there are: \(known))")
    }
    throw noRecord(instances.first?.stage ?? name, runner)
  }

  private static func noRecord(_ stage: String, _ runner: Runner) -> PipelineError {
    PipelineError(
      script(of: stage, runner.workspace) == nil
        ? "\(stage) is not written in Swift, so it has a log and no page: "
          + "`work log \(stage)`"
        : "\(stage) has no record yet; `work run \(stage) --force` makes one")
  }

  /// Writes the index of all pages there are; what `work status` would call stale is marked.
  @discardableResult
  static func writeIndex(_ runner: Runner) throws -> URL { try book(runner).writeIndex() }

  /// What the index tells, as things are now.
  static func book(_ runner: Runner) throws -> WorkspaceBook {
    let stale = try runner.status().filter { $0.state.mayRun }
    return WorkspaceBook(runner, stale: Set(stale.map(\.instance)))
  }

  // MARK: Pages of tools

  private static let recordEnding = ".record.jsonl"

  /// Tools, such as lr-find, with the record of the last time that each was used.
  static func tools(_ workspace: Workspace) -> [(name: String, record: URL)] {
    let folder = toolRecords(workspace)
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(recordEnding) }.sorted().map {
      (String($0.dropLast(recordEnding.count)), folder.appendingPathComponent($0))
    }
  }

  /// Keeps a tool's record and renders its page.
  static func keep(_ record: URL, of tool: Tool, _ workspace: Workspace) throws -> URL {
    let kept = toolRecords(workspace).appendingPathComponent(tool.name + recordEnding)
    try WholeFile.write(Data(contentsOf: record), to: kept, flushed: false)
    return try write(tool.name, stage: tool.name, record: kept, workspace)
  }

  private static func toolRecords(_ workspace: Workspace) -> URL {
    workspace.work.appendingPathComponent("tools", isDirectory: true)
  }
}
