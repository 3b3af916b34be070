// The page of a sweep: every word is escaped, the plot is sound whatever its axes hold, and it loads nothing.

import Foundation
import Notebook
import Rendering
import TestSupport
import Testing

@Suite struct SweepPageTests {
  static let hostile = "</title><script>alert(1)</script>\"'&`{{x}}{{{y}}}\n# h"

  func plot(_ axes: [ParallelPlot.Axis], _ count: Int, title: String = "t") -> ParallelPlot {
    ParallelPlot(
      title: title, axes: axes,
      lines: (0..<count).map {
        .init("\(title) \($0)", share: count < 2 ? 1 : 1 - Double($0) / Double(count - 1))
      })
  }

  func page(_ plot: ParallelPlot?, _ word: String = "w") -> SweepPage {
    var page = SweepPage(
      title: word, lead: word, status: .done,
      settings: Table(columns: ["#", word], rows: [["1", word]]))
    page.meta = [word]
    page.figures = [Figure(word, word, note: word)]
    page.plot = plot
    page.effects = [
      .init(
        name: word, verdict: .noise, sentence: word,
        chart: Chart(
          title: word, x: Chart.Axis(word, categories: [word, "b"]), y: Chart.Axis(word),
          layers: [.points(x: [0, 1], y: [0.5, 0.6], name: word)]),
        table: Table(columns: [word], rows: [[word]]))
    ]
    return page
  }

  func tree(_ html: String) throws -> SVGTree {
    let start = try #require(html.range(of: "<svg"))
    let end = try #require(html.range(of: "</svg>"))
    return SVGTree(String(html[start.lowerBound..<end.upperBound]))
  }

  @Test func hostileWordsAreText() throws {
    let word = Self.hostile
    let html = try page(
      plot(
        [
          .init(word, .names([word, "b"], places: [0, 1])),
          .init("score", .numbers([0.5, 0.6], isLog: false)),
        ], 2, title: word), word
    ).html()
    #expect(!html.contains("<script") && !html.contains("alert(1)</"))
    #expect(html.contains("&lt;script&gt;") && html.contains("{{x}}"))
    #expect(try tree(html).problem == nil)
    #expect(html.contains("default-src 'none'") && !html.contains("http-equiv=\"refresh\""))
  }

  @Test func aPageThatGrowsIsLoadedAgain() throws {
    var page = page(nil)
    page.status = .running
    #expect(try page.html().contains("http-equiv=\"refresh\""))
    page.effects = []
    #expect(try !page.html().contains("What each parameter does"))
  }

  @Test func aLineCrossesEachAxisAtItsValue() throws {
    let tree = try tree(
      page(
        plot(
          [
            .init("rate", .numbers([1e-4, 1e-2, 1e-3], isLog: true)),
            .init("tta", .names(["none", "hflip"], places: [0, 1, 0])),
            .init("score", .numbers([0.9, 0.8, 0.7], isLog: false)),
          ], 3)
      ).html())
    #expect(tree.problem == nil)
    let best = try #require(tree.all("path", class: "best").first?.attributes["d"])
    // Of three axes 44 from the edges; the lower end is at 314, the upper one at 40.
    #expect(best == "M44 314L352 314L660 40")
    #expect(tree.all("path", class: "line").count == 2)
    // The logarithm of 1e-3 lies in the middle.
    #expect(
      tree.all("path", class: "line").contains { $0.attributes["d"] == "M44 177L352 314L660 314" })
    #expect(tree.all("path", class: "axis").count == 3)
  }

  @Test(arguments: [
    [], [0.5], [0.5, 0.5], [.nan, .infinity], [-1, 0], [1e300, -1e300], [0.1, .nan, 0.3],
  ])
  func anyNumbersMakeASoundPlot(_ numbers: [Double]) throws {
    for isLog in [false, true] {
      let html = try page(
        plot(
          [
            .init("a", .numbers(numbers, isLog: isLog)),
            .init("b", .numbers(numbers, isLog: false)),
          ],
          3)
      ).html()
      #expect(try tree(html).problem == nil)
      #expect(!html.contains("nan") && !html.contains("inf\""))
    }
  }

  @Test func manyAxesMakeItWider() throws {
    let axes = (0..<12).map {
      ParallelPlot.Axis("a.long.key.number.\($0)", .numbers([1, 2], isLog: false))
    }
    let tree = try tree(page(plot(axes, 2)).html())
    let titles = tree.all("text", class: "axis-title").compactMap {
      $0.attributes["x"].flatMap(Double.init)
    }
    #expect(titles.count == 12 && zip(titles, titles.dropFirst()).allSatisfy { $1 - $0 > 70 })
  }

  @Test func theSameValuesGiveTheSameBytes() throws {
    let one = page(plot([.init("a", .numbers([1, 2], isLog: false))], 2))
    #expect(try one.html() == one.html())
  }
}
