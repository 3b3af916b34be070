// A sweep as its file has it: what was asked, and how each setting stands. Whatever ends the command, the file says what
// is left to do.

import Basics
import Foundation

/// Settings of some parameters, run one after the other.
public struct Sweep: Sendable, Equatable, Codable {
  /// How a setting stands.
  public enum State: String, Sendable, Codable {
    case waiting, running, done, failed, removed
    /// Behind others after some epochs, and not trained further.
    case dropped
  }

  /// What was asked for. Two sweeps that ask for the same are the same.
  public struct Request: Sendable, Equatable, Codable {
    /// Parameters with their values, as given to `-S`.
    public var assignments: [String]
    /// Other overrides, the same for all settings.
    public var fixed: [String] = []
    /// How many settings are drawn at random; nil for all.
    public var random: Int?
    /// Of all that is drawn.
    public var seed = 0
    /// The stage to which settings run; nil for all stages.
    public var target: String?
    /// The score's name.
    public var metric: String
    /// Whether less of it is better.
    public var isLessBetter = false
    /// After how many epochs the best third of the settings goes on alone, for three times as many; nil where all are
    /// trained to the end.
    public var halving: Int?

    /// Asks for settings, judged by a score.
    public init(assignments: [String], metric: String) {
      self.assignments = assignments
      self.metric = metric
    }
  }

  /// One setting.
  public struct Setting: Sendable, Equatable, Codable {
    /// From 1, in the order in which they run.
    public var number: Int
    /// A value for each parameter, as YAML.
    public var values: [String]
    /// How it stands.
    public var state = State.waiting
    /// The run that it was, or that made the same before.
    public var run: String?
    /// Its score; nil until it is done.
    public var score: Double?
    /// The score's parts, one a fold; empty where it has none.
    public var parts: [Double] = []
    /// How it stood after some epochs, where only the best go on.
    public var rungs: [SweepRung] = []
    /// The epochs that it would be trained for in all; nil until it has begun.
    public var planned: Int?
    /// What it took, results from the cache included.
    public var seconds: Double?
    /// What went wrong.
    public var error: String?

    init(number: Int, values: [String]) {
      self.number = number
      self.values = values
    }

    /// The standard deviation of the parts (with n - 1); nil for fewer than two.
    public var spread: Double? {
      parts.count < 2 ? nil : PairedDifference(parts).deviation
    }
  }

  static let currentVersion = 1
  var version = Sweep.currentVersion
  /// Its number, which names its folder.
  public let id: Int
  /// When it was asked for, in UTC.
  public let created: String
  /// What was asked for.
  public let request: Request
  /// The parameters' keys.
  public let keys: [String]
  /// Stands for everything else that the scores depend on: other parameters, and code.
  let basis: String
  /// At most so many settings are run; nil for all.
  public var budget: Int?
  /// No setting is begun that isn't expected to end within so many hours of running; nil for any time.
  public var hours: Double?
  /// In the order in which they run.
  public var settings: [Setting]
  /// How many times some were dropped.
  var cuts = 0

  init(
    id: Int, created: String, request: Request, keys: [String], basis: String, values: [[String]]
  ) {
    self.id = id
    self.created = created
    self.request = request
    self.keys = keys
    self.basis = basis
    settings = values.enumerated().map { Setting(number: $0.offset + 1, values: $0.element) }
  }

  // MARK: What follows

  /// What to give to `-S` for a setting, without what is the same for all.
  public func assignments(_ setting: Setting) -> [String] {
    zip(keys, setting.values).map { "\($0)=\($1)" }
  }

  /// All overrides of a setting.
  public func overrides(_ setting: Setting) -> [String] {
    request.fixed + assignments(setting)
  }

  /// Settings of a state, in the order in which they run.
  public func settings(_ states: State...) -> [Setting] {
    settings.filter { states.contains($0.state) }
  }

  /// Settings that are done, the best first; of equal ones the earlier.
  public var ranking: [Setting] {
    settings.filter { $0.state == .done && $0.score != nil }.sorted {
      let (a, b) = ($0.score ?? 0, $1.score ?? 0)
      return a == b ? $0.number < $1.number : request.isLessBetter ? a < b : a > b
    }
  }

  /// The setting with the best score.
  public var best: Setting? { ranking.first }

  /// What a setting may be expected to take, or its next part, going by the median of those that have ended; nil before
  /// the first.
  public var expectedSeconds: Double? {
    let parts = settings.compactMap { setting in
      setting.seconds.map {
        $0 / Double(max(1, setting.rungs.count + (setting.state == .done ? 1 : 0)))
      }
    }.sorted()
    return parts.isEmpty ? nil : parts[(parts.count - 1) / 2]
  }

  /// Seconds that settings took, together.
  public var spentSeconds: Double { settings.compactMap(\.seconds).reduce(0, +) }

  /// Whether anything is left to run, but for the budget.
  public var isOpen: Bool { settings.contains { [.waiting, .running].contains($0.state) } }

  /// The next setting to run; nil where none is left, or the budget doesn't allow it.
  public var next: Setting? {
    let waiting = settings(.waiting)
    let rung = waiting.map(\.rungs.count).min()
    return isSpent ? nil : waiting.first { $0.rungs.count == rung }
  }

  /// Whether the budget allows no further setting.
  public var isSpent: Bool {
    if let budget, settings(.done, .failed).count >= budget { return true }
    guard let hours else { return false }
    return spentSeconds + (expectedSeconds ?? 0) > hours * 3600 || spentSeconds >= hours * 3600
  }

  /// How many of the settings that wait the budget allows, as far as can be said.
  public var allowedCount: Int {
    let waiting = settings(.waiting)
    let rung = waiting.map(\.rungs.count).min()
    var count = waiting.count { $0.rungs.count == rung }
    if let budget { count = min(count, max(0, budget - settings(.done, .failed).count)) }
    if let hours, let expectedSeconds, expectedSeconds > 0 {
      count = min(count, Int(min(1e6, max(0, (hours * 3600 - spentSeconds) / expectedSeconds))))
    }
    return count
  }

  /// Puts a setting in the place of the one of the same number.
  public mutating func set(_ setting: Setting) {
    guard let index = settings.firstIndex(where: { $0.number == setting.number }) else { return }
    settings[index] = setting
  }

  /// Makes everything wait again that was broken off, or failed.
  mutating func begin() {
    for index in settings.indices where [.running, .failed].contains(settings[index].state) {
      settings[index].state = .waiting
      settings[index].error = nil
    }
  }
}
