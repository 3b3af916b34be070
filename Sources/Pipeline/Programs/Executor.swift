// Where the programs of instances run: on this machine, or as jobs of a cluster. A run's loop knows no more of
// it than what stands here; docs/clusters.md says what a further executor would write.

import Basics
import Foundation
import Notebook

/// The executors by name, as `runtime.executor` and `--executor` have them.
public enum ExecutorChoice: String, Sendable, CaseIterable {
  /// Processes of this machine.
  case local
  /// Jobs of a Slurm cluster.
  case slurm
}

/// Starts the programs of instances, and says for how many there is room. What runs at a time shares with those of
/// its own executor alone.
protocol Executor: AnyObject {
  /// Whether an instance may run beside others.
  ///
  /// - Parameters:
  ///   - need: bytes that it took the last time, nil where that isn't known.
  ///   - others: those of what runs, in the same way.
  func admits(_ need: Int?, beside others: [Int?]) -> Bool

  /// The threads of each of `count` instances.
  func threads(among count: Int) -> Int

  /// The most threads that an instance is ever granted.
  var mostThreads: Int { get }

  /// Where an instance's files are going to lie, and whether its program is there already, left by an earlier run.
  ///
  /// - Parameters:
  ///   - fingerprint: of all that its outputs depend on.
  ///   - run: the folder of the run. Its files for the instance may be links to those elsewhere.
  func place(of instance: Instance, fingerprint: String, in run: RunFolder) throws -> StagePlace

  /// Starts a program whose order is written, or goes on with one that is there.
  ///
  /// - Throws: `PipelineError` where it can't be started.
  func start(_ launch: Launch, at place: StagePlace) throws -> any StartedStage
}

/// Where the files of an instance lie.
struct StagePlace {
  /// The folder of the run.
  let run: RunFolder
  /// Where order, log, record, events and requests lie.
  let files: RunFolder
  /// Whether its program was started by an earlier run, and goes on or has ended since: then nothing is prepared.
  var goesOn = false
}

/// What an executor has to know of a program.
struct Launch {
  let instance: Instance
  /// Of all that its outputs depend on.
  let fingerprint: String
  /// An absolute program path and its arguments.
  let command: [String]
  /// The threads that the order names.
  let threads: Int
  /// Bytes that it took the last time; nil where that isn't known.
  let memory: Int?
  /// The folder that it writes its outputs into; empty when the program starts.
  let outputs: URL
  /// The folder of its checkpoints.
  let state: URL
}

/// A program that was started, wherever that is.
protocol StartedStage: AnyObject {
  /// What it said since the last look, and how it ended; nil while it runs. To be called some ten times a second.
  func look() throws -> (events: [StageEvent], end: StageEnd?)

  /// Grants it another number of threads from now on.
  func grant(threads: Int) throws

  /// Ends it for good, where the interruption of the run wouldn't: `look` tells of its end.
  func cancel() throws

  /// It has ended, and `look` has told how: the folder of the run gets the files that it had links to.
  func close() throws

  /// The number or name under which others know it, such as a job's; nil where it has none.
  var job: String? { get }
}

/// How a program ended, as its executor sees it.
enum StageEnd {
  /// By itself, or by a signal.
  case ended(ChildResult)
  /// It has no result, for a reason in words; `isStopped` where somebody wanted that.
  case lost(String, isStopped: Bool)
  /// It goes on without this run, and a later one takes its result.
  case left
}
