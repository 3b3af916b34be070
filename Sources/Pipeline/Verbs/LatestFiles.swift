// Where the page and the log of an instance's latest run are, also of an earlier command's.

import Basics
public import Foundation

extension Runner {
  /// The executed record of an instance's latest run, or nil where none is left.
  public func latestRecord(of instance: String) -> URL? {
    workspace.latestRecord(of: instance)
  }

  /// The log (standard output and standard error) of an instance's latest run, or nil.
  public func latestLog(of instance: String) -> URL? {
    let log = LatestRuns(workspace.latest).folder(of: instance, in: workspace.runs)?.log(instance)
    return log.flatMap { WholeFile.exists($0) ? $0 : nil }
  }
}
