// A file of an output as an earlier run made it: where it lies, if it lies there still, else the cache's copy.

import Basics
public import Foundation

extension Runner {
  /// Where a file of a run's outputs can be read.
  ///
  /// - Parameters:
  ///   - path: an output, or a file in one, relative to the workspace.
  ///   - run: an id, as `RunHistory.id(of:)` gives it.
  /// - Returns: a file that must not be written to.
  /// - Throws: `PipelineError` where the run made no such output, or it is no longer kept.
  public func earlierOutput(_ path: String, of run: String) throws -> URL {
    let record = try RunHistory(workspace).record(run)
    let outputs = record.instances.lazy
      .filter { InstanceResult.Outcome(rawValue: $0.status)?.isGood ?? false }
      .compactMap { item in
        item.outputs?.first { $0.key == path || path.lies(inFolder: $0.key) }
      }
    guard let (output, state) = outputs.first else {
      throw PipelineError(
        "run \(run): has no \(path): what makes it was not part of the run, or did not end well")
    }
    if try hashes.state(of: output)?.hash == state.hash { return workspace.url(of: path) }
    let store = RunCache(workspace, hashes) { _ in }.store
    let gone = PipelineError(
      "run \(run): its \(path) is no longer kept, neither in its place nor in the run cache; run again what made it, with "
        + "the same parameters (`work runs diff \(run)`)")
    var hash = state.hash
    if output != path {
      guard let tree = store.bytes(hash).flatMap({ FolderTree($0) }),
        let inside = tree.hash(of: path.path(below: output) ?? "")
      else { throw gone }
      hash = inside
    }
    guard try store.isWhole(hash) else { throw gone }
    return URL(fileURLWithPath: store.path(of: hash))
  }
}
