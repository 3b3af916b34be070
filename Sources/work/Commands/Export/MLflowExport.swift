// `work export --mlflow`: runs to a tracking server.

import Basics
import Foundation
import Notebook
import Pipeline
import Tracking
import Transfer

extension ExportCommand {
  /// Logs the runs, oldest first.
  func log(to address: String) async throws {
    let workspace = try workspace.find()
    let history = RunHistory(workspace)
    let environment = ProcessInfo.processInfo.environment
    let server = try MLflowServer(
      address, environment: environment,
      client: TransferClient(
        TransferSettings(environment: environment), notice: { Console.warning($0) }))
    let ids = Set(try runs(history))
    let rows = RunTable(history).rows.filter { ids.contains($0.id) && $0.ended != nil }
      .sorted { $0.started < $1.started }
    guard !rows.isEmpty else {
      throw PipelineError("no run has ended yet; `work run` makes one")
    }
    let slug = try Runner(workspace: workspace).parameters["competition.slug"]?.plainText
    let name = experiment ?? slug ?? "work"
    let id = try await server.experiment(named: name)
    let status = StatusText(isShown: !output.quiet && !output.json && Console.isTerminal)
    defer { status.clear() }
    var logged = 0
    for (number, row) in rows.enumerated() {
      status.show("logging run \(number + 1) of \(rows.count) …")
      if try await server.log(TrackedRun(row, history), in: id) { logged += 1 }
    }
    status.clear()
    if output.json {
      try Console.json([
        "experiment": name, "logged": "\(logged)", "there": "\(rows.count - logged)",
      ])
    } else {
      print("\(logged) runs logged to the experiment \(name), \(rows.count - logged) were there")
    }
  }
}

extension TrackedRun {
  /// What is recorded of a run: numbers of every step as "INSTANCE/NAME", those of the end as "INSTANCE.NAME".
  init(_ row: RunRow, _ history: RunHistory) {
    let format = Date.ISO8601FormatStyle()
    let started = (try? format.parse(row.started)) ?? Date(timeIntervalSince1970: 0)
    let ended = row.ended.flatMap { try? format.parse($0) }
    var metrics: [Metric] = row.metrics.sorted { $0.key < $1.key }.map {
      Metric($0.key, $0.value, step: 0, time: ended ?? started)
    }
    for (instance, record) in history.executedRecords(of: row.id) {
      guard let record = try? Record(contentsOf: record) else { continue }
      for case .metrics(let step, _, let at) in record.events {
        for metric in step.values {
          guard let value = metric.value else { continue }
          metrics.append(
            Metric(
              "\(instance)/\(metric.name)", value, step: step.step,
              time: record.header.startedAt.addingTimeInterval(at)))
        }
      }
    }
    var tags = ["work.targets": row.targets.joined(separator: " ")]
    if !row.tags.isEmpty { tags["work.tags"] = row.tags.joined(separator: ", ") }
    if let note = row.note { tags["mlflow.note.content"] = note }
    self.init(
      id: row.id, started: started, ended: ended, hasSucceeded: row.outcome == "ok",
      parameters: row.parameters.filter { $0.value != "null" }, metrics: metrics, tags: tags)
  }
}
