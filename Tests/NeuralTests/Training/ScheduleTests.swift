// Learning-rate schedules against PyTorch's: see Golden/make_schedules.py, which made the numbers.

import Foundation
import Neural
import Testing

@Suite struct ScheduleTests {
  static let schedules: [(String, Schedule)] = [
    ("one-cycle", .oneCycle(peak: 0.01)), ("cosine", .cosine(peak: 0.01, floor: 0.001)),
    ("restarts", .cosineRestarts(peak: 0.01, floor: 0.001, period: 5)),
    ("restarts doubled", .cosineRestarts(peak: 0.01, period: 3, multiplier: 2)),
    ("warm-up, cosine", .warmup(steps: 4, from: 0.1, then: .cosine(peak: 0.01))),
    (
      "warm-up, restarts",
      .warmup(steps: 3, from: 0.25, then: .cosineRestarts(peak: 0.01, period: 4, multiplier: 3))
    ),
  ]

  @Test(arguments: schedules) func asPyTorch(name: String, schedule: Schedule) throws {
    let expected = try #require(try golden("schedules")[name]).values
    for (step, rate) in expected.enumerated() {
      let got = schedule.rate(step: step, of: expected.count)
      #expect(abs(got - rate) <= 1e-5 * rate + 1e-10, "step \(step): \(got), not \(rate)")
    }
  }

  @Test func plateauAsPyTorch() throws {
    let golden = try golden("schedules")
    let values = try #require(golden["values"]).values.map(Double.init)
    let rules: [(String, Plateau, Bool)] = [
      ("plateau", Plateau(patience: 2), false),
      (
        "plateau rising",
        Plateau(patience: 3, factor: 0.1, threshold: 0.05, cooldown: 2, floor: 0.01), true
      ),
    ]
    for (name, rule, rising) in rules {
      var state = Plateau.State()
      for (step, rate) in try #require(golden[name]).values.enumerated() {
        #expect(abs(Float(0.01 * state.share) - rate) < 1e-5 * rate, "\(name), step \(step)")
        state.note(rising ? 4 - values[step] : values[step], rising: rising, rule: rule)
        // The state survives a checkpoint in every bit.
        let text = try JSONEncoder().encode(state)
        #expect(try JSONDecoder().decode(Plateau.State.self, from: text) == state)
      }
      #expect(state.share < 1)
    }
  }

  @Test(arguments: [
    Schedule.constant(rate: 0.1), .cosine(peak: 0.1, floor: 0.01), .oneCycle(peak: 0.1),
    .cosineRestarts(peak: 0.1, period: 2, multiplier: 2), .cosineRestarts(peak: 0.1, period: 0),
    .warmup(steps: 3, then: .oneCycle(peak: 0.1)), .warmup(steps: 0, then: .cosine(peak: 0.1)),
  ])
  func anyNumberOfSteps(_ schedule: Schedule) {
    for total in 0..<8 {
      for step in -1...9 {
        let rate = schedule.rate(step: step, of: total)
        #expect(rate.isFinite && rate >= 0 && rate <= 0.1000001)
      }
    }
  }

  @Test func cosineEnds() {
    let schedule = Schedule.cosine(peak: 1, floor: 0.25)
    #expect(schedule.rate(step: 0, of: 5) == 1)
    #expect(schedule.rate(step: 2, of: 5) == 0.625)
    #expect(schedule.rate(step: 4, of: 5) == 0.25)
  }
}
