// Renders pages while a run goes on: of a stage that runs every few seconds, and once it has ended.

import Foundation
import Notebook
import Pipeline
import Rendering
import Synchronization

/// Keeps the pages of what runs, and their index, up to date.
final class PageWriter: RunObserver {
  private struct State {
    var book: WorkspaceBook
    /// What runs, by instance.
    var live: [String: Live] = [:]
  }
  /// The page of one instance that runs.
  private struct Live {
    var stage: String
    var record: URL
    /// Of the record, when the page was made.
    var size = 0
    var next = ContinuousClock.now
  }
  private let state: Mutex<State>
  private let workspace: Workspace

  /// Between two renderings of a page that grows. Rendering takes no more than a fiftieth of the time, so
  /// that it costs training nothing that can be measured.
  private static let pause = Duration.seconds(3)
  private static let share = 50

  init(_ runner: Runner) {
    workspace = runner.workspace
    state = Mutex(State(book: WorkspaceBook(runner)))
  }

  func observe(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .planned(let plan):
        state.book.stale = Set(plan.filter { $0.state.mayRun }.map(\.instance))
      case .started(let instance, _, _, _, _, let record):
        let stage = state.book.graph[instance]?.stage ?? instance
        state.live[instance] = Live(stage: stage, record: record)
        state.book.running.insert(instance)
      case .stage(let instance, _): follow(instance, &state)
      case .finished(let result): finish(result, &state)
      default: break
      }
    }
  }

  /// Renders the page of what runs, where its record has grown and the last time is some seconds ago.
  private func follow(_ instance: String, _ state: inout State) {
    guard var live = state.live[instance], ContinuousClock.now >= live.next else { return }
    // A job's record lies elsewhere as long as it runs.
    let file = live.record.resolvingSymlinksInPath()
    let size = (try? FileManager.default.attributesOfItem(atPath: file.path)[.size]) as? Int
    guard let size, size != live.size else { return }
    let isFirst = live.size == 0
    let began = ContinuousClock.now
    // What goes wrong is said when the stage has ended.
    _ = try? Pages.write(
      instance, stage: live.stage, record: live.record, isRunning: true, workspace)
    if isFirst { _ = try? state.book.writeIndex() }
    live.size = size
    live.next = .now + max(Self.pause, (ContinuousClock.now - began) * Self.share)
    state.live[instance] = live
  }

  private func finish(_ result: InstanceResult, _ state: inout State) {
    let ran = state.live.removeValue(forKey: result.instance) != nil
    state.book.running.remove(result.instance)
    if [.done, .restored].contains(result.outcome) {
      state.book.stale.remove(result.instance)
    }
    // What came from the cache has the record of the run that made it.
    guard ran || result.outcome == .restored, let record = result.record,
      FileManager.default.fileExists(atPath: record.path)
    else { return }
    do {
      try Pages.write(result.instance, stage: result.stage, record: record, workspace)
      try state.book.writeIndex()
    } catch {
      Console.warning("\(result.instance): its page could not be written: \(error)")
    }
  }
}
