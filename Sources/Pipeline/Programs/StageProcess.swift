// Starts a program with an order and follows it to its end: a stage of the graph, or a tool that a command
// asks. The one place that does; docs/protocol.md describes what the two say to each other.

import Basics
import Foundation
import Notebook

/// A program with its order. The thread that starts it has to live as long as it runs.
final class StageProcess {
  private let name: String
  private let files: RunFolder
  private let follower: EventFollower
  private var threads: Int
  private var child: ChildProcess?

  /// Nothing is started yet.
  ///
  /// - Parameters:
  ///   - name: the instance's or tool's, which names the files.
  ///   - files: where order, log, events and grant lie.
  ///   - threads: what the order grants it.
  init(_ name: String, files: RunFolder, threads: Int) {
    self.name = name
    self.files = files
    self.threads = threads
    follower = EventFollower(files.events(name))
  }

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - command: an absolute program path and its arguments.
  ///   - folder: its current folder.
  ///   - secrets: credentials of the environment that it gets; see `ChildEnvironment`.
  ///   - inheriting: a descriptor that it keeps open.
  ///   - interruption: passed on to it.
  /// - Throws: `PipelineError` where it can't be started.
  func start(
    _ command: [String], in folder: URL, secrets: [String] = [], inheriting: Int32? = nil,
    interruption: Interruption
  ) throws {
    var environment = ChildEnvironment.without(asking: secrets)
    environment["WORK_ORDER"] = files.order(name).path
    child = try ChildProcess(
      command, folder: folder, environment: environment, log: files.log(name),
      inheriting: inheriting, interruption: interruption)
  }

  /// What it said since the last look, and how it ended; nil while it runs. To be called some ten times a
  /// second.
  func look() throws -> (events: [StageEvent], result: ChildResult?) {
    // In this order: what it said before its end is read after it.
    let result = try child?.result()
    return (follower.events(), result)
  }

  /// Grants it another number of threads from now on.
  func grant(threads: Int) throws {
    guard threads != self.threads else { return }
    self.threads = threads
    try files.grant(threads, to: name)
  }
}
