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
  /// Stands for all that scores depend on beside a sweep's settings: parameters, and the code of stages.
  ///
  /// - Throws: `PipelineError` where code can't be read.
  public static func basis(_ project: Project) throws -> String {
    let staleness = try Staleness(project)
    var parts = project.parameters.root
    if case .object(var members) = parts {
      members[Parameters.runtimeKey] = nil
      parts = .object(members)
    }
    var text = parts.canonical
    var seen: Set<String> = []
    for instance in project.graph.instances where seen.insert(instance.stage).inserted {
      let code = try staleness.code(of: instance).sorted { $0.key < $1.key }
      text += "\n\(instance.stage)" + code.map { " \($0.key) \($0.value)" }.joined()
    }
    return Digest.hex(of: text)
  }

  /// - Throws: `PipelineError` where something else has changed than what the sweep tries.
  public func checkBasis(_ project: Project) throws {
    guard try Self.basis(project) != basis else { return }
    throw PipelineError(
      "params.yaml or the code of a stage isn't what sweep \(id) began with, so that its scores couldn't be compared; "
        + "put it back, or start a new sweep (what hasn't changed comes from the cache)")
  }
}
