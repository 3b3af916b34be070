// Values replaced in the text of a params.yaml, while everything else stays as it is.

import Basics
import Foundation
import Pipeline
import Survey
import Testing

@Suite struct ParameterTextTests {
  private let text = """
    # The whole file.
    seed: 42

    # What is particular.
    competition:
      slug: old  # a name
      files:
        a: b

    # Behind it.
    model:
      filters: 8  # of the first level
      loss: {bce: 1.0}  # "quoted: #", too

      # The last.
      pad_to: 128
    list:
    - one

    """

  @Test func sectionsAreReplacedWhole() {
    var edited = ParameterText(text)
    edited.replaceSection("competition", by: ["competition:", "  slug: new"])
    #expect(
      edited.text
        == text.replacing(
          "competition:\n  slug: old  # a name\n  files:\n    a: b",
          with: "competition:\n  slug: new")
    )
    edited.replaceSection("more", by: ["more:", "  a: 1"])
    #expect(edited.text.hasSuffix("- one\n\nmore:\n  a: 1\n"))
  }

  @Test func keysKeepTheirComments() throws {
    var edited = ParameterText(text)
    try edited.set("model", "filters", to: "16", reason: "there is time")
    #expect(
      edited.text
        == text.replacing(
          "  filters: 8  #", with: "  # init: there is time\n  filters: 16  #"))
    try edited.set("model", "filters", to: "24", reason: "there is more time")
    #expect(
      edited.text
        == text.replacing(
          "  filters: 8  #", with: "  # init: there is more time\n  filters: 24  #"))
    try edited.set("model", "filters", to: "8", reason: nil)
    #expect(edited.text == text)
  }

  @Test func longReasonsGoAgainAsAWhole() throws {
    var edited = ParameterText(text)
    let reason = String(repeating: "because it is so ", count: 20)
    try edited.set("model", "pad_to", to: "64", reason: reason)
    #expect(edited.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    #expect(edited.text.contains("  # The last.\n  # init: because"))
    try edited.set("model", "pad_to", to: "128", reason: nil)
    #expect(edited.text == text)
  }

  @Test func newKeysComeLastInTheirSection() throws {
    var edited = ParameterText(text)
    try edited.set("model", "patch", to: "64", reason: nil)
    #expect(edited.text == text.replacing("pad_to: 128\n", with: "pad_to: 128\n  patch: 64\n"))
    try edited.set("folds", "count", to: "3", reason: nil)
    #expect(edited.text.hasSuffix("- one\n\nfolds:\n  count: 3\n"))
    #expect(edited.has("model", "patch") && !edited.has("model", "crops"))
  }

  @Test func sectionsInALineAreRefused() {
    var edited = ParameterText("seed: 1\nmodel: {filters: 8}\n")
    #expect {
      try edited.set("model", "filters", to: "16", reason: nil)
    } throws: { "\($0)".contains("params.yaml:2: the section model is written in one line") }
  }

  @Test func lineEndsOfWindows() throws {
    var edited = ParameterText("seed: 1\r\nmodel:\r\n  filters: 8\r\n")
    try edited.set("model", "filters", to: "16", reason: nil)
    #expect(edited.text == "seed: 1\nmodel:\n  filters: 16\n")
  }
}
