// Learning-rate schedules against PyTorch's values.

import Foundation
import Neural
import Testing

@Suite struct ScheduleTests {
  /// `OneCycleLR(SGD(lr=1), max_lr=0.01, total_steps=10)`, the rate before each step.
  @Test func oneCycleAsPyTorch() {
    let expected: [Double] = [
      0.0004, 0.0052, 0.01, 0.009504846320134737, 0.008117456539497631, 0.0061126202193628925,
      0.003887419780637108, 0.00188258346050237, 0.0004951936798652628, 4e-08,
    ]
    let schedule = Schedule.oneCycle(peak: 0.01)
    for (step, rate) in expected.enumerated() {
      #expect(abs(Double(schedule.rate(step: step, of: 10)) / rate - 1) < 1e-5, "step \(step)")
    }
  }

  @Test(arguments: [
    Schedule.constant(rate: 0.1), .cosine(peak: 0.1, floor: 0.01), .oneCycle(peak: 0.1),
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
