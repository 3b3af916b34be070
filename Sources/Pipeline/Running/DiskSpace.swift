// Whether the disk has room for what a run is going to write, as far as that is known: from what each
// instance wrote last.

import Basics
import Foundation

/// What a run needs of the disk, and what is left there.
struct DiskSpace {
  /// Bytes that the outputs of what is stale had last. They come beside the old ones, which are replaced
  /// when the stage has finished and stay in the cache after that.
  let needed: Int64
  /// The largest of them, and its bytes.
  let largest: (path: String, bytes: Int64)?
  /// Bytes that may be written.
  let free: Int64

  /// - Parameters:
  ///   - instances: what is going to run; what never ran before counts for nothing.
  ///   - free: bytes left where the workspace is; nil where that can't be found out.
  init?(_ instances: [Instance], lock: Lock, free: Int64?) {
    guard let free else { return nil }
    self.free = free
    let outputs = instances.flatMap { lock.entries[$0.name]?.outputs.map { $0 } ?? [] }
    needed = outputs.reduce(0) { $0 + $1.value.size }
    largest = outputs.max { ($0.value.size, $1.key) < ($1.value.size, $0.key) }
      .map { ($0.key, $0.value.size) }
  }

  /// What to tell where the room won't do; nil where it does.
  func refusal(in workspace: Workspace) -> PipelineError? {
    guard needed > free, let largest else { return nil }
    return PipelineError(
      "this run needs about \(sizeText(needed)) of disk space, by what its outputs took last "
        + "(\(largest.path): \(sizeText(largest.bytes))), and \(sizeText(free)) are free in "
        + "\(workspace.root.path); `work gc` frees some, and with `runtime.check_disk: false` in params.yaml it runs anyway",
      exit: .failed)
  }
}
