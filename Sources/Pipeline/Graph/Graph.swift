// Which instance needs which: edges from declared paths alone. Whether files exist is not known here.

import Basics

/// All instances and what needs what.
public struct Graph: Sendable {
  /// In an order in which they can run; where that leaves a choice, by the scripts' names.
  public let instances: [Instance]
  /// What each input stands for, by instance and declared path.
  let sources: [String: [String: Source]]
  /// Stages that there aren't with these parameters.
  let absent: [Absent]
  private let positions: [String: Int]

  /// A stage without an instance, since the parameter that its `when` names is null or false.
  struct Absent: Sendable {
    var script: StageScript
    var key: String
  }

  /// What a declared input is.
  enum Source: Sendable, Equatable {
    /// Lies on disk; no stage makes it.
    case external
    /// An output of one instance, or something inside it.
    case made(by: String)
    /// A folder around declared outputs, which it stands for.
    case outputs([Output])
  }

  struct Output: Sendable, Equatable {
    var path: String
    var producer: String
  }

  /// Connects the instances.
  ///
  /// - Parameter absent: stages that have none with these parameters.
  /// - Throws: `PipelineError` naming the files: two stages with one output, an output inside another's,
  ///   a stage that reads what it makes, a cycle.
  init(_ declared: [Instance], absent: [Absent] = []) throws {
    let outputs = declared.flatMap { instance in
      instance.outputs.map { Output(path: $0, producer: instance.name) }
    }.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    try Self.checkOutputs(outputs)
    self.absent = absent
    let unordered = declared.map { instance in
      var instance = instance
      instance.inputs += instance.optionalInputs.filter {
        !instance.inputs.contains($0) && Self.source(of: $0, outputs) != .external
      }
      instance.optionalInputs = []
      return instance
    }

    var sources: [String: [String: Source]] = [:]
    var needs: [String: Set<String>] = [:]
    for instance in unordered {
      for input in instance.inputs {
        let source = Self.source(of: input, outputs)
        let producers = Self.producers(source)
        guard !producers.contains(instance.name) else {
          throw PipelineError(
            "\(instance.script): \(instance.name) reads \(input), which it makes itself")
        }
        sources[instance.name, default: [:]][input] = source
        needs[instance.name, default: []].formUnion(producers)
      }
    }
    self.sources = sources
    instances = try Self.ordered(unordered, needs)
    positions = Dictionary(uniqueKeysWithValues: instances.enumerated().map { ($1.name, $0) })
  }

  /// The instance of a name, or nil.
  public subscript(name: String) -> Instance? { positions[name].map { instances[$0] } }

  /// The script of a stage, whether it has instances or not; nil where there is none.
  func script(of stage: String) -> StageScript? {
    instances.first { $0.stage == stage }?.source
      ?? absent.first { $0.script.stage == stage }?.script
  }

  /// The stages' names, in the order of the graph.
  public var stages: [String] {
    var seen: Set<String> = []
    return instances.map(\.stage).filter { seen.insert($0).inserted }
  }

  /// Names of the instances whose outputs an instance reads, in the order of the graph.
  public func dependencies(of name: String) -> [String] {
    let found = Set((sources[name] ?? [:]).values.flatMap(Self.producers))
    return found.sorted { (positions[$0] ?? 0) < (positions[$1] ?? 0) }
  }

  /// The instances named and everything that they need, in the order of the graph.
  func closure(of names: Set<String>) -> [Instance] {
    var wanted = names
    for instance in instances.reversed() where wanted.contains(instance.name) {
      wanted.formUnion(dependencies(of: instance.name))
    }
    return instances.filter { wanted.contains($0.name) }
  }

  /// Names of the instances named and of everything that depends on them.
  func dependents(of names: Set<String>) -> Set<String> {
    var found = names
    for instance in instances where !found.isDisjoint(with: dependencies(of: instance.name)) {
      found.insert(instance.name)
    }
    return found
  }

