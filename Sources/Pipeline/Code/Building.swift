// Building the stages' programs ahead of a run, and what a program is identified by.

import Basics
import Foundation

extension Runner {
  /// Builds the programs of stages, but not of those that are built already. Runs none of them.
  ///
  /// - Parameters:
  ///   - targets: stage or instance names, with what they need; empty means all.
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
    let evaluator = try evaluator()
    var broken: [String] = []
    for stage in graph.stages {
      guard let instance = instances.first(where: { $0.stage == stage }),
        instance.language == .swift
      else { continue }
      let log = logs.appendingPathComponent("\(stage).log")
      try WholeFile.remove(log)
      let outcome = try builder.build(
        stage: stage, identity: try evaluator.buildIdentity(of: instance), log: log,
        interruption: interruption
      ) { observer.observe(.buildStarted(stage: stage)) }
      switch outcome {
      case .built(_, let seconds):
        if let seconds { observer.observe(.buildFinished(stage: stage, seconds: seconds)) }
      case .failed(let errors, let log):
        broken.append(stage)
        observer.observe(.buildFailed(stage: stage, errors: errors, log: log))
      }
    }
    return broken
  }
}

extension Evaluator {
  /// A digest of everything that the program of an instance's stage is built from.
  func buildIdentity(of instance: Instance) throws -> String {
    let code = try code(of: instance).sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value)" }.joined(separator: "\n")
    // The script's bytes, too: the lines that it reports are those of its source.
    let raw = [instance.script, "Package.swift"].map {
      Digest.hex(of: [UInt8]((try? Data(contentsOf: root.appendingPathComponent($0))) ?? Data()))
    }
    return Digest.hex(of: code + "\n" + raw.joined(separator: "\n"))
  }
}
