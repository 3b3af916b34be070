// Which instances a command means by the names it was given.

import Basics

/// The instances that a command is about.
///
/// A selection comes about in four steps. The names stand for instances (a stage for all of its own,
/// none or `all` for every one); `downstream` adds all that depends on those; unless `only`, everything
/// that these need is added; `from` cuts what is then there down to the stages it names and what depends
/// on them. What is not selected is not looked at: its outputs are taken as they lie.
struct Selection: Sendable {
  /// In the order of the graph.
  let instances: [Instance]
  /// Names of those that run even where they are fresh: the ones that `from` names, else the ones named
  /// as targets.
  let forced: Set<String>
  /// Whether it was `only` that left out what they need; else it was `from`, if anything did.
  let isOnly: Bool

  /// The targets and what they need.
  ///
  /// - Throws: `PipelineError` for a name that is neither a stage nor an instance, with the nearest.
  init(_ targets: [String], in graph: Graph) throws {
    try self.init(RunOptions(targets: targets), in: graph)
  }

  /// - Throws: `PipelineError` for an unknown name, for options that contradict each other, and for a
  ///   `from` that the targets don't need.
  init(_ options: RunOptions, in graph: Graph) throws {
    try Self.refuseContradictions(options)
    let named = try Self.resolve(options.targets, in: graph)
    let wanted = options.downstream ? graph.dependents(of: named) : named
    var instances =
      options.only ? graph.instances.filter { wanted.contains($0.name) } : graph.closure(of: wanted)
    var forced = named
    if !options.from.isEmpty {
      forced = try Self.resolve(options.from, in: graph)
      for name in options.from {
        let meant = try Self.resolve([name], in: graph)
        guard instances.contains(where: { meant.contains($0.name) }) else {
          throw PipelineError(
            "--from \(name): \(options.targets.joined(separator: ", ")) "
              + "\(options.targets.count == 1 ? "doesn't" : "don't") depend on it, so there is nothing "
              + "between the two; name a stage behind \(name), or none for all")
        }
      }
      let kept = graph.dependents(of: forced)
      instances.removeAll { !kept.contains($0.name) }
    }
    self.instances = instances
    isOnly = options.only
    self.forced = options.force ? forced : []
  }

  private static func refuseContradictions(_ options: RunOptions) throws {
    let isEverything = options.targets.isEmpty || options.targets.contains("all")
    if options.only, !options.from.isEmpty {
      throw PipelineError(
        "--only and --from contradict each other: --only runs the named stages and nothing else, --from "
          + "what depends on a stage, too; leave out one of them")
    }
    if options.downstream, !options.from.isEmpty {
      throw PipelineError(
        "--from takes all that depends on a stage already; leave out --downstream")
    }
    if options.downstream, isEverything {
      throw PipelineError(
        "--downstream adds what depends on the stages that are named, and none is; name one, as in "
          + "`work run train --downstream`")
    }
  }

  /// Names of the instances that the given names stand for.
  static func resolve(_ targets: [String], in graph: Graph) throws -> Set<String> {
    if targets.isEmpty || targets.contains("all") { return Set(graph.instances.map(\.name)) }
    var names: Set<String> = []
    for target in targets {
      let found = graph.instances.filter { $0.name == target || $0.stage == target }
      guard !found.isEmpty else {
        let stage = String(target.prefix { $0 != "@" })
        if let key = graph.absent.first(where: { $0.script.stage == stage })?.key {
          throw PipelineError(
            "there is no stage \(stage) as long as \(key) is null or false: set it in params.yaml, or by "
              + "`-S \(key)=…` for one command")
        }
        let known = graph.stages + graph.instances.map(\.name)
        throw PipelineError(
          "no stage “\(target)”" + Spelling.didYouMean(target, among: known)
            + " (there are: \(graph.stages.joined(separator: ", ")))")
      }
      names.formUnion(found.map(\.name))
    }
    return names
  }
}
