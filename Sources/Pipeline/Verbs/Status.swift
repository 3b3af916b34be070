// `work status`: what is fresh, what is stale, and why.

extension Runner {
  /// What is fresh and what is stale, and why, in the order of the graph. Nothing is run or written but
  /// the table of file hashes.
  ///
  /// - Parameters:
  ///   - targets: stage or instance names, with what they need; empty means all.
  public func status(_ targets: [String] = []) throws -> [InstanceStatus] {
    let selection = try Selection(targets, in: graph)
    hashes.forget()
    var states = try staleness().status(selection)
    project.saveTables()
    for index in states.indices {
      states[index].job = JobFolder(states[index].instance, in: workspace).read()?.job
    }
    return states
  }
}
