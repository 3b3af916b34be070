// The index: links, status, figures, and a graph that survives any arrows.

import Foundation
import Notebook
import Rendering
import Testing

@Suite struct BookTests {
  func stage(
    _ name: String, after: [String] = [], _ status: Book.Status = .done, page: String? = nil
  ) -> Book.Stage {
    Book.Stage(
      name: name, after: after,
      instances: [
        .init(name: name, status: status, seconds: 1, figures: [Figure("score", "0.7")], page: page)
      ])
  }

  func graph(_ html: String) throws -> SVGTree {
    let start = try #require(html.range(of: "<svg"))
    let end = try #require(html.range(of: "</svg>"))
    return SVGTree(String(html[start.lowerBound..<end.upperBound]))
  }

  @Test func stagesAreLinkedInOrder() throws {
    let html = try Book(
      title: "A & B",
      stages: [
        stage("download", page: "download.html"),
        stage("train", after: ["download"], .failed, page: "a b?.html"),
        stage("predict", after: ["train"], .notRun),
      ]
    ).html()
    #expect(html.contains("<h1>A &amp; B</h1>"))
    #expect(html.contains("href=\"download.html\"") && html.contains("href=\"a%20b%3F.html\""))
    #expect(html.contains(">failed<") && html.contains(">not run<") && html.contains("0.7"))
    let tree = try graph(html)
    #expect(tree.problem == nil)
    #expect(tree.all("text").map(\.text) == ["download", "train", "predict"])
    #expect(tree.all("path", class: "edge").count == 2)
  }

  @Test func impliedArrowsAreLeftOut() throws {
    let html = try Book(
      title: "t", stages: [stage("a"), stage("b", after: ["a"]), stage("c", after: ["a", "b"])]
    ).html()
    #expect(try graph(html).all("path", class: "edge").count == 2)
  }

  @Test func boxesDoNotOverlap() throws {
    let html = try Book(
      title: "t",
      stages: [
        stage("a"), stage("b", after: ["a"]), stage("c", after: ["a"]),
        stage("d", after: ["b", "c"]), stage("lone"),
      ]
    ).html()
    let boxes = try graph(html).all("rect").map { rect in
      try ["x", "y", "width", "height"].map {
        try #require(rect.attributes[$0].flatMap(Double.init))
      }
    }
    #expect(boxes.count == 5)
    for (index, one) in boxes.enumerated() {
      for two in boxes[(index + 1)...] {
        let apart =
          one[0] + one[2] <= two[0] || two[0] + two[2] <= one[0] || one[1] + one[3] <= two[1]
          || two[1] + two[3] <= one[1]
        #expect(apart)
      }
    }
  }

  @Test func anyArrowsAreDrawn() throws {
    let cyclic = Book(
      title: "t",
      stages: [stage("a", after: ["b", "a", "nowhere"]), stage("b", after: ["a"]), stage("a")])
    #expect(try graph(cyclic.html()).problem == nil)
    #expect(try Book(title: "t", stages: []).html().contains("0 of 0 stages"))
    #expect(
      try Book(title: "t", stages: [Book.Stage(name: "x", instances: [])]).html().contains(
        "not run"))
  }

  @Test func hostilePathsStayRelative() throws {
    let html = try Book(title: "t", stages: [stage("a", page: "javascript:alert(1)")]).html()
    #expect(html.contains("href=\"javascript%3Aalert(1)\""))
  }
}
