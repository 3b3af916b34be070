// The demo's competitions, looked at: what is found is what their params.yaml says.

import Basics
import Demo
import Foundation
import Pipeline
import Survey
import TestSupport
import Testing

@Suite struct DemoTests {
  private static let parameters = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("params.yaml")

  /// The salt competition is laid out as the real one, of which params.yaml speaks.
  @Test func saltIsAsInParameters() throws {
    let folder = try TemporaryFolder()
    let files = folder.url.appendingPathComponent("salt")
    try DemoCompetition.salt.generate(into: files, seed: 3, train: 40, test: 8)
    let findings = try Survey.look(at: files)
    let section = try TinyCompetition.section(
      findings, slug: "tgs-salt-identification-challenge")
    let expected = try #require(Parameters(contentsOf: Self.parameters)["competition"])
    #expect(section.canonical == expected.canonical)
  }

  @Test func cells() throws {
    let folder = try TemporaryFolder()
    let files = folder.url.appendingPathComponent("cells")
    try DemoCompetition.cells.generate(into: files, seed: 3, train: 30, test: 8)
    let section = try TinyCompetition.section(Survey.look(at: files))
    #expect(section[path: "files.train_images"] == .string("data/train/images/{id}_rgb.png"))
    #expect(section[path: "files.train_masks"] == .string("data/train/masks/{id}_label.png"))
    #expect(section[path: "files.sample_submission"] == .string("data/tables/template.csv"))
    #expect(section[path: "image.channels"] == .int(3))
    #expect(section[path: "rle.order"] == .string("row"))
    #expect(section[path: "rle.base"] == .int(1))
    #expect(section[path: "rle.empty"] == .string("-"))
  }
}
