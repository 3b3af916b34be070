// What the runner knows of the submission that a run has just written.

import Basics
public import Foundation

/// The file of a submission, and what it should score.
public struct SubmissionFacts: Sendable, Equatable {
  /// The file.
  public var file: URL
  /// SHA-256 as hex.
  public var sha256: String
  /// The run that wrote it, or took it from the cache.
  public var run: String
  /// Whether that is the run that was asked about, and not an earlier one.
  public var isNew: Bool
  /// What the nearest stage before it that names a score has measured; nil where none does.
  public var estimate: SubmissionLedger.Estimate?
}

extension Runner {
  /// What is known of an output that a run has made, or has found up to date: the run that made it may have been
  /// killed before it could tell anybody.
  ///
  /// - Parameters:
  ///   - path: the output, relative to the workspace.
  ///   - summary: the run's.
  /// - Returns: nil where the output isn't the run's, or it is unknown which run made it.
  /// - Throws: `PipelineError` where the output can't be read.
  public func submissionFacts(_ path: String, of summary: RunSummary) throws -> SubmissionFacts? {
    guard let maker = graph.instances.first(where: { $0.outputs.contains(path) }),
      let outcome = summary.results.first(where: { $0.instance == maker.name })?.outcome,
      outcome.hasMadeOutputs || outcome == .fresh
    else { return nil }
    let isNew = outcome.hasMadeOutputs
    let folder =
      isNew
      ? summary.folder
      : LatestRuns(workspace.latest).folder(of: maker.name, in: workspace.runs)?.url
    guard let run = folder?.lastPathComponent else { return nil }
    hashes.forget()
    guard let state = try hashes.state(of: path) else { return nil }
    return SubmissionFacts(
      file: workspace.url(of: path), sha256: state.hash, run: run, isNew: isNew,
      estimate: estimate(before: maker.name))
  }

  /// The score that the last instance named which an instance needs, however many are between.
  private func estimate(before instance: String) -> SubmissionLedger.Estimate? {
    var needed: Set<String> = []
    var next = Set(graph.dependencies(of: instance))
    while !next.isEmpty {
      needed.formUnion(next)
      next = Set(next.flatMap { graph.dependencies(of: $0) }).subtracting(needed)
    }
    guard
      let found = currentMetrics().last(where: {
        needed.contains($0.instance) && $0.metrics["score"] != nil
      }), let mean = found.metrics["score"]
    else { return nil }
    return SubmissionLedger.Estimate(
      mean: mean, folds: RunHistory(workspace).foldMeans(of: found.instance, in: found.run),
      instance: found.instance, run: found.run)
  }
}
