// Charts as SVG: well formed whatever the data, the right marks at the right places, no labels that overlap.

import Foundation
import Notebook
import Rendering
import Testing

@Suite struct ChartTests {
  static let nasty = "<script>alert(\"x\")</script> & 'y' \u{1}\u{FFFE}"

  static let charts: [Chart] = [
    Chart.histogram([1, 2, 3, 10, .nan], title: nasty, caption: nasty, x: nasty, y: nasty),
    Chart.histogram([("a", [1, 2]), (nasty, [3, 4])], title: "two", x: "x"),
    Chart.bars(
      (0..<40).map { ("category number \($0)", Double($0) - 5) }, title: "many", x: "x", y: "y"),
    Chart.bars(
      [("a long name of a kind", 3), ("b", 1), ("another longer name", 2)], title: "few", x: "x",
      y: "y"),
    Chart(title: "empty", x: .init("x"), y: .init("y"), layers: []),
    Chart(
      title: "wild", x: .init("x"), y: .init("y"),
      layers: [
        .line(x: [1, .nan, 3, .infinity], y: [1e308, 2, -1e308], name: nasty),
        .points(x: [0], y: [], name: nil), .band(x: [1, 2], low: [0], high: [5, 6], name: "b"),
        .rule(x: 2, y: nil, label: nasty), .rule(x: nil, y: .nan, label: "nowhere"),
        .bars(edges: [1, 2], heights: [3, 4, 5], name: "too few edges"),
      ]),
    Chart(
      title: "log", x: .init("x", scale: .log), y: .init("y", scale: .log),
      layers: [
        .line(x: [0, 1, 10, 1e6], y: [1, -1, 1e-7, 1e9], name: "l"),
        .rule(x: 5, y: 5, label: "five"),
      ]),
    Chart(title: "one", x: .init("x"), y: .init("y"), layers: [.points(x: [3], y: [3], name: nil)]),
    Chart(
      title: "lying", x: .init("x"), y: .init("", categories: ["a", nasty]),
      layers: [.bars(edges: [], heights: [1, -2], name: nil)]),
  ]

  @Test(arguments: charts, [120.0, 350, 704])
  func isWellFormedAndInert(_ chart: Chart, _ width: Double) {
    let svg = ChartSVG.render(chart, width: width)
    let tree = SVGTree(svg)
    #expect(tree.problem == nil)
    #expect(!svg.contains("<script"))
    #expect(!svg.contains("nan") && !svg.contains("inf "))
    #expect(tree.elements.first?.attributes["role"] == "img")
    #expect(tree.elements.first?.attributes["aria-label"]?.isEmpty == false)
    #expect(ChartSVG.render(chart, width: width) == svg)
  }

  @Test func emptyChartSaysSo() {
    for layer in [Chart.Layer.line(x: [], y: [], name: "l"), .points(x: [.nan], y: [1], name: nil)]
    {
      let svg = ChartSVG.render(Chart(title: "t", x: .init("x"), y: .init("y"), layers: [layer]))
      #expect(SVGTree(svg).all("text", class: "nodata").map(\.text) == ["no data"])
    }
  }

