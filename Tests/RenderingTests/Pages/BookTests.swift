// The index: links, status, figures, and a graph that survives any arrows.

import Basics
import Foundation
import Notebook
import Rendering
import TestSupport
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

  private func record(_ instance: String) -> Record {
    Record(
      header: RecordHeader(
        stage: instance, instance: instance, source: SampleScript.source, parameters: .object([:]),
        startedAt: Date(timeIntervalSince1970: 0)),
      events: [
        .cell(title: "One", line: 18, at: 0), .failed(message: "broken", line: 20, at: 1),
      ])
  }

  @Test func pagesAreBoundIntoOneDocumentWithoutClashes() throws {
    var book = Book(
      title: "t",
      stages: [
        stage("eda", page: "eda.html"), stage("train", after: ["eda"], page: "train@0.html"),
      ])
    book.tools = [.init(name: "lr-find", status: .done, page: "lr-find.html")]
    book.runs = [
      .init(
        name: "r", started: "2026-11-21 12:01", status: "ok", request: "all train.epochs=3",
        ran: ["eda", "train"], seconds: 61, score: 0.7512)
    ]
    let html = try book.html(
      chapters: ["eda", "train", "lr-find"].map { Book.Chapter(record: record($0), script: nil) })
    let ids = html.components(separatedBy: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
    #expect(ids.count == Set(ids).count)
    let links = html.components(separatedBy: "href=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
    #expect(links.allSatisfy { $0.hasPrefix("#") && ids.contains($0.dropFirst()) })
    #expect(links.contains("#page-lr-find") && links.contains("#page-eda-one"))
    #expect(html.contains("0.7512") && html.contains("all train.epochs=3"))
    #expect(html.components(separatedBy: "<!doctype").count == 2)
    let index = try book.html()
    #expect(index.contains("href=\"lr-find.html\"") && index.contains("href=\"eda.html\""))
    #expect(index.contains("1 min 1 s"))
  }

  @Test func anIndexLooksAgainWhileSomethingRuns() throws {
    let refresh = "http-equiv=\"refresh\""
    #expect(try Book(title: "t", stages: [stage("a", .running)]).html().contains(refresh))
    #expect(!(try Book(title: "t", stages: [stage("a")]).html().contains(refresh)))
  }

  @Test func hostilePathsStayRelative() throws {
    let html = try Book(title: "t", stages: [stage("a", page: "javascript:alert(1)")]).html()
    #expect(html.contains("href=\"javascript%3Aalert(1)\""))
  }
}
