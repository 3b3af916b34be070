// The synthetic nuclei competition: a mask a nucleus, images of several sizes, and nuclei that touch.

import Demo
import Foundation
import Imaging
import Testing

@Suite struct NucleiCompetitionTests {
  private let head = "ImageId,EncodedPixels"

  @Test func filesAgreeWithEachOther() throws {
    let made = try Generated(.nuclei, train: 12, test: 4)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: made.files.path).sorted() == [
        "sample_submission.csv", "test.zip", "train.zip", "train_labels.csv",
      ])
    let labels = Dictionary(grouping: try made.table("train_labels.csv", head: head)) { $0[0] }
    let sample = try made.table("sample_submission.csv", head: head).map { $0[0] }
    let truth = try Generated.rows(made.truth, head: head)
    #expect(labels.count == 12 && sample.count == 4)
    #expect(Set(truth.map { $0[0] }) == Set(sample))
    let pictures = try made.pictures("train.zip")
    var sizes: Set<[Int]> = []
    for (id, rows) in labels {
      let image = try #require(pictures["\(id)/images/\(id).png"])
      #expect(image.channels == 4 && image.bitDepth == 8)
      sizes.insert([image.width, image.height])
      let masks = pictures.filter { $0.key.hasPrefix("\(id)/masks/") }.map { Mask($0.value) }
      #expect(Set(masks.map { RunLength().encode($0) }) == Set(rows.map { $0[1] }))
      #expect(
        masks.allSatisfy { $0.width == image.width && $0.height == image.height && $0.area > 0 })
      for pixel in masks[0].pixels.indices {
        #expect(masks.count { $0.pixels[pixel] != 0 } <= 1)
      }
    }
    #expect(sizes.count == 3)
    #expect(
      Set(try made.pictures("test.zip").keys) == Set(sample.map { "\($0)/images/\($0).png" }))
  }

  @Test func someNucleiTouchAndAllAreSeen() throws {
    let made = try Generated(.nuclei, train: 24, test: 1)
    let labels = Dictionary(grouping: try made.table("train_labels.csv", head: head)) { $0[0] }
    let pictures = try made.pictures("train.zip")
    var touching = 0
    for (id, rows) in labels {
      let image = try #require(pictures["\(id)/images/\(id).png"])
      let map = LabelMap(
        masks: try rows.map {
          try RunLength().decode($0[1], width: image.width, height: image.height)
        }, width: image.width, height: image.height)
      var (inside, outside) = ((0.0, 0.0), (0.0, 0.0))
      for pixel in map.labels.indices {
        let value = Double(image.samples[4 * pixel + 1])
        #expect(image.samples[4 * pixel + 3] == 255)
        if map.labels[pixel] > 0 {
          inside = (inside.0 + value, inside.1 + 1)
        } else {
          outside = (outside.0 + value, outside.1 + 1)
        }
        guard pixel % map.width > 0 else { continue }
        let (left, right) = (map.labels[pixel - 1], map.labels[pixel])
        if left > 0, right > 0, left != right { touching += 1 }
      }
      #expect(abs(inside.0 / inside.1 - outside.0 / outside.1) > 30, "\(id)")
    }
    #expect(touching > 24)
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    try Generated.expectRepeatable(.nuclei, train: 4, test: 2)
  }
}
