// How a sweep is told: which setting comes first, which columns there are, and what a parameter does in a sentence.

import Basics
import Pipeline

extension Sweep {
  /// The best first, then how far others came, then what has no score in the order in which it runs.
  var sorted: [Setting] {
    let ranking = ranking
    let ranked = Set(ranking.map(\.number))
    let others = settings.filter { !ranked.contains($0.number) }.sorted {
      let (a, b) = ($0.rungs, $1.rungs)
      if a.count != b.count { return a.count > b.count }
      guard let x = a.last?.score, let y = b.last?.score, x != y else {
        return $0.number < $1.number
      }
      return request.isLessBetter ? x < y : x > y
    }
    return ranking + others
  }

  /// Places of the keys of which settings have several values.
  var variedKeys: [Int] {
    keys.indices.filter { key in settings.contains { $0.values[key] != settings[0].values[key] } }
  }

  /// The epochs after which settings were compared, with `--halving`.
  var rungEpochs: [Int] { Set(settings.flatMap { $0.rungs.map(\.epochs) }).sorted() }

  /// What settings are compared by, in words.
  var evidenceLabel: String {
    request.halving.map { "\(request.metric) of folds after epoch \($0)" } ?? request.metric
  }

  /// What tables say of a setting: number, score, spread, scores after some numbers of epochs, values of some keys, time,
  /// run and how it stands.
  func cells(_ setting: Setting, rungs: [Int], keys: [Int], state: String) -> [String] {
    [
      "\(setting.number)", setting.score.map(Readable.number) ?? "",
      setting.spread.map(Readable.number) ?? "",
    ] + setting.scores(after: rungs) + keys.map { setting.values[$0] } + [
      setting.seconds.map(Readable.duration) ?? "", setting.run ?? "", state,
    ]
  }

  /// What to type to have a setting.
  func command(_ setting: Setting) -> String {
    ShellLine.work(["run", "all"] + overrides(setting).flatMap { ["-S", $0] })
  }
}

extension Sweep.Setting {
  /// Scores after some numbers of epochs, as text.
  func scores(after epochs: [Int]) -> [String] {
    epochs.map { epoch in
      rungs.first { $0.epochs == epoch }.map { Readable.number($0.score) } ?? ""
    }
  }
}

extension SweepEffect {
  /// What the parameter does, in a sentence.
  func sentence(_ sweep: Sweep) -> String {
    if groups.allSatisfy({ $0.mean == groups[0].mean }) {
      return "all values have the same \(sweep.evidenceLabel)."
    }
    let (best, worst) = (groups[best].label, groups[worst].label)
    let gain = Readable.number(abs(difference))
    let evidence = evidence.map { " (\($0))" } ?? ""
    guard let band, let isNoise else {
      return
        "\(best) is ahead of \(worst) by \(gain), and nothing says how much of that is noise: no two settings have "
        + "the same value, and the score has no folds."
    }
    let noise = "± \(Readable.number(band))"
    if isNoise {
      return
        "no value is better than another by more than noise: \(best) is ahead of \(worst) by \(gain) \(noise)"
        + "\(evidence)."
    }
    return
      "from \(worst) to \(best), the \(sweep.evidenceLabel) \(sweep.request.isLessBetter ? "falls" : "rises") by "
      + "\(gain) \(noise)\(evidence)."
  }

  private var evidence: String? {
    guard let count, let basis else { return nil }
    return switch basis {
    case .pairs: "\(count) pairs of settings that differ in it alone"
    case .groups:
      "by the spread of settings with \(isBinned ? "values near each other" : "the same value")"
    case .folds: "\(count) folds"
    }
  }
}
