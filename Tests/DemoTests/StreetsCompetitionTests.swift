// The synthetic streets competition: label maps with a value for what counts for nothing, and drives.

import Demo
import Foundation
import Imaging
import Testing

@Suite struct StreetsCompetitionTests {
  @Test func filesAgreeWithEachOther() throws {
    let made = try Generated(.streets, train: 20, test: 4)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: made.files.path).sorted() == [
        "classes.csv", "sample_submission.csv", "test_images.zip", "train_images.zip",
        "train_labels.zip",
      ])
    let classes = try made.table("classes.csv", head: "name,value")
    #expect(classes.map { $0[0] } == ["sky", "building", "road", "car", "ignored"])
    let values = Set(classes.compactMap { UInt16($0[1]) })
    #expect(values.count == 5)
    let images = try made.pictures("train_images.zip")
    let labels = try made.pictures("train_labels.zip")
    #expect(images.count == 20 && Set(images.keys) == Set(labels.keys))
    #expect(
      Set(images.keys.map { $0.prefix { $0 != "_" } }) == ["s1", "s2", "s3"],
      "eight frames a drive")
    for (name, map) in labels {
      #expect((map.width, map.height, map.channels, map.bitDepth) == (96, 64, 1, 8))
      #expect(
        images[name].map { ($0.width == 96) && ($0.height == 64) && ($0.channels == 3) } == true)
      #expect(values.isSuperset(of: map.samples))
    }
    // Every class occurs, and what is ignored.
    #expect(Set(labels.values.flatMap(\.samples)) == values)

    let sample = try made.table("sample_submission.csv", head: "Id,Pixels").map { $0[0] }
    let hidden = try made.pictures("test_images.zip").keys.map { $0.dropLast(4) }.sorted()
    #expect(
      sample == hidden.flatMap { id in classes.dropLast().map { "\(id)_\($0[0])" } },
      "a row an image and class")
    #expect(hidden.allSatisfy { $0.hasPrefix("s4_") }, "drives of their own")
    #expect(try Generated.rows(made.truth, head: "Id,Pixels").map { $0[0] } == sample)
  }

  @Test func framesOfADriveAreAlikeAndNotTheSame() throws {
    let made = try Generated(.streets, train: 16, test: 1)
    let images = try made.pictures("train_images.zip")
    func difference(_ one: String, _ other: String) throws -> Double {
      let (one, other) = (try #require(images[one]), try #require(images[other]))
      let sum = zip(one.samples, other.samples).reduce(0.0) {
        $0 + abs(Double($1.0) - Double($1.1))
      }
      return sum / Double(one.samples.count)
    }
    let next = try difference("s1_0001.png", "s1_0002.png")
    #expect(next > 0.5)
    #expect(try difference("s1_0001.png", "s2_0001.png") > 2 * next)
  }

  @Test func theSameSeedGivesTheSameBytes() throws {
    try Generated.expectRepeatable(.streets, train: 4, test: 2)
  }
}
