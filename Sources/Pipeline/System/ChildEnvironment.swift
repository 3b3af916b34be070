// What a child process sees of the environment: credentials reach only the stage that says it needs them.

import Basics
import Foundation

/// The environment of a stage, a tool or the compiler.
enum ChildEnvironment {
  /// Names that hold credentials or say where they lie: of Kaggle, of the storage of results, of a tracking server; and the
  /// address at which a run's end is told, by which anybody could tell something there.
  private static let secret = ["KAGGLE_*", "AWS_*", "MLFLOW_TRACKING_*", "WORK_NOTIFY"]

  /// An environment without the credentials that a stage doesn't ask for.
  /// - Parameters:
  ///   - all: the whole; by default this process's own.
  ///   - secrets: names and patterns that the stage asks for, as in its header's `secrets`.
  static func without(
    _ all: [String: String] = ProcessInfo.processInfo.environment, asking secrets: [String] = []
  ) -> [String: String] {
    var left = all.filter { name, _ in
      !secret.contains { matches(name, pattern: $0) }
        || secrets.contains { matches(name, pattern: $0) }
    }
    // Swift's report of a crash shows the memory that registers point to, and goes into the log.
    if !secrets.isEmpty, left["SWIFT_BACKTRACE"] == nil {
      left["SWIFT_BACKTRACE"] = "registers=none"
    }
    return left
  }
}
