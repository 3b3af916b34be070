// What a run's score is, for a sweep: which stage named it, its parts, and the run that measured it. And what else scores
// depend on, so that those of one sweep can be compared.

import Basics
import Foundation
import Hashing

/// The score of a run.
public struct SweepScore: Sendable, Equatable {
  /// Of several instances of a stage, the mean.
  public var value: Double
  /// One a fold, or one an instance of the stage; empty where there is just the one number.
  public var parts: [Double]
  /// The run, or the one that made the same before.
  public var run: String

  /// The score that the last stage of a run named.
  ///
  /// - Parameter metric: the score's name.
  /// - Throws: `PipelineError` where no stage named it, or it is no number.
  public init(_ metric: String, of summary: RunSummary, in workspace: Workspace) throws {
    guard let last = summary.results.last(where: { $0.metrics[metric] != nil }) else {
      let known = Set(summary.results.flatMap(\.metrics.keys)).sorted()
      throw PipelineError(
        "no stage of the run named “\(metric)”" + Spelling.didYouMean(metric, among: known)
          + (known.isEmpty ? "" : "; there are: \(known.joined(separator: ", "))")
          + ". --metric NAME says by what to judge, --to STAGE how far to run")
    }
    let values = summary.results.filter { $0.stage == last.stage }.compactMap { $0.metrics[metric] }
    value = values.reduce(0, +) / Double(values.count)
    guard value.isFinite else {
      throw PipelineError(
        "\(last.stage): its \(metric) is \(value), which is no score", exit: .failed)
    }
    let made = last.restored?.run ?? last.madeBy ?? summary.folder?.lastPathComponent
    run = summary.folder?.lastPathComponent ?? made ?? ""
    if values.count > 1 {
      parts = values
    } else if metric == "score", let made {
      parts = RunHistory(workspace).foldMeans(of: last.instance, in: made)
    } else {
      parts = []
    }
  }
}

extension Sweep {
  /// Stands for all that scores depend on beside a sweep's settings: the other parameters of the stages that run, and
  /// their code.
  ///
  /// - Parameters:
  ///   - target: the stage to which settings run; nil for all.
  ///   - keys: what the settings set; what params.yaml has there doesn't matter.
  /// - Throws: `PipelineError` where there is no such stage, or code can't be read.
  public static func basis(_ project: Project, target: String?, without keys: [String]) throws
    -> String
  {
    let staleness = try Staleness(project)
    var lines: [String] = []
    for instance in try Selection(target.map { [$0] } ?? [], in: project.graph).instances {
      let values = instance.parameters.flatMap { key in
        JSONValue.object([.init(key, project.parameters[key] ?? .null)]).leaves
      }.filter { leaf in !keys.contains { leaf.0 == $0 || leaf.0.hasPrefix($0 + ".") } }
      lines.append(instance.name)
      lines += values.sorted { $0.0 < $1.0 }.map { "\($0.0) \($0.1)" }
      lines += try staleness.code(of: instance).sorted { $0.key < $1.key }
        .map { "\($0.key) \($0.value)" }
    }
    return Digest.hex(of: lines.joined(separator: "\n"))
  }

  /// - Throws: `PipelineError` where something else has changed than what the sweep tries.
  public func checkBasis(_ project: Project) throws {
    guard try Self.basis(project, target: request.target, without: keys) != basis else { return }
    throw PipelineError(
      "params.yaml or the code of a stage isn't what sweep \(id) began with, so that its scores couldn't be compared; "
        + "put it back, or start a new sweep (what hasn't changed comes from the cache)")
  }
}
