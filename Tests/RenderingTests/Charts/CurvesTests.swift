// Numbers told by step as charts: which share one, how the axes run, what becomes of steps without a number.

import Notebook
import Rendering
import Testing

@Suite struct CurvesTests {
  private func curves(_ steps: [StepMetrics]) -> [Chart] {
    var curves = Curves()
    for step in steps { curves.take(step) }
    return curves.charts
  }

  private func step(
    _ step: Int, of total: Int? = 20, unit: String = "epoch",
    _ values: KeyValuePairs<String, Double?>
  ) -> StepMetrics {
    StepMetrics(
      step: step, of: total, unit: unit,
      values: values.map { StepMetrics.Value($0.key, $0.value) })
  }

  @Test func whatMeasuresTheSameSharesAChart() {
    let charts = curves([
      step(
        1,
        [
          "training loss": 0.9, "loss of fold": nil, "score of fold": nil, "learning rate": 0.01,
        ]),
      step(
        2,
        [
          "training loss": 0.5, "loss of fold": 0.75, "score of fold": 0.25, "learning rate": 0.02,
        ]),
    ])
    let axis = Chart.Axis("epoch", domain: 1...20)
    #expect(
      charts == [
        Chart(
          title: "Loss", x: axis, y: .init("loss"),
          layers: [
            .line(x: [1, 2], y: [0.9, 0.5], name: "training loss"),
            .line(x: [2], y: [0.75], name: "loss of fold"),
          ]),
        Chart(
          title: "Score of fold", x: axis, y: .init("score of fold"),
          layers: [.line(x: [2], y: [0.25], name: nil)]),
        Chart(
          title: "Learning rate", x: axis, y: .init("learning rate"),
          layers: [.line(x: [1, 2], y: [0.01, 0.02], name: nil)]),
      ])
  }

  @Test(arguments: [
    ("training loss", "loss"), ("loss of fold", "loss"), ("loss", "loss"), ("Loss", "Loss"),
    ("val_loss", "loss"), ("loss/training", "loss"), ("dice/fold left out", "dice"),
    ("seconds per epoch", "seconds"), ("learning rate", "rate"), ("of", "of"), ("", ""),
    ("/", "/"), ("a/", "a/"), ("/b", "/b"), ("a / b / c", "a"),
  ])
  func aNameTellsWhatItMeasures(_ name: String, _ quantity: String) {
    let charts = curves([step(1, [name + "": 1]), step(1, [quantity: 1])])
    #expect(charts.count == 1)
    #expect(charts[0].layers.count == (name == quantity ? 1 : 2))
  }

  @Test func aSlashGroupsAndNamesTheCurves() {
    let charts = curves([
      step(1, ["loss/training": 1, "loss / fold left out": 2, "dice/fold": 0.5])
    ])
    #expect(charts.map(\.title) == ["Loss", "Dice, fold"])
    #expect(charts[0].layers.map(\.name) == ["training", "fold left out"])
    #expect(charts[1].layers.map(\.name) == [nil])
  }

  @Test func theAxisReachesAsFarAsIsKnown() {
    func ends(_ steps: [StepMetrics]) -> [Double]? { curves(steps)[0].x.domain }
    #expect(ends([step(1, ["a": 1])]) == [1, 20])
    #expect(ends([step(1, of: nil, ["a": 1])]) == nil)
    #expect(ends([step(1, of: 1, ["a": 1])]) == nil)
    #expect(ends([step(5, of: nil, ["a": 1])]) == [1, 5])
    #expect(ends([step(0, of: nil, ["a": 1]), step(3, of: nil, ["a": 1])]) == [0, 3])
    // More steps than were announced; a later word on how many there will be, which then stands.
    #expect(ends([step(25, ["a": 1])]) == [1, 25])
    #expect(ends([step(1, ["a": 1]), step(2, of: 9, ["a": 1])]) == [1, 9])
    #expect(ends([step(1, of: 9, ["a": 1]), step(2, of: nil, ["a": 1])]) == [1, 9])
  }

  @Test func aStepToldAgainHoldsAsItWasToldLast() {
    let charts = curves([
      step(2, ["a": 1]), step(1, ["a": 5]), step(2, ["a": 3]), step(2, ["a": nil]),
    ])
    #expect(charts[0].layers == [.line(x: [1, 2], y: [5, 3], name: nil)])
  }

  @Test func numbersThatAreNotFiniteAreCounted() throws {
    let chart = try #require(
      curves([
        step(1, ["a": 1]), step(2, ["a": .nan]), step(3, ["a": .infinity]), step(4, ["a": 2]),
      ]).first)
    #expect(
      ChartSVG.notes(chart) == [
        "2 values that are missing, not finite or have no place on the axis are left out."
      ])
    let never = try #require(curves([step(1, ["a": .nan])]).first)
    #expect(ChartSVG.render(never).contains("no data"))
    // A number that no step has had yet is no chart, but keeps its place and colour.
    #expect(curves([step(1, ["a": nil])]).isEmpty)
    #expect(curves([]).isEmpty)
  }

  @Test func stepsOfDifferentKindsAreApart() {
    let charts = curves([
      step(1, of: 2, ["loss": 1]), step(100, of: 200, unit: "batch", ["loss of batch": 2]),
    ])
    #expect(charts.map(\.x) == [.init("epoch", domain: 1...2), .init("batch", domain: 1...200)])
  }

  @Test(arguments: [1, 2, 7, 24, 100_000]) func ticksStandAtWholeSteps(_ count: Int) throws {
    let steps = stride(from: 1, through: count, by: max(1, count / 5000)).map {
      step($0, of: nil, ["a": Double($0)])
    }
    let chart = try #require(curves(steps).first)
    let svg = ChartSVG.render(chart)
    let tree = SVGTree(svg)
    #expect(tree.problem == nil && svg.utf8.count < 200_000)
    let labels = tree.all("tspan").filter {
      tree.elements[$0.parent ?? 0].attributes["text-anchor"] == "middle"
    }
    #expect(!labels.isEmpty)
    #expect(labels.allSatisfy { !$0.text.contains(".") })
  }
}
