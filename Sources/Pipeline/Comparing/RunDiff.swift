// What differs between two runs: parameters, code, metrics fold by fold with the noise that they have, and
// the images whose score changed most.

import Basics
import Foundation

/// The difference of two runs, the first being the old one.
public struct RunDiff: Sendable, Equatable, Codable {
  /// A parameter that has another value, in JSON; nil where a run doesn't have it.
  public struct Change: Sendable, Equatable, Codable {
    /// Its name.
    public var name: String
    /// Of the old run.
    public var old: String?
    /// Of the new run.
    public var new: String?
  }

  /// A metric that either run has.
  public struct Metric: Sendable, Equatable, Codable {
    /// Its name.
    public var name: String
    /// Of the old run.
    public var old: Double?
    /// Of the new run.
    public var new: Double?
    /// One an instance, such as a fold, for what a stage's instances measured.
    public var parts: [Part] = []
    /// Over the parts that both runs have.
    public var paired: PairedDifference?
  }

  /// One of several measurements of the same thing.
  public struct Part: Sendable, Equatable, Codable {
    /// Its name.
    public var name: String
    /// Of the old run.
    public var old: Double
    /// Of the new run.
    public var new: Double
    /// New less old.
    public var difference: Double { new - old }
  }

  /// A table of scores that both runs have kept.
  public struct Scores: Sendable, Equatable, Codable {
    /// The output that it is a copy of.
    public var path: String
    /// The means over the rows of each fold that both runs have; empty where the tables have no folds.
    public var folds: [Part]
    /// Over the folds.
    public var byFold: PairedDifference?
    /// Over all rows that both runs have.
    public var byRow: PairedDifference
    /// Rows whose score is another, those that changed most first.
    public var changed: [Part]
    /// Rows that only one of the runs has.
    public var unmatched: Int
  }

  /// Of the old run.
  public var old: String
  /// Of the new run.
  public var new: String
  /// Commits, where they differ.
  public var commits: [String?]
  /// Parameters with another value.
  public var parameters: [Change]
  /// Scripts, modules and packages with another digest in the two runs.
  public var code: [String]
  /// Inputs that no stage makes and that were others.
  public var inputs: [String]
  /// All metrics that either has.
  public var metrics: [Metric]
  /// Tables of scores that both have kept.
  public var scores: [Scores]
}

extension RunHistory {
  /// Compares two runs, by ids as `id(of:)` gives them.
  ///
  /// - Throws: `PipelineError` where a run's record is damaged.
  public func diff(_ old: String, _ new: String) throws -> RunDiff {
    let (a, b) = (try record(old), try record(new))
    let rows = (RunRow(id: old, a), RunRow(id: new, b))
    return RunDiff(
      old: old, new: new, commits: a.git == b.git ? [] : [a.git, b.git],
      parameters: Self.changes(rows.0.parameters, rows.1.parameters),
      code: Self.differing(a, b) { $0.code ?? [:] },
      inputs: Self.differing(a, b) { item in (item.inputs ?? [:]).mapValues(\.hash) }
        .filter { path in
          ![a, b].contains { $0.instances.contains { $0.outputs?[path] != nil } }
        },
      metrics: Self.metrics(rows.0, rows.1), scores: try scores((old, a), (new, b)))
  }

  static func changes(_ old: [String: String], _ new: [String: String]) -> [RunDiff.Change] {
    Set(old.keys).union(new.keys).sorted().compactMap { key in
      old[key] == new[key] ? nil : RunDiff.Change(name: key, old: old[key], new: new[key])
    }
  }

  /// Names whose values differ in an instance that both runs have.
  private static func differing(
    _ a: RunRecord, _ b: RunRecord, _ parts: (RunRecord.Item) -> [String: String]
  ) -> [String] {
    var names: Set<String> = []
    for item in a.instances {
      guard let other = b.instances.first(where: { $0.instance == item.instance }) else { continue }
      let (old, new) = (parts(item), parts(other))
      // Runs of before version 2 tell of neither.
      guard !old.isEmpty, !new.isEmpty else { continue }
      names.formUnion(changes(old, new).map(\.name))
    }
    return names.sorted()
  }

