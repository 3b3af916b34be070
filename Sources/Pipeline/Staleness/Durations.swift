// How long instances took on this machine, for what a run is expected to take: `.work/durations.json`. A
// memory aid; lost, the times are unknown until the next run.

import Basics
import Foundation

/// Wall time of each instance's last finished execution, in seconds.
struct Durations {
  private var seconds: [String: Double]
  private let file: URL

  /// A file that is missing or damaged is an empty table.
  init(_ workspace: Workspace) {
    file = workspace.durations
    seconds =
      (try? Data(contentsOf: file)).flatMap {
        try? JSONDecoder().decode([String: Double].self, from: $0)
      } ?? [:]
  }

  /// What an instance took; where it never ran, the mean of its stage's other instances, as for a new fold.
  func expected(_ instance: String, stage: String) -> Double? {
    if let own = seconds[instance] { return own }
    let others = seconds.filter { $0.key.prefix { $0 != "@" } == stage }.values
    return others.isEmpty ? nil : others.reduce(0, +) / Double(others.count)
  }

  mutating func set(_ instance: String, seconds: Double) throws {
    self.seconds[instance] = seconds
    try WholeFile.write(json: self.seconds, to: file)
  }
}
