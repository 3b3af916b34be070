// `work build`: the stages' programs, built ahead of a run.

import Basics
import Foundation

extension Runner {
  /// Builds the programs of stages, but not of those that are built already. Runs none of them.
  ///
  /// - Parameters:
  ///   - targets: stage or instance names, with what they need; empty means all, those that parameters leave out, too.
  ///   - interruption: stops the compiler, and the build.
  ///   - observer: told of each build; failures, too.
  /// - Returns: the stages that don't compile.
  /// - Throws: `PipelineError` for an unknown name, or where no build can be started.
  public func build(
    _ targets: [String] = [], interruption: Interruption = Interruption(),
    observer: any RunObserver
  ) throws -> [String] {
    let instances = try Selection(targets, in: graph).instances
    let logs = workspace.work.appendingPathComponent("build", isDirectory: true)
    try WholeFile.makeFolder(logs)
    var programs = StagePrograms(try staleness(), builder: builder, observer: observer)
    let stages =
      graph.stages.filter { stage in instances.contains { $0.stage == stage } }
      + (targets.isEmpty ? graph.absent.map(\.script.stage) : [])
    try programs.build(stages, interruption: interruption) { stage in
      let log = logs.appendingPathComponent("\(stage).log")
      try WholeFile.remove(log)
      return log
    }
    return stages.filter { programs.errors(of: $0) != nil }
  }
}
