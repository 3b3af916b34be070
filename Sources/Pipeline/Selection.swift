// Which instances a command means by the names it was given.

/// The instances that a command is about.
struct Selection: Sendable {
  /// In the order of the graph: the targets and, unless `only`, what they need.
  let instances: [Instance]
  /// Names of those that run even where they are fresh.
  let forced: Set<String>

  /// - Throws: `PipelineError` for a name that is neither a stage nor an instance, with the nearest.
  init(_ targets: [String], force: Bool, only: Bool, in graph: Graph) throws {
    let names = try Self.resolve(targets, in: graph)
    forced = force ? names : []
    instances = only ? graph.instances.filter { names.contains($0.name) } : graph.closure(of: names)
  }

  /// Names of the instances that the given names stand for.
  static func resolve(_ targets: [String], in graph: Graph) throws -> Set<String> {
    if targets.isEmpty || targets.contains("all") { return Set(graph.instances.map(\.name)) }
    var names: Set<String> = []
    for target in targets {
      let found = graph.instances.filter { $0.name == target || $0.stage == target }
      guard !found.isEmpty else {
        let known = graph.stages + graph.instances.map(\.name)
        throw PipelineError(
          "no stage “\(target)”" + didYouMean(target, among: known)
            + " (there are: \(graph.stages.joined(separator: ", ")))")
      }
      names.formUnion(found.map(\.name))
    }
    return names
  }
}
