// Successive halving: all settings are trained for a few epochs of their whole schedule, the best third goes on from its
// checkpoints for three times as many, and so on, until few are left, which are trained to the end.

import Basics
import Foundation
import Notebook

/// How a setting stood after some epochs.
public struct SweepRung: Sendable, Equatable, Codable {
  /// After how many epochs of the schedule.
  public var epochs: Int
  /// What the training then told of the folds, in the mean.
  public var score: Double
  /// One a fold.
  public var parts: [Double]

  /// What a training told of a step, or where it told nothing then, of the last one before, or else of the first one
  /// behind.
  ///
  /// - Parameters:
  ///   - metric: the score's name; "score" is also told as "score of fold".
  ///   - summary: the run's, which may have found the training done or in the cache.
  /// - Throws: `PipelineError` where the training tells no such number by epoch.
  public init(
    _ metric: String, after epochs: Int, of summary: RunSummary, in workspace: Workspace
  ) throws {
    let history = RunHistory(workspace)
    self.epochs = epochs
    parts = []
    for result in summary.results where result.stage == Sweep.trainingStage {
      var points = result.history
      if points.isEmpty, let run = result.restored?.run ?? result.madeBy {
        points =
          (try? history.record(run))?.instances
          .first { $0.instance == result.instance }?.history ?? []
      }
      let told = points.compactMap { point in
        (point.metrics[metric] ?? point.metrics["\(metric) of fold"]).map { (point.step, $0) }
      }.filter(\.1.isFinite)
      guard let value = told.last(where: { $0.0 <= epochs }) ?? told.first else {
        throw PipelineError(
          "\(result.instance) tells no “\(metric)” or “\(metric) of fold” of its epochs, by which settings could be "
            + "compared before they are trained to the end; leave --halving out")
      }
      parts.append(value.1)
    }
    guard !parts.isEmpty else {
      throw PipelineError("the run trained nothing, so there are no epochs; leave --halving out")
    }
    score = parts.reduce(0, +) / Double(parts.count)
  }
}

extension Sweep {
  /// The stage whose epochs are meant.
  public static let trainingStage = "train"
  /// One of so many goes on, for so many times the epochs.
  static let factor = 3

  /// The epochs up to a rung, of which the first is 0.
  func epochs(toRung rung: Int) -> Int {
    (0..<rung).reduce(request.halving ?? 1) { epochs, _ in
      let (product, isTooLarge) = epochs.multipliedReportingOverflow(by: Self.factor)
      return isTooLarge ? .max : product
    }
  }

  /// After which epoch the next run of a setting ends; nil where it is run to the end.
  public func stop(_ setting: Setting) -> Int? {
    guard request.halving != nil else { return nil }
    let epochs = epochs(toRung: setting.rungs.count)
    if setting.rungs.isEmpty { return epochs }
    guard let planned = setting.planned, epochs < planned, settings(.waiting, .running).count > 1
    else { return nil }
    return epochs
  }

  /// Drops what has fallen behind, once all that wait have come to the same rung.
  ///
  /// - Returns: the settings that were dropped.
  public mutating func cut() -> [Setting] {
    let waiting = settings(.waiting)
    guard request.halving != nil, let rung = waiting.map(\.rungs.count).min(), rung > cuts,
      waiting.allSatisfy({ $0.rungs.count == rung })
    else { return [] }
    cuts = rung
    let kept = (waiting.count + Self.factor - 1) / Self.factor
    let dropped = waiting.sorted(by: isBetter).dropFirst(kept).map { setting in
      var setting = setting
      setting.state = .dropped
      return setting
    }
    for setting in dropped { set(setting) }
    return dropped
  }

  /// Whether a setting stood better than another after the same epochs; of equal ones the earlier.
  private func isBetter(_ a: Setting, _ b: Setting) -> Bool {
    let (x, y) = (a.rungs.last?.score ?? 0, b.rungs.last?.score ?? 0)
    return x == y ? a.number < b.number : request.isLessBetter ? x < y : x > y
  }

  /// By what settings are compared with each other: their score, or where only the best are trained to the end, how
  /// all stood after the same epochs; nil for what hasn't come that far.
  public func evidence(_ setting: Setting) -> (score: Double, parts: [Double])? {
    if request.halving != nil {
      guard setting.state != .failed else { return nil }
      return setting.rungs.first.map { ($0.score, $0.parts) }
    }
    guard setting.state == .done, let score = setting.score else { return nil }
    return (score, setting.parts)
  }

  /// Settings that can be compared, the best first.
  public var compared: [Setting] {
    let known = settings.compactMap { setting in evidence(setting).map { (setting, $0.score) } }
    return known.sorted {
      $0.1 == $1.1
        ? $0.0.number < $1.0.number : request.isLessBetter ? $0.1 < $1.1 : $0.1 > $1.1
    }.map(\.0)
  }
}

extension Sweeps {
  /// Removes the checkpoints that the last run of a setting left, from which it goes on no more. While another run has
  /// the workspace they stay, for `work gc`.
  ///
  /// - Throws: `FileError` where they can't be removed.
  public func removeCheckpoints(of setting: Sweep.Setting) throws {
    guard let run = setting.run, let owner = try? WorkspaceOwner(workspace.owner) else { return }
    try withExtendedLifetime(owner) {
      let folder = RunHistory(workspace).url(of: run)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      for name in names.sorted() where name.hasSuffix(".order.json") {
        guard let data = try? Data(contentsOf: folder.appendingPathComponent(name)),
          let order = try? JSONDecoder().decode(Order.self, from: data),
          order.stage == Sweep.trainingStage
        else { continue }
        // SCRATCH/INSTANCE/FINGERPRINT/state, and nothing elsewhere, whatever the file says.
        let place = URL(fileURLWithPath: order.scratch).standardizedFileURL
          .deletingLastPathComponent()
        guard
          place.deletingLastPathComponent().deletingLastPathComponent().path
            == workspace.scratch.standardizedFileURL.path
        else { continue }
        try WholeFile.remove(place)
      }
    }
  }
}
