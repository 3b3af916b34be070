// The mean score of each fold, out of the table of scores that a run has kept.

import Basics
import Foundation

extension RunHistory {
  /// The means over the rows of each fold in the first table of scores that an instance kept, in the order of folds;
  /// none where it kept no table with folds, or the run is gone.
  public func foldMeans(of instance: String, in run: String) -> [Double] {
    guard let record = RunRecord.read(folder(run).json) else { return [] }
    // Of a run that took its result from elsewhere, the run that made it has the copies.
    let item = record.instances.first { $0.instance == instance }
    let maker = item?.madeBy ?? run
    let kept =
      item?.kept
      ?? RunRecord.read(folder(maker).json)?.instances.first { $0.instance == instance }?.kept ?? []
    for path in kept where path.hasSuffix(".csv") {
      let file = folder(maker).kept(instance).appendingPathComponent(path)
      guard let text = try? String(contentsOf: file, encoding: .utf8),
        let table = ScoreTable(csv: text)
      else { continue }
      let means = table.foldMeans
      if !means.isEmpty { return means }
    }
    return []
  }

  /// How the scores of images differ between two runs, image by image, for the first table that both have kept; nil
  /// where they have none.
  ///
  /// - Throws: `PipelineError` where a run's record is damaged.
  public func scoreChanges(from old: String, to new: String) throws -> RunDiff.Scores? {
    guard WholeFile.exists(folder(old).json), WholeFile.exists(folder(new).json) else { return nil }
    return try diff(old, new).scores.first
  }
}

extension ScoreTable {
  /// The mean score of each fold, in the order of folds; none where a row has no fold.
  var foldMeans: [Double] {
    var sums: [String: (sum: Double, count: Double)] = [:]
    // In an order of their own, so that sums don't depend on the dictionary's.
    for (_, row) in rows.sorted(by: { $0.key < $1.key }) {
      guard let fold = row.fold else { return [] }
      let sum = sums[fold] ?? (0, 0)
      sums[fold] = (sum.sum + row.score, sum.count + 1)
    }
    return sums.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
      .map { $0.value.sum / $0.value.count }
  }
}
