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
    let status = try staleness().status(selection)
    project.saveTables()
    return status
  }
}
