// Numbers told for very many steps: a record keeps few of them, and none that nothing replaced.

import Notebook
import Testing
import Workbench

@Suite struct StepThinningTests {
  private func event(_ step: Int, _ values: [StepMetrics.Value]) -> RecordEvent {
    .metrics(StepMetrics(step: step, values: values), line: 7, at: Double(step))
  }

  private func steps(_ events: [RecordEvent]) -> [Int] {
    events.compactMap { if case .metrics(let metrics, _, _) = $0 { metrics.step } else { nil } }
  }

  @Test func theFirstStepsAreAllKeptAndLaterOnesEverFewer() {
    var thinning = StepThinning()
    var kept: [RecordEvent] = []
    for step in 1...1_000_000 { kept += thinning.take(event(step, [.init("a", 1)])) }
    kept += thinning.rest()
    let steps = steps(kept)
    #expect(Array(steps.prefix(StepThinning.dense)) == Array(1...StepThinning.dense))
    #expect(steps == steps.sorted() && Set(steps).count == steps.count)
    #expect(steps.last == 1_000_000)
    #expect(steps.count < 25_000)
  }

  @Test func whatFewStepsHaveIsNeverLost() {
    var thinning = StepThinning()
    var kept: [RecordEvent] = []
    let last = 3 * StepThinning.dense + 1
    for step in 1...last {
      // At odd steps, and those are left out once every second one is.
      let score = step % 10 == 1 ? Double(step) : nil
      kept += thinning.take(event(step, [.init("loss", 0.5), .init("score", score)]))
    }
    kept += thinning.rest()
    let scores = kept.flatMap { event -> [StepMetrics.Value] in
      guard case .metrics(let metrics, let line, let at) = event else { return [] }
      #expect(line == 7 && at == Double(metrics.step))
      return metrics.values.filter { $0.name == "score" && $0.value == Double(metrics.step) }
    }
    #expect(scores.count == (1...last).count { $0 % 10 == 1 })
    #expect(steps(kept) == steps(kept).sorted() && steps(kept).last == last)
    #expect(kept.count < last)
    #expect(thinning.rest().isEmpty)
  }
}
