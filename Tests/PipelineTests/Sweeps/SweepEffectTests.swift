// What is said of a parameter: by pairs, by groups, by folds, and not more than noise allows.

import Foundation
import Pipeline
import Testing

@Suite struct SweepEffectTests {
  let fixture: WorkspaceFixture

  init() throws { fixture = try WorkspaceFixture() }

  func sweep(
    _ keys: [String], _ rows: [([String], Double)], parts: [[Double]] = [], isLess: Bool = false
  ) throws -> Sweep {
    var request = Sweep.Request(assignments: keys.map { "\($0)=…" }, metric: "score")
    request.isLessBetter = isLess
    var sweep = try Sweeps(fixture.workspace).make(
      request, keys: keys, values: rows.map(\.0), basis: "b")
    for (index, row) in rows.enumerated() {
      (sweep.settings[index].state, sweep.settings[index].score) = (.done, row.1)
      if index < parts.count { sweep.settings[index].parts = parts[index] }
    }
    return sweep
  }

  @Test func aGridIsJudgedInPairs() throws {
    // `b` moves the score far more than `a`, whose own step is the same each time.
    let effects = try sweep(
      ["a", "b"],
      [
        (["1", "x"], 0.10), (["1", "y"], 0.50), (["1", "z"], 0.90), (["2", "x"], 0.12),
        (["2", "y"], 0.521), (["2", "z"], 0.919),
      ]
    ).effects
    let a = try #require(effects.first { $0.key == "a" })
    #expect(a.basis == .pairs && a.count == 3 && a.isNoise == false)
    #expect(abs(a.difference - 0.02) < 1e-12)
    // 0.02, 0.021, 0.019: by hand, 4.303 × 0.001 / √3.
    #expect(abs(try #require(a.band) - 4.303 * 0.001 / 3.0.squareRoot()) < 1e-12)
    #expect(a.groups.map(\.label) == ["1", "2"] && a.groups.map(\.count) == [3, 3])
    #expect(a.best == 1 && a.worst == 0)
    // What is more than noise comes first, the larger effect before the smaller.
    #expect(effects.map(\.key) == ["b", "a"])
  }

  @Test func noiseIsCalledNoise() throws {
    let effects = try sweep(
      ["a", "b"],
      [
        (["1", "x"], 0.5), (["1", "y"], 0.4), (["1", "z"], 0.6), (["2", "x"], 0.45),
        (["2", "y"], 0.52), (["2", "z"], 0.56),
      ]
    ).effects
    #expect(effects.first { $0.key == "a" }?.isNoise == true)
  }

  @Test func oneParameterIsJudgedByFolds() throws {
    let rows: [([String], Double)] = [(["10"], 0.5), (["9"], 0.6), (["200"], 0.4)]
    let effect = try #require(
      sweep(["a"], rows, parts: [[0.4, 0.6], [0.5, 0.7], [0.31, 0.49]]).effects.first)
    // Numbers are in their order.
    #expect(effect.groups.map(\.label) == ["9", "10", "200"])
    #expect(effect.basis == .folds && effect.count == 2)
    #expect(effect.best == 0 && effect.worst == 2)
    // 0.19 and 0.21 of the two folds: by hand, 12.706 × 0.01414 / √2.
    #expect(abs(try #require(effect.band) - 12.706 * 0.01) < 1e-9)
    let bare = try #require(sweep(["a"], rows).effects.first)
    #expect(bare.band == nil && bare.isNoise == nil && bare.basis == nil)
  }

  @Test func equalScoresAreNoise() throws {
    let rows: [([String], Double)] = [
      (["1", "x"], 0.5), (["1", "y"], 0.5), (["2", "x"], 0.5), (["2", "y"], 0.5),
    ]
    let effect = try #require(sweep(["a", "b"], rows).effects.first)
    #expect(effect.best != effect.worst && effect.difference == 0 && effect.isNoise == true)
    #expect(effect.count == 2)
  }

  @Test func lessMayBeBetter() throws {
    let effect = try #require(
      sweep(["a"], [(["x"], 0.5), (["y"], 0.3), (["z"], 0.4)], isLess: true).effects.first)
    #expect(effect.best == 1 && effect.worst == 0 && abs(effect.difference - 0.2) < 1e-12)
  }

  @Test func manyNumbersAreGrouped() throws {
    let rows = (1...12).map { number -> ([String], Double) in
      let level: Double = number <= 4 ? 1 : 2
      return (["\(number)e-3"], level + Double(number % 2) * 0.01)
    }
    let effect = try #require(sweep(["a"], rows).effects.first)
    #expect(effect.isBinned && effect.groups.map(\.count) == [4, 4, 4])
    #expect(effect.groups[0].label == "1e-3 – 4e-3" && effect.worst == 0)
    #expect(effect.basis == .groups && effect.isNoise == false)
  }

  @Test func whatWasTriedOnceHasNoEffect() throws {
    #expect(
      try sweep(["a", "b"], [(["1", "x"], 0.5), (["1", "y"], 0.6)]).effects.map(\.key) == ["b"])
    var failed = try sweep(["a"], [(["1"], 0.5), (["2"], 0.6)])
    failed.settings[1].state = .failed
    #expect(failed.effects == [])
  }
}