  /// The paths that an instance's inputs stand for: folders around outputs are replaced by the outputs.
  func files(of instance: Instance) -> [String] {
    var paths: Set<String> = []
    for input in instance.inputs {
      if case .outputs(let outputs)? = sources[instance.name]?[input] {
        paths.formUnion(outputs.map(\.path))
      } else {
        paths.insert(input)
      }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Folders among an instance's inputs that stand for declared outputs, and those outputs.
  func expanded(_ instance: Instance) -> [String: [String]] {
    (sources[instance.name] ?? [:]).compactMapValues { source in
      if case .outputs(let outputs) = source { outputs.map(\.path) } else { nil }
    }
  }

  /// Names of the instances that make a path which an instance reads (as `files(of:)` lists it).
  func producers(of path: String, for instance: Instance) -> [String] {
    var found: Set<String> = []
    for (input, source) in sources[instance.name] ?? [:] {
      switch source {
      case .external: break
      case .made(let producer): if input == path { found.insert(producer) }
      case .outputs(let outputs):
        found.formUnion(outputs.filter { $0.path == path }.map(\.producer))
      }
    }
    return found.sorted()
  }

  // MARK: Building

  private static func producers(_ source: Source) -> [String] {
    switch source {
    case .external: []
    case .made(let producer): [producer]
    case .outputs(let outputs): outputs.map(\.producer)
    }
  }

  private static func source(of input: String, _ outputs: [Output]) -> Source {
    if let output = outputs.first(where: {
      $0.path == input || input.lies(inFolder: $0.path)
    }) {
      return .made(by: output.producer)
    }
    let below = outputs.filter { $0.path.lies(inFolder: input) }
    return below.isEmpty ? .external : .outputs(below)
  }

  private static func checkOutputs(_ outputs: [Output]) throws {
    var owners: [String: String] = [:]
    for output in outputs {
      if let other = owners.updateValue(output.producer, forKey: output.path) {
        throw PipelineError(
          "\(output.path): is an output of both \(other) and \(output.producer); one of them has to write "
            + "elsewhere"
            + (stem(other) == stem(output.producer)
              ? " (put the item into the path, as in ${fold})" : ""))
      }
    }
    for output in outputs {
      var folder = output.path[...]
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        if let other = owners[String(folder)] {
          throw PipelineError(
            "\(output.path): an output of \(output.producer), lies inside \(folder), an output of "
              + "\(other); outputs may not contain each other")
        }
      }
    }
  }

  private static func stem(_ name: String) -> Substring { name.prefix { $0 != "@" } }

  private static func ordered(
    _ instances: [Instance], _ needs: [String: Set<String>]
  ) throws -> [Instance] {
    // Those of one stage keep the order of their items: train@2 before train@10.
    var waiting = instances.enumerated().sorted {
      ($0.element.stage, $0.offset) < ($1.element.stage, $1.offset)
    }.map(\.element)
    var done: Set<String> = []
    var result: [Instance] = []
    while let next = waiting.firstIndex(where: { (needs[$0.name] ?? []).isSubset(of: done) }) {
      let instance = waiting.remove(at: next)
      done.insert(instance.name)
      result.append(instance)
    }
    if let start = waiting.first { throw cycle(from: start, waiting, needs) }
    return result
  }

  /// Follows what holds the waiting instances up until one comes round again.
  private static func cycle(
    from start: Instance, _ waiting: [Instance], _ needs: [String: Set<String>]
  ) -> PipelineError {
    let stuck = Dictionary(uniqueKeysWithValues: waiting.map { ($0.name, $0) })
    var trail = [start]
    while let here = trail.last {
      guard let name = (needs[here.name] ?? []).filter({ stuck[$0] != nil }).min(),
        let next = stuck[name]
      else { break }
      if let first = trail.firstIndex(of: next) {
        let circle = (Array(trail[first...]) + [next]).reversed() as [Instance]
        let steps = zip(circle, circle.dropFirst()).map { maker, reader in
          let path = maker.outputs.first { out in
            reader.inputs.contains {
              $0 == out || $0.lies(inFolder: out) || out.lies(inFolder: $0)
            }
          }
          return
            "  \(maker.name) makes \(path ?? "?"), which \(reader.name) (\(reader.script)) reads"
        }
        return PipelineError(
          "the stages depend on each other in a circle:\n" + steps.joined(separator: "\n"))
      }
      trail.append(next)
    }
    return PipelineError("the stages depend on each other in a circle around \(start.name)")
  }
}
