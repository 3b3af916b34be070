// All pages of a workspace as one book: what its index tells and which pages it binds, gathered from
// records and runs without running anything.

import Basics
import Foundation
import Notebook
import Pipeline
import Rendering

/// What the index of pages, and `work book`, are made from.
struct WorkspaceBook: Sendable {
  let workspace: Workspace
  let graph: Graph
  let title: String
  /// Instances whose outputs are no longer those of code, parameters and inputs.
  var stale: Set<String>
  /// Instances that run.
  var running: Set<String> = []
  /// How many runs the table has at most, the latest ones.
  var runLimit = 20

  init(_ runner: Runner, stale: Set<String> = []) {
    workspace = runner.workspace
    graph = runner.graph
    title = runner.parameters["competition.title"]?.plainText ?? "Pages"
    self.stale = stale
  }

  /// The index; its links lead to the instances' pages.
  func index() -> Book {
    var stages: [Book.Stage] = []
    for instance in graph.instances {
      let entry = entry(instance)
      if stages.last?.name == instance.stage {
        stages[stages.count - 1].instances.append(entry)
      } else {
        stages.append(
          Book.Stage(
            name: instance.stage, description: instance.summary,
            after: predecessors(of: instance.stage), instances: [entry]))
      }
    }
    var book = Book(title: title, stages: stages)
    book.tools = Pages.tools(workspace).compactMap { tool in
      (try? Record(contentsOf: tool.record)).map {
        Book.Instance(record: $0, page: "\(tool.name).html")
      }
    }
    book.tools += SweepPages.entries(workspace)
    let table = RunTable(RunHistory(workspace))
    // The score is what a stage calls so, whichever it is.
    let score = try? table.column("score")
    book.runs = table.rows.prefix(runLimit).map { run in
      guard let score, case .number(let value)? = RunTable.value(run, score) else {
        return line(run, score: nil)
      }
      return line(run, score: value)
    }
    return book
  }

  /// A run as the table has it.
  private func line(_ run: RunRow, score: Double?) -> Book.Run {
    let overrides = run.overrides.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return Book.Run(
      name: run.id,
      // "2026-11-21T12:01:15Z", to the minute.
      started: String(run.started.prefix(16)).replacing("T", with: " "), status: run.outcome,
      request: (run.targets + overrides).joined(separator: " "), ran: run.ran,
      seconds: run.seconds, score: score)
  }

  /// The pages to bind in: of all instances that have left a record, then of tools.
  func chapters() -> [Book.Chapter] {
    let stages = graph.instances.compactMap { instance in
      workspace.latestRecord(of: instance.name).map { (record: $0, stage: instance.stage) }
    }
    let tools = Pages.tools(workspace).map { (record: $0.record, stage: $0.name) }
    return (stages + tools).compactMap { record, stage in
      (try? Record(contentsOf: record)).map { record in
        Book.Chapter(
          record: record, script: Pages.script(of: stage, workspace),
          isRunning: running.contains(record.header.instance))
      }
    }
  }

  /// Writes all pages and their index into a folder; gives the index.
  func write(in folder: URL) throws -> URL {
    for chapter in chapters() {
      try Page.write(
        record: chapter.record, script: chapter.script,
        options: Page.Options(isRunning: chapter.isRunning, book: "index.html"),
        to: folder.appendingPathComponent("\(chapter.record.header.instance).html"))
    }
    return try writeIndex(in: folder)
  }

  /// Writes the index alone.
  @discardableResult
  func writeIndex(in folder: URL? = nil) throws -> URL {
    let index = (folder ?? workspace.pages).appendingPathComponent("index.html")
    try self.index().write(to: index)
    return index
  }

  private func entry(_ instance: Instance) -> Book.Instance {
    let isRunning = running.contains(instance.name)
    let record = workspace.latestRecord(of: instance.name).flatMap { try? Record(contentsOf: $0) }
    guard let record else {
      return Book.Instance(name: instance.name, status: isRunning ? .running : .notRun)
    }
    var entry = Book.Instance(
      record: record, isRunning: isRunning, page: "\(instance.name).html")
    if entry.status == .done, stale.contains(instance.name) { entry.status = .stale }
    return entry
  }

  /// The stages whose outputs a stage reads, in the order of the graph.
  private func predecessors(of stage: String) -> [String] {
    let names = Set(
      graph.instances.filter { $0.stage == stage }
        .flatMap { graph.dependencies(of: $0.name) }.compactMap { graph[$0]?.stage })
    return graph.stages.filter(names.contains)
  }
}
