// Greedy forward selection with replacement (Caruana, Niculescu-Mizil, Crew and Ksikes, Ensemble selection from
// libraries of models, ICML 2004): an ensemble grows by the model that helps most, and how often a model was taken is
// its weight.

/// How several models are weighed.
public enum GreedySelection {
  /// How often each model is taken: the ensemble begins with the best model by itself and grows by the one with which
  /// it scores best, though that be less than before; the best ensemble on the way is taken. Among equals the first
  /// is.
  ///
  /// - Parameters:
  ///   - models: how many there are, one at least.
  ///   - rounds: models in the ensemble at most, those taken twice counted twice.
  ///   - score: of an ensemble, by how often each model is in it, in the smallest numbers; the higher, the better.
  public static func counts(
    of models: Int, rounds: Int = 12, score: ([Int]) throws -> Double
  ) rethrows -> [Int] {
    var counts = [Int](repeating: 0, count: models)
    var found: (counts: [Int], score: Double)?
    for _ in 0..<max(1, rounds) {
      var best: (model: Int, score: Double)?
      for model in 0..<models {
        var grown = counts
        grown[model] += 1
        let score = try score(reduced(grown))
        if best.map({ score > $0.score }) ?? true { best = (model, score) }
      }
      guard let best else { break }
      counts[best.model] += 1
      // Not for a difference that comes of rounding.
      if found.map({ best.score > $0.score + 1e-9 }) ?? true { found = (counts, best.score) }
    }
    return reduced(found?.counts ?? counts)
  }

  /// The same weights in the smallest numbers: an ensemble of two of each is that of one of each.
  private static func reduced(_ counts: [Int]) -> [Int] {
    func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
    let common = counts.reduce(0, divisor)
    return common < 2 ? counts : counts.map { $0 / common }
  }
}
