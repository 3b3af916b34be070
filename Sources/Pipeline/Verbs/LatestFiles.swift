// Where the page of an instance's latest run is, also of an earlier command's.

public import Foundation

extension Runner {
  /// The executed record of an instance's latest run, or nil where none is left.
  public func latestRecord(of instance: String) -> URL? {
    workspace.latestRecord(of: instance)
  }
}
