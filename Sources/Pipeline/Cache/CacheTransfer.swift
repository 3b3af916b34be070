// `work cache push` and `pull`: results between the cache and a remote. Objects go before the entry that
// speaks of them, so that either side is consistent wherever this breaks off; the next call goes on.

import Foundation

/// How a push or pull stands, or ended.
///
/// At the end `doneBytes` is `totalBytes`. `bytes` is less where something was there already, or is there
/// more than once.
public struct CacheTransfer: Sendable, Codable, Equatable {
  /// Results that are there now and were not before.
  public var results = 0
  /// Results that were there already; where that was verified, whole.
  public var present = 0
  /// Results that were there damaged or incomplete, and were sent anew; they aren't in `results`.
  public var repaired = 0
  /// Results left out, since the side that has them lacks an object or has it damaged; with why.
  public var leftOut: [String] = []
  /// Objects that were sent or fetched.
  public var objects = 0
  /// Bytes of those.
  public var bytes: Int64 = 0
  /// Bytes of all results to be brought or verified, as far as known: outputs, listings of folders, records.
  public var totalBytes: Int64 = 0
  /// Bytes of those dealt with so far; those that needn't travel are among them.
  public var doneBytes: Int64 = 0

  /// Leaves out the result that was begun at an earlier state: only what has travelled of it counts.
  mutating func leaveOut(_ words: String, since earlier: CacheTransfer, planned: Int64) {
    leftOut.append(words)
    let travelled = bytes - earlier.bytes
    totalBytes += travelled - planned
    doneBytes = earlier.doneBytes + travelled
  }
}
