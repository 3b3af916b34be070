// Keeping outputs though the code changed, when somebody knows that the change makes no difference; or though a
// training was stopped or extended while it ran.

import Foundation

extension Runner {
  /// Keeps the outputs of a stage (or of one instance) though its code changed, or though it was
  /// stopped or extended: the lock gets the new code and the reason.
  ///
  /// - Returns: the instances accepted.
  /// - Throws: `PipelineError` where outputs don't match the lock, or more than the code changed.
  public func accept(_ target: String, reason: String) throws -> [String] {
    guard !reason.allSatisfy(\.isWhitespace) else {
      throw PipelineError("accept needs a reason, which is kept in work.lock")
    }
    let names = try Selection.resolve([target], in: graph)
    let owner = try WorkspaceOwner(workspace.owner)
    defer { withExtendedLifetime(owner) {} }
    hashes.forget()
    let staleness = try staleness()
    var accepted: [String] = []
    for instance in graph.instances where names.contains(instance.name) {
      guard let old = staleness.lock.entries[instance.name] else {
        throw PipelineError("\(instance.name) has not run yet, so there is nothing to accept")
      }
      let reasons = try staleness.reasons(instance)
      let others = reasons.filter { !$0.isAcceptable }
      guard others.isEmpty else {
        throw PipelineError(
          "\(instance.name) can't be accepted, since more than its code changed: "
            + others.map(\.description).joined(separator: "; "))
      }
      if reasons.isEmpty { continue }
      var entry = old
      entry.code = try staleness.code(of: instance)
      entry.accepted = reason
      staleness.lock.entries[instance.name] = entry
      try staleness.keepListings(entry, of: instance)
      accepted.append(instance.name)
    }
    guard !accepted.isEmpty else {
      throw PipelineError("\(target) is up to date; nothing to accept")
    }
    try staleness.lock.write(to: workspace.lockFile)
    project.saveTables()
    return accepted
  }
}

extension Reason {
  /// Whether somebody may know that the outputs are right all the same.
  fileprivate var isAcceptable: Bool {
    switch self {
    case .scriptChanged, .moduleChanged, .moduleAdded, .moduleRemoved, .courseDeparted: true
    default: false
    }
  }
}
