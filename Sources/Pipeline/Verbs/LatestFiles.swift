// What an instance last ran with, as the lock has it, for what goes on with its outputs outside the graph; and where the
// page of its latest run is, also of an earlier command's.

public import Basics
public import Foundation

/// What an instance last ran with.
public struct MadeWith: Sendable {
  /// The declared parameters that it had, as sections within sections.
  public var parameters: JSONValue
  /// The keys among them that the run's command had overridden.
  public var overridden: [String]
  /// Declared inputs, numbers in their names in order, and whether each holds what it held then.
  public var inputs: [(path: String, isUnchanged: Bool)]
  /// Declared outputs, and whether each is as it was made.
  public var outputs: [(path: String, isUnchanged: Bool)]
}

extension Runner {
  /// The executed record of an instance's latest run, or nil where none is left.
  public func latestRecord(of instance: String) -> URL? {
    workspace.latestRecord(of: instance)
  }

  /// What an instance's outputs were made with; nil where it has never run.
  ///
  /// - Throws: `PipelineError` for a damaged lock.
  public func madeWith(_ instance: String) throws -> MadeWith? {
    guard let entry = try Lock.read(workspace.lockFile).entries[instance] else { return nil }
    hashes.forget()
    defer { project.saveTables() }
    func compared(_ states: [String: FileState]) throws -> [(path: String, isUnchanged: Bool)] {
      try states.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
        .map { ($0.key, try hashes.state(of: $0.key) == $0.value) }
    }
    var parameters = JSONValue.object([])
    for member in entry.parameters {
      parameters = Parameters.inserting(
        member.value, at: member.key.split(separator: ".").map(String.init)[...], into: parameters)
    }
    return MadeWith(
      parameters: parameters, overridden: entry.overrides,
      inputs: try compared(entry.inputs), outputs: try compared(entry.outputs))
  }
}
