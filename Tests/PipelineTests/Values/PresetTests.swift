// Presets: files of overrides between params.yaml and -S.

import Basics
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct PresetTests {
  let fixture: WorkspaceFixture

  init() throws {
    fixture = try WorkspaceFixture(
      "preset: null\nseed: 1\ntrain: {epochs: 8, rate: 0.5, phases: null}\n")
    try fixture.copy("a", from: "in", to: "out")
    try fixture.folder.write(
      "train:\n  epochs: 24\n  rate: 2\n  phases: [{from: 0.5}]\nseed: 1\n", to: "presets/best.yaml"
    )
  }

  private func project(_ overrides: String...) throws -> Project {
    try Project(workspace: fixture.workspace, overrides: overrides)
  }

  @Test func aPresetStandsBetweenTheFileAndTheCommand() throws {
    #expect(try project().parameters.preset == nil)
    let parameters = try project("train.epochs=3", "preset=best").parameters
    #expect(parameters["train.epochs"] == .int(3))
    #expect(parameters["train.rate"] == .double(2))
    // What it sets, without what params.yaml has as well.
    let preset = try #require(parameters.preset)
    #expect(preset.name == "best")
    #expect(preset.values.map(\.key) == ["train.epochs", "train.rate", "train.phases"])
    #expect(preset.values.first?.value == .int(24))
    try fixture.folder.write(
      "preset: best\nseed: 1\ntrain: {epochs: 8, rate: 0.5, phases: null}\n", to: "params.yaml")
    #expect(try project().parameters["train.epochs"] == .int(24))
    #expect(try project("preset=null").parameters["train.epochs"] == .int(8))
  }

  @Test func mistakesNameTheFileAndTheLine() throws {
    #expect(
      message { _ = try project("preset=better") }
        == "preset: no presets/better.yaml; there are: best")
    try fixture.folder.write("train:\n  epoch: 24\n", to: "presets/best.yaml")
    #expect(
      message { _ = try project("preset=best") }?.hasPrefix(
        "best.yaml:2: no such parameter in params.yaml") == true)
    try fixture.folder.write("train:\n  epochs: many\n", to: "presets/best.yaml")
    #expect(
      message { _ = try project("preset=best") }?.hasPrefix("best.yaml:2: train.epochs: is ")
        == true)
  }
}