  @Test func barsStandWhereTheirValuesAre() throws {
    let chart = Chart(
      title: "t", x: .init("x", domain: 0...4), y: .init("y", domain: 0...10),
      layers: [.bars(edges: [0, 1, 2, 4], heights: [10, 5, 2.5], name: nil)])
    let rects = SVGTree(ChartSVG.render(chart, width: 704)).all("rect")
    let heights = try rects.map { try #require($0.attributes["height"].flatMap(Double.init)) }
    let widths = try rects.map { try #require($0.attributes["width"].flatMap(Double.init)) }
    #expect(abs(heights[0] - 2 * heights[1]) < 0.1)
    #expect(abs(heights[1] - 2 * heights[2]) < 0.1)
    #expect(abs(widths[2] + 1 - 2 * (widths[0] + 1)) < 0.1)
    #expect(rects[2].text == "2 to 4: 2.5")
  }

  @Test func valuesLeftOutAreCounted() {
    let chart = Chart(
      title: "t", x: .init("x"), y: .init("y"),
      layers: [.points(x: [1, 2, .nan, 4, 5], y: [1, .infinity, 3, 4], name: nil)])
    #expect(
      ChartSVG.notes(chart) == [
        "3 values that are missing, not finite or have no place on the axis are left out."
      ])
    let circles = SVGTree(ChartSVG.render(chart)).all("circle")
    #expect(circles.count == 2)
  }

  @Test func manyPointsAreThinnedTheSameWay() {
    let x = (0..<9000).map(Double.init)
    let chart = Chart(
      title: "t", x: .init("x"), y: .init("y"), layers: [.points(x: x, y: x, name: nil)])
    #expect(ChartSVG.notes(chart) == ["4,000 of 9,000 points are drawn."])
    let svg = ChartSVG.render(chart)
    #expect(svg.components(separatedBy: "h0").count - 1 == 4000)
    #expect(svg == ChartSVG.render(chart))
    // Thinning keeps the extent of the data: both halves are there about equally.
    let starts = svg.components(separatedBy: "M").compactMap { Double($0.prefix { $0 != " " }) }
    let middle = ((starts.max() ?? 0) + (starts.min() ?? 0)) / 2
    let share = Double(starts.filter { $0 < middle }.count) / Double(starts.count)
    #expect(abs(share - 0.5) < 0.02)
  }

  @Test func aBreakInTheDataBreaksTheLine() {
    let chart = Chart(
      title: "t", x: .init("x"), y: .init("y"),
      layers: [.line(x: [1, 2, 3, 4, 5], y: [1, 2, .nan, 4, 5], name: nil)])
    let path =
      SVGTree(ChartSVG.render(chart)).all("path").map { $0.attributes["d"] ?? "" }
      .first { $0.contains("L") } ?? ""
    #expect(path.filter { $0 == "M" }.count == 2)
    #expect(path.filter { $0 == "L" }.count == 2)
  }

  @Test func legendNamesEverySeriesOnce() {
    let chart = Chart(
      title: "t", x: .init("x"), y: .init("y"),
      layers: [
        .band(x: [1, 2], low: [0, 0], high: [1, 1], name: "mean"),
        .line(x: [1, 2], y: [1, 2], name: "mean"),
        .line(x: [1, 2], y: [2, 1], name: "other"), .points(x: [1], y: [1], name: nil),
      ])
    let entries = SVGTree(ChartSVG.render(chart)).all("g", class: "legend")
    #expect(entries.map(\.text) == ["mean", "other"])
  }

  @Test(arguments: [([1.0, 5, 9], "start"), ([9, 5, 1], "end")])
  func labelOfARuleKeepsOffTheData(_ y: [Double], _ anchor: String) {
    let chart = Chart(
      title: "t", x: .init("x"), y: .init("y"),
      layers: [
        .line(x: [0, 5, 10], y: y, name: nil), .rule(x: nil, y: 8.3, label: "a long label"),
      ])
    let label = SVGTree(ChartSVG.render(chart, width: 704)).all("text").first {
      $0.text == "a long label"
    }
    #expect(label?.attributes["text-anchor"] == anchor)
  }

  @Test func horizontalBarsBeginAtTheTop() throws {
    let rects = SVGTree(ChartSVG.render(Self.charts[8], width: 704)).all("rect")
    let places = try rects.map { try #require($0.attributes["y"].flatMap(Double.init)) }
    #expect(places[0] < places[1])
    #expect(rects[0].text.hasPrefix("a: "))
  }

  /// Boxes of upright texts, estimated; turned labels are left out.
  private func boxes(_ svg: String) -> [(String, Double, Double, Double, Double)] {
    let tree = SVGTree(svg)
    return tree.elements.compactMap { element in
      guard element.name == "text" || element.name == "tspan", !element.text.isEmpty,
        let x = element.attributes["x"].flatMap(Double.init),
        let y = element.attributes["y"].flatMap(Double.init)
      else { return nil }
      let outer = element.name == "tspan" ? element.parent.map { tree.elements[$0] } : element
      guard let outer,
        element.name == "tspan"
          || !tree.elements.contains(where: {
            $0.name == "tspan" && $0.parent.map { tree.elements[$0].text } == element.text
          })
      else { return nil }
      if let group = outer.parent, tree.elements[group].attributes["transform"] != nil {
        return nil
      }
      let width = TextMeasure.width(element.text, size: 12)
      let anchor = outer.attributes["text-anchor"] ?? "start"
      let left = anchor == "end" ? x - width : anchor == "middle" ? x - width / 2 : x
      return (element.text, left, left + width, y - 10, y + 2)
    }
  }

  @Test(arguments: [350.0, 704])
  func labelsDoNotOverlap(_ width: Double) {
    let rules: [Chart.Layer] = [
      .rule(x: 5, y: nil, label: "first rule"), .rule(x: 5.2, y: nil, label: "second rule"),
      .rule(x: 5.3, y: nil, label: "third rule"), .rule(x: nil, y: 4, label: "low"),
      .rule(x: nil, y: 4.1, label: "less low"), .rule(x: nil, y: 10, label: "top"),
    ]
    let lines = (0..<9).map {
      Chart.Layer.line(x: [0, 10], y: [0, Double($0 + 1)], name: "a series with number \($0)")
    }
    let crowded = Chart(
      title: "t", x: .init("an axis with a rather long title (and its unit)"), y: .init("y"),
      layers: lines + rules)
    for chart in [crowded] + Self.charts.filter({ $0.title != "wild" }) {
      let boxes = boxes(ChartSVG.render(chart, width: width))
      for (index, one) in boxes.enumerated() {
        for two in boxes[(index + 1)...] {
          let apart =
            one.2 <= two.1 + 0.5 || two.2 <= one.1 + 0.5 || one.4 <= two.3 + 0.5
            || two.4 <= one.3 + 0.5
          #expect(apart, "\(chart.title): \(one) \(two)")
        }
      }
    }
  }
}
