// The synthetic cells competition: another layout and another dialect, with the same care.

import Demo
import Foundation
import Imaging
import Testing

@Suite struct CellsCompetitionTests {
  private let dialect = RunLength(order: .row, base: 1, empty: "-")

  @Test func filesAgreeWithEachOther() throws {
    let made = try Generated(.cells, train: 40, test: 6)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: made.files.path).sorted() == [
        "labels.csv", "template.csv", "test_pictures.zip", "train_labels.zip", "train_pictures.zip",
      ])
    let labels = try made.table("labels.csv", head: "ImageId,EncodedPixels")
    let template = try made.table("template.csv", head: "ImageId,EncodedPixels")
    let truth = try Generated.rows(made.truth, head: "ImageId,EncodedPixels")
    #expect(truth.map { $0[0] } == template.map { $0[0] })
    let pictures = try made.pictures("train_pictures.zip")
    let masks = try made.pictures("train_labels.zip")
    #expect(pictures.count == 40 && masks.count == 40)
    for row in labels {
      let picture = try #require(pictures["\(row[0])_rgb.png"])
      let mask = try #require(masks["\(row[0])_label.png"])
      #expect(
        (picture.width, picture.height, picture.channels, picture.bitDepth) == (96, 80, 3, 8))
      #expect((mask.width, mask.height, mask.channels, mask.bitDepth) == (96, 80, 1, 1))
      #expect(dialect.encode(Mask(mask)) == row[1])
    }
    #expect(labels.contains { $0[1] == "-" }, "a picture without cells")
    #expect(labels.count { $0[1] != "-" } > 25)
    #expect(
      try Set(made.pictures("test_pictures.zip").keys) == Set(template.map { "\($0[0])_rgb.png" }))
  }

  @Test func cellsAreToldByTheirColour() throws {
    let made = try Generated(.cells, train: 30, test: 1)
    let pictures = try made.pictures("train_pictures.zip")
    let masks = try made.pictures("train_labels.zip")
    var (inside, outside) = ((0.0, 0), (0.0, 0))
    for (name, picture) in pictures {
      let mask = try #require(
        masks[name.replacingOccurrences(of: "_rgb", with: "_label")].map { Mask($0) })
      for (pixel, marked) in mask.pixels.enumerated() {
        let green = Double(picture.samples[3 * pixel + 1])
        if marked == 1 {
          inside = (inside.0 + green, inside.1 + 1)
        } else {
          outside = (outside.0 + green, outside.1 + 1)
        }
      }
    }
    #expect(inside.0 / Double(inside.1) < outside.0 / Double(outside.1) - 40)
  }
}
