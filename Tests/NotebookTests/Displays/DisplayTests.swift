// Charts and tables built from values: bins that count everything, columns that know they are numbers.

import Basics
import Notebook
import Testing

@Suite struct DisplayTests {
  private func heights(_ chart: Chart) -> [[Double]] {
    chart.layers.compactMap { if case .bars(_, let heights, _) = $0 { heights } else { nil } }
  }

  @Test(arguments: [
    [0, 1, 2, 3], [5], [5, 5, 5], [], [-1e308, 1e308], [1e300, 1e300], [0.1, 0.2, 0.3, 0.7],
    [.nan, 1, .infinity, -.infinity, 2] as [Double],
  ])
  func everyFiniteValueIsCountedOnce(_ values: [Double]) {
    let chart = Chart.histogram(values, bins: 7, title: "t", x: "x")
    let finite = values.filter(\.isFinite)
    #expect(heights(chart)[0].count == 7)
    #expect(heights(chart)[0].reduce(0, +) == Double(finite.count))
    guard case .bars(let edges, _, _) = chart.layers[0] else { return }
    #expect(edges.count == 8)
    #expect(edges == edges.sorted())
    #expect(finite.allSatisfy { $0 >= edges[0] && $0 <= edges[7] })
  }

  @Test func noBinsIsOneBin() {
    #expect(heights(Chart.histogram([1, 2], bins: 0, title: "t", x: "x")) == [[2]])
  }

  @Test func seriesShareTheirBins() {
    let chart = Chart.histogram(
      [("a", [0, 1]), ("b", [9, 10])], bins: 10, title: "t", x: "x")
    #expect(
      heights(chart) == [
        [1, 1] + Array(repeating: 0, count: 8), Array(repeating: 0, count: 8) + [0, 2],
      ])
  }

  @Test func numericColumnsAreFound() {
    let table = Table(
      columns: ["id", "n", "share", "note", "none"],
      rows: [["a1", "1,234", "5.5%", "3 × 3 px", ""], ["b", "", "-2", "4", ""]])
    #expect(table.numeric == [1, 2])
  }

  @Test func pathsReachIntoParameters() {
    let value = JSONValue.object(["train": .object(["epochs": .int(3)])])
    #expect(value[path: "train.epochs"] == .int(3))
    #expect(value[path: "train.none"] == nil)
    #expect(value[path: "train.epochs.more"] == nil)
  }
}
