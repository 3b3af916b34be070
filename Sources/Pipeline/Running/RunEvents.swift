// What a run tells while it goes on. Who draws it (plain lines, a terminal) is not known here.

public import Foundation
public import Notebook

/// What happens in a run, in order.
public enum RunEvent: Sendable {
  /// The first look: every selected instance, in the order they would run.
  case planned([InstanceStatus])
  case buildStarted(stage: String)
  case buildFinished(stage: String, seconds: Double)
  /// Compiler errors, with file and line; the stage and what depends on it will not run.
  case buildFailed(stage: String, errors: String, log: URL)
  /// An instance starts; `index` counts from 1 among `count` that have to run as far as is known.
  case started(instance: String, reasons: [Reason], index: Int, count: Int, log: URL, record: URL)
  case stage(instance: String, StageEvent)
  /// An instance is decided or has ended.
  case finished(InstanceResult)
  /// Something the user should know: a lock taken over, leftovers swept, a retired instance.
  case notice(String)
}

extension RunEvent {
  /// What a builder tells of a stage's program.
  init(_ news: BuildNews, of stage: String) {
    switch news {
    case .starts: self = .buildStarted(stage: stage)
    case .notice(let text): self = .notice(text)
    }
  }
}

/// Receives the events of a run, on the thread that runs.
public protocol RunObserver: Sendable {
  /// Called in the order of events.
  func observe(_ event: RunEvent)
}
