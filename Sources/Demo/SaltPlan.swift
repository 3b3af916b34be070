// Which images the salt competition has: how deep each lies, how much salt it shows, what is odd
// about it. Knows nothing of pixels.

import Imaging

/// One image of the salt competition before it is drawn.
struct SaltPlan {
  /// What is unusual about an image.
  enum Oddity {
    /// The image is black and has no salt.
    case blank
    /// The mask has a few pixels.
    case tiny
    /// The mask is made of whole columns.
    case stripe
    /// The image is that of the plan before it.
    case duplicate
  }

  /// Depth in feet, 50 to 960.
  var depth: Int
  /// Share of the image that is salt; 0 for none.
  var coverage: Double
  var oddity: Oddity?

  /// Plans for a set of images. 38 % have no salt, a quarter of the rest has little, the rest lies
  /// between a tenth and all. Deep images have salt more often, and more of it.
  static func plans(count: Int, seed: UInt64, set: String) -> [SaltPlan] {
    var generator = SeededGenerator(seed: seed, "plan", set)
    // Places in the distribution of depth, one from each of `count` equal parts.
    let positions = (0..<count).map { (Double($0) + generator.uniform()) / Double(count) }
      .shuffled(using: &generator)
    let scores = positions.map { 0.5 * $0 + generator.uniform() }
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    let empty = Int((0.38 * Double(count)).rounded())
    var plans = positions.map { position in
      // Most depths lie in the middle, as if three numbers had been added.
      let centred = 2 * position - 1
      let spread = 0.45 * centred + 0.55 * centred * centred * centred
      return SaltPlan(depth: 505 + Int((455 * spread).rounded()), coverage: 0)
    }
    for (rank, index) in order.dropFirst(empty).enumerated() {
      let share = (Double(rank) + generator.uniform()) / Double(count - empty)
      plans[index].coverage =
        share < 0.25 ? 0.008 + 0.092 * share / 0.25 : 0.1 + 0.9 * (share - 0.25) / 0.75
    }
    if count >= 20 { addOddities(to: &plans, order: order, empty: empty, set: set) }
    return plans
  }

  /// One of each oddity for every hundred images; the test set has blank images only.
  private static func addOddities(
    to plans: inout [SaltPlan], order: [Int], empty: Int, set: String
  ) {
    let each = 1 + plans.count / 100
    for index in order.prefix(each) { plans[index].oddity = .blank }
    guard set == "train" else { return }
    let filled = order.dropFirst(empty)
    for index in filled.prefix(each) {
      plans[index].oddity = .tiny
      plans[index].coverage = 0.0006
    }
    for index in filled.dropFirst(each).prefix(each) {
      plans[index].oddity = .stripe
      plans[index].coverage = 0.12
    }
    for index in stride(from: 1, to: plans.count, by: max(2, plans.count / each)).prefix(each)
    where plans[index].oddity == nil && plans[index - 1].oddity == nil {
      plans[index] = plans[index - 1]
      plans[index].oddity = .duplicate
    }
  }
}
