// The score by a command of the user's own, over tables as they would be submitted.

public import Datasets
import Foundation
public import Workbench

extension Stage {
  /// What `competition.metric.command` makes of the out-of-fold predictions and the truth; nil without one.
  ///
  /// - Throws: `InputError` with what the command said, where it fails or prints no number.
  public func ownScore(
    _ competition: Competition, _ evaluation: Evaluation, maps: ProbabilityMaps, truth: ImageSet
  ) throws -> Double? {
    guard let command = competition.metric.command else { return nil }
    let folder = scratch.appendingPathComponent("metric")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (expected, predicted) = (
      folder.appendingPathComponent("truth.csv"), folder.appendingPathComponent("submission.csv")
    )
    let places = try maps.ids.map(truth.index(of:))
    try competition.table(ids: maps.ids) { truth.truth(places[$0]) }.write(to: expected)
    try competition.table(ids: maps.ids) {
      evaluation.prediction($0, of: maps, competition.targets)
    }.write(to: predicted)
    message("scoring by `\(command)`")
    return try MetricCommand(command).score(
      truth: expected, submission: predicted, folder: workspace)
  }
}
