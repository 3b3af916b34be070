// What instances cost on this machine, for how long a run is expected to take and for how many instances
// have room side by side: `.work/costs.json`. A memory aid; lost, costs are unknown until the next run.

import Basics
import Foundation

/// What an instance's last finished execution cost.
struct Cost: Codable, Equatable {
  /// Of the run's wall time: of n instances that ran side by side, each took an nth of it. So the costs of all
  /// add up to how long the run took.
  var seconds: Double
  /// The largest resident set of its process; nil where nobody measured it.
  var bytes: Int?
}

/// The costs of all instances.
struct Costs {
  private var costs: [String: Cost]
  private let file: URL

  /// A file that is missing or damaged is an empty table.
  init(_ workspace: Workspace) {
    file = workspace.costs
    costs =
      (try? Data(contentsOf: file)).flatMap {
        try? JSONDecoder().decode([String: Cost].self, from: $0)
      } ?? [:]
  }

  /// What an instance cost; where it never ran, the mean time and the most memory of its stage's other
  /// instances, as for a new fold.
  func expected(_ instance: String, stage: String) -> Cost? {
    if let own = costs[instance] { return own }
    let others = costs.filter { $0.key.prefix { $0 != "@" } == stage }.values
    return others.isEmpty
      ? nil
      : Cost(
        seconds: others.reduce(0) { $0 + $1.seconds } / Double(others.count),
        bytes: others.compactMap(\.bytes).max())
  }

  mutating func set(_ instance: String, _ cost: Cost) throws {
    costs[instance] = cost
    try WholeFile.write(json: costs, to: file)
  }
}
