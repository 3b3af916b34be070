// What somebody may have meant.

import Basics
import Testing

struct SpellingTests {
  @Test(
    arguments: [
      ("epoch", ["epochs", "batch"], "epochs"), ("Seed", ["seed", "send"], "seed"),
      ("bacth", ["batch", "catch"], "batch"), ("gaussian", ["epochs", "batch"], nil),
      ("learning_rates", ["learning_rate", "warmup"], "learning_rate"), ("x", [], nil),
    ] as [(String, [String], String?)])
  func theNearestNameIsFound(_ name: String, _ candidates: [String], _ nearest: String?) {
    #expect(Spelling.nearest(to: name, among: candidates) == nearest)
    #expect(
      Spelling.didYouMean(name, among: candidates)
        == (nearest.map { "; did you mean “\($0)”?" } ?? ""))
  }
}
