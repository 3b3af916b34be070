// Test images as something to learn from: how sure predictions are, sets that become one, labels from a file.

import Basics
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing
import Workbench

@Suite struct PseudoLabelsTests {
  private func maps(_ values: [[Float]], channels: Int = 1) -> ProbabilityMaps {
    ProbabilityMaps(
      ids: values.indices.map { "i\($0)" },
      maps: values.map {
        Plane(width: $0.count / channels, height: 1, channels: channels, values: $0)
      })
  }

  /// By hand, with a 500th of the pixels on both sides.
  @Test func confidenceOfMasksIsTheOverlapToExpect() {
    let room = 4.0 / 500
    let found = maps([[1, 1, 0, 0], [0.8, 0.6, 0.2, 0], [0, 0, 0, 0], [0.2, 0, 0, 0]])
      .confidence(.mask)
    let expected = [1, (1.4 + room) / (2.2 + room), 1, room / (0.2 + room)]
    for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-9) }
    // Of two classes the mean.
    let both = maps([[1, 0.8, 1, 0.6, 0, 0.2, 0, 0]], channels: 2).confidence(.mask)
    #expect(abs(both[0] - (expected[0] + expected[1]) / 2) < 1e-9)
    // Of instances the foreground.
    let objects = maps([[0.8, 1, 1, 0.6, 1, 1, 0.2, 1, 1, 0, 1, 1]], channels: 3)
    #expect(abs(objects.confidence(.instances)[0] - expected[1]) < 1e-9)
  }

  @Test func confidenceOfClassesIsTheMeanProbability() {
    let two = ProbabilityMaps(
      ids: ["a"], sizes: [ImageSize(width: 2, height: 1)], channels: 2, values: [4, 255, 0, 102])
    #expect(abs(two.confidence(.labels)[0] - 0.7) < 1e-9)
  }

  @Test func someMapsAreTheirBytes() throws {
    let all = maps([[0, 1], [0.5, 0.25], [1, 1]])
    let some = try ProbabilityMaps(merging: [all], order: ["i2", "i0"])
    #expect(some.ids == ["i2", "i0"] && some.map(1).values == all.map(0).values)
  }

  @Test func theSettingsAreChecked() throws {
    for (settings, key) in [
      (PseudoSettings(confidence: 1.1), "confidence"),
      (PseudoSettings(confidence: 0.9, epochs: 0), "epochs"),
    ] {
      let error = #expect(throws: SettingError.self) { try settings.check() }
      #expect(error?.setting == "pseudo.\(key)")
    }
    try PseudoSettings(confidence: 0.9).check()
  }

  @Test func twoSetsAreOne() throws {
    let fixture = try CompetitionFixture()
    try fixture.image("data/test/a.png", [9, 8, 7, 6, 5, 4])
    try fixture.folder.write("id,rle\nc,1 1\na,1 1\n", to: "data/tables/sample.csv")
    try maps([[0, 0.9, 0, 0, 0, 0.6]], as: "a", to: fixture)
    let known = try fixture.stage().trainingImages(withDepths: true)
    let test = try fixture.stage().pseudoLabelled(
      by: "data/train/labels.safetensors", role: "pseudo-0", withDepths: true)
    #expect(test.images.ids == ["c", "a"] && test.labelled == [1])
    let all = known.joined(with: test.images, prefix: "test/")
    #expect(all.ids == ["a", "b", "test/c", "test/a"])
    #expect(try all.index(of: "test/a") == 3)
    for index in 0..<2 {
      #expect(all.image(index).values == known.image(index).values)
      #expect(all.truth(index) == known.truth(index) && all.area(index) == known.area(index))
      #expect(all.image(2 + index).values == test.images.image(index).values)
    }
    #expect(all.image(3).values.first == Float(9) / 255)
    #expect(all.mask(3).pixels == [0, 1, 0, 0, 0, 1] && all.area(3) == 2)
    #expect(all.features == [[10], [20.5], [30], [10]])
    // Sums and bytes are found across the seam.
    #expect(all.sums([1, 3]).sums[0].sum == 765 + 39)
    #expect(all.digest != known.joined(with: test.images, prefix: "x/").digest)
  }

  private func maps(
    _ values: [[Float]], as id: String, to fixture: CompetitionFixture, width: Int = 3
  ) throws {
    let planes = values.map {
      Plane(width: width, height: $0.count / width, values: $0)
    }
    try ProbabilityMaps(ids: [id], maps: planes).write(
      to: fixture.folder.url.appendingPathComponent("data/train/labels.safetensors"))
  }

  @Test func labelsOfOtherImagesAreRefused() throws {
    let fixture = try CompetitionFixture()
    try maps([[0, 0, 0, 0, 0, 0]], as: "nobody", to: fixture)
    #expect(throws: ImageSetError.self) {
      try fixture.stage().pseudoLabelled(
        by: "data/train/labels.safetensors", role: "pseudo-0", withDepths: false)
    }
    try maps([[0, 0, 0, 0]], as: "c", to: fixture, width: 2)
    let error = #expect(throws: (any Error).self) {
      try fixture.stage().pseudoLabelled(
        by: "data/train/labels.safetensors", role: "pseudo-0", withDepths: false)
    }
    #expect("\(error as Any)".contains("has 3 x 2 pixels, but its prediction in"))
  }
}