  static func metrics(_ old: RunRow, _ new: RunRow) -> [RunDiff.Metric] {
    let table = RunTable(rows: [old, new])
    var metrics: [RunDiff.Metric] = []
    for name in table.metrics {
      // "train@2.score" is a part of "train.score", where a run has that.
      if let at = name.firstIndex(of: "@"), let dot = name[at...].firstIndex(of: "."),
        let whole = metrics.firstIndex(where: { $0.name == name[..<at] + name[dot...] })
      {
        if let before = old.metrics[name], let after = new.metrics[name] {
          metrics[whole].parts.append(
            .init(name: String(name[name.index(after: at)..<dot]), old: before, new: after))
        }
        continue
      }
      metrics.append(.init(name: name, old: old.metrics[name], new: new.metrics[name]))
    }
    for index in metrics.indices where !metrics[index].parts.isEmpty {
      metrics[index].paired = PairedDifference(metrics[index].parts.map(\.difference))
    }
    return metrics
  }

  // MARK: Scores

  private func scores(
    _ a: (id: String, record: RunRecord), _ b: (id: String, record: RunRecord)
  ) throws -> [RunDiff.Scores] {
    let (old, new) = (tables(of: a.id, a.record), tables(of: b.id, b.record))
    return old.keys.sorted().compactMap { path in
      guard let before = old[path], let after = new[path] else { return nil }
      return Self.compare(path, before, after)
    }
  }

  /// The tables of scores that an instance of a run has kept, or that the run whose outputs it took has.
  private func tables(of id: String, _ record: RunRecord) -> [String: ScoreTable] {
    var tables: [String: ScoreTable] = [:]
    // What wasn't come to, or failed, has no scores in this run, whatever lies there from before.
    for item in record.instances
    where InstanceResult.Outcome(rawValue: item.status)?.isGood ?? false {
      let run = item.madeBy ?? id
      let kept =
        item.kept
        ?? (item.madeBy.flatMap { RunRecord.read(folder($0).json) }?
          .instances.first { $0.instance == item.instance }?.kept)
      for path in kept ?? [] where path.hasSuffix(".csv") {
        let file = folder(run).kept(item.instance).appendingPathComponent(path)
        if let text = try? String(contentsOf: file, encoding: .utf8),
          let table = ScoreTable(csv: text)
        {
          tables[path] = table
        }
      }
    }
    return tables
  }

  private static func compare(_ path: String, _ old: ScoreTable, _ new: ScoreTable)
    -> RunDiff.Scores
  {
    var rows: [RunDiff.Part] = []
    var folds: [String: (old: Double, new: Double, count: Double)] = [:]
    for (name, before) in old.rows {
      guard let after = new.rows[name] else { continue }
      rows.append(.init(name: name, old: before.score, new: after.score))
      // Where the images were divided otherwise, folds are no pairs.
      guard let fold = before.fold, fold == after.fold else { continue }
      let sum = folds[fold] ?? (0, 0, 0)
      folds[fold] = (sum.old + before.score, sum.new + after.score, sum.count + 1)
    }
    rows.sort { (-abs($0.difference), $0.name) < (-abs($1.difference), $1.name) }
    let isSameDivision = folds.values.reduce(0) { $0 + Int($1.count) } == rows.count
    let parts =
      !isSameDivision
      ? []
      : folds.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
        .map {
          RunDiff.Part(
            name: $0.key, old: $0.value.old / $0.value.count, new: $0.value.new / $0.value.count)
        }
    return RunDiff.Scores(
      path: path, folds: parts,
      byFold: parts.isEmpty ? nil : PairedDifference(parts.map(\.difference)),
      // In an order of their own, so that sums don't depend on the dictionary's.
      byRow: PairedDifference(rows.map(\.difference)),
      changed: rows.filter { $0.difference != 0 },
      unmatched: old.rows.count + new.rows.count - 2 * rows.count)
  }
}
