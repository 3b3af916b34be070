// What `work params diff` tells: parameters of now against those that the outputs in place were made with,
// or those of a run.

import Basics

/// A parameter with another value than before.
public struct ParameterChange: Sendable, Equatable, Codable {
  /// Dotted.
  public var name: String
  /// In JSON; nil where there was none.
  public var old: String?
  /// In JSON; nil where there is none any more.
  public var new: String?
  /// The instances whose outputs were made with the old value; empty between runs.
  public var instances: [String] = []
  /// Whether the old value was an override of one command.
  public var wasOverridden = false
}

extension Runner {
  /// What differs between the parameters now and those that each instance's outputs were made with.
  public func parameterChanges() throws -> [ParameterChange] {
    var changes: [ParameterChange] = []
    let lock = try Lock.read(workspace.lockFile)
    for instance in graph.instances {
      guard let entry = lock.entries[instance.name] else { continue }
      let old = Dictionary(
        JSONValue.object(entry.parameters).leaves, uniquingKeysWith: { $1 })
      let now = Dictionary(
        JSONValue.object(instance.parameters.map { .init($0, parameters[$0] ?? .null) }).leaves,
        uniquingKeysWith: { $1 })
      for change in RunHistory.changes(old, now) {
        if let known = changes.firstIndex(where: {
          $0.name == change.name && $0.old == change.old && $0.new == change.new
        }) {
          changes[known].instances.append(instance.name)
          continue
        }
        changes.append(
          ParameterChange(
            name: change.name, old: change.old, new: change.new, instances: [instance.name],
            wasOverridden: entry.overrides.contains {
              change.name == $0 || change.name.hasPrefix($0 + ".")
            }))
      }
    }
    return changes.sorted {
      ($0.name, $0.instances.first ?? "") < ($1.name, $1.instances.first ?? "")
    }
  }

  /// What differs between the parameters of a run and those of now.
  public func parameterChanges(since run: String) throws -> [ParameterChange] {
    let history = RunHistory(workspace)
    let record = try history.record(run)
    // Before version 2, a run told of the overridden ones alone.
    let now = Dictionary(parameters.root.leaves, uniquingKeysWith: { $1 }).filter {
      !$0.key.hasPrefix(Parameters.runtimeKey + ".")
        && (record.parameters != nil || record.overrides[$0.key] != nil)
    }
    return Self.changes(RunRow(id: run, record), now)
  }

  /// What differs between the parameters of two runs.
  public func parameterChanges(from old: String, to new: String) throws -> [ParameterChange] {
    let history = RunHistory(workspace)
    return Self.changes(
      RunRow(id: old, try history.record(old)), RunRow(id: new, try history.record(new)).parameters)
  }

  private static func changes(_ old: RunRow, _ new: [String: String]) -> [ParameterChange] {
    RunHistory.changes(old.parameters, new).map {
      ParameterChange(
        name: $0.name, old: $0.old, new: $0.new, wasOverridden: old.overrides[$0.name] != nil)
    }
  }
}
