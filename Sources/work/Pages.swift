// Pages of stages: rendered from their executed records into .work/pages, one a stage instance, and
// an index that binds them.

import ArgumentParser
import Foundation
import Notebook
import Pipeline
import Rendering
import Synchronization

enum Pages {
  /// Where an instance's page lies.
  static func file(of instance: String, _ workspace: Workspace) -> URL {
    workspace.pages.appendingPathComponent("\(instance).html")
  }

  /// Renders an instance's latest record, with the script's prose as it is now.
  @discardableResult
  static func write(_ instance: String, stage: String, _ runner: Runner) throws -> URL {
    guard let record = runner.latestRecord(of: instance) else {
      throw ValidationError("\(instance) has left no record: `work run \(stage) --force` makes one")
    }
    return try write(instance, stage: stage, record: record, runner.workspace)
  }

  /// Renders one record.
  @discardableResult
  static func write(_ instance: String, stage: String, record: URL, _ workspace: Workspace) throws
    -> URL
  {
    let page = file(of: instance, workspace)
    try FileManager.default.createDirectory(at: workspace.pages, withIntermediateDirectories: true)
    try Page.write(
      record: Record(contentsOf: record),
      script: try? String(
        contentsOf: workspace.stages.appendingPathComponent("\(stage).swift"), encoding: .utf8),
      options: Page.Options(book: "index.html"), to: page)
    return page
  }

  /// Writes the index of all pages there are; what `work status` would call stale is marked.
  @discardableResult
  static func writeIndex(_ runner: Runner) throws -> URL {
    let workspace = runner.workspace
    let stale = Set(
      try runner.status().filter { $0.state == .stale || $0.state == .undecided }.map(\.instance))
    var stages: [Book.Stage] = []
    for instance in runner.graph.instances {
      let record = runner.latestRecord(of: instance.name).flatMap { try? Record(contentsOf: $0) }
      var entry =
        record.map { Book.Instance(record: $0, page: "\(instance.name).html") }
        ?? Book.Instance(name: instance.name, status: .notRun)
      if entry.status == .done, stale.contains(instance.name) { entry.status = .stale }
      if stages.last?.name == instance.stage {
        stages[stages.count - 1].instances.append(entry)
      } else {
        stages.append(
          Book.Stage(
            name: instance.stage, description: instance.summary,
            after: predecessors(of: instance.stage, runner.graph), instances: [entry]))
      }
    }
    let title = runner.parameters["competition.title"]?.words ?? "Pages"
    let index = workspace.pages.appendingPathComponent("index.html")
    try FileManager.default.createDirectory(at: workspace.pages, withIntermediateDirectories: true)
    try Book(title: title, stages: stages).write(to: index)
    return index
  }

  /// The stages whose outputs a stage reads, in the order of the graph.
  private static func predecessors(of stage: String, _ graph: Graph) -> [String] {
    let names = Set(
      graph.instances.filter { $0.stage == stage }
        .flatMap { graph.dependencies(of: $0.name) }.compactMap { graph[$0]?.stage })
    return graph.stages.filter(names.contains)
  }
}

/// Renders a stage's page as soon as it has ended.
final class PageWriter: RunObserver {
  private let workspace: Workspace
  init(_ workspace: Workspace) { self.workspace = workspace }

  func observe(_ event: RunEvent) {
    guard case .finished(let result) = event, let record = result.record,
      FileManager.default.fileExists(atPath: record.path)
    else { return }
    do {
      try Pages.write(result.instance, stage: result.stage, record: record, workspace)
    } catch {
      Console.warning("\(result.instance): its page could not be written: \(error)")
    }
  }
}
