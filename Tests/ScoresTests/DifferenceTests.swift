// What differs between two submissions, on tables small enough to count by hand.

import Basics
import Foundation
import Imaging
import Scores
import Testing

@Suite struct DifferenceTests {
  private let layout = SubmissionLayout(
    maskColumn: "rle_mask", size: MaskSize(width: 3, height: 2))

  private func table(_ rows: String..., layout: SubmissionLayout? = nil) throws -> SubmissionTable {
    let text = (["id,rle_mask"] + rows).joined(separator: "\n") + "\n"
    return try SubmissionTable(
      CSV(Data(text.utf8), name: "table.csv"), layout ?? self.layout)
  }

  @Test func masksPixelsAndEmptiesAreCounted() throws {
    let old = try table("a,1 2", "b,", "c,3 1", "d,1 1 3 1", "gone,1 6")
    let new = try table("c,", "b,2 3", "a,2 2", "d,1 1 3 1", "added,")
    #expect(old.count == 5 && old.empty == 1 && new.empty == 2)
    let difference = try SubmissionDifference(from: old, to: new)
    #expect(difference.common == 4 && difference.changed == 3)
    #expect(difference.onlyOld == 1 && difference.onlyNew == 1)
    #expect(difference.emptied == 1 && difference.filled == 1)
    #expect(difference.emptyOld == 1 && difference.emptyNew == 2)
    // a: pixel 3 gained, pixel 1 lost; b: three gained; c: one lost.
    #expect(difference.pixels?.gained == 4 && difference.pixels?.lost == 2)
    #expect(difference.pixels?.total == 24)
  }

  @Test func otherRunsOfTheSamePixelsAreNoChange() throws {
    let difference = try SubmissionDifference(
      from: try table("a,1 2", "b,"), to: try table("a,1 1 2 1", "b,\" \""))
    #expect(difference.changed == 0 && difference.pixels?.gained == 0)
  }

  @Test func instancesOfAnImageAreComparedTogether() throws {
    let old = try table("a,1 1", "a,5 1", "b,1 1")
    let same = try table("a,5 1", "b,1 1", "a,1 1")
    #expect(try SubmissionDifference(from: old, to: same).changed == 0)
    let fewer = try SubmissionDifference(from: old, to: try table("a,1 1", "b,1 1"))
    #expect(fewer.common == 2 && fewer.changed == 1 && fewer.pixels?.lost == 1)
  }

  @Test func withoutASizeMasksAreComparedAsText() throws {
    let layout = SubmissionLayout(maskColumn: "rle_mask")
    let difference = try SubmissionDifference(
      from: try table("a,1 2", "b,9 9", layout: layout),
      to: try table("a,1 3", "b,9 9", layout: layout))
    #expect(difference.changed == 1 && difference.pixels == nil)
  }

  @Test func runLengthsThatLeaveTheMaskAreNamedByFileAndLine() throws {
    let (old, new) = (try table("a,1 1", "b,1 1"), try table("a,1 1", "b,6 2"))
    #expect {
      try SubmissionDifference(from: old, to: new)
    } throws: { "\($0)".hasPrefix("table.csv:3: the run lengths “6 2”") }
    #expect {
      try SubmissionTable(CSV(Data("id,mask\na,1 1\n".utf8), name: "t.csv"), layout)
    } throws: { "\($0)".contains("t.csv: no column “rle_mask” (there are: id, mask)") }
  }

  @Test func theSectionOfParametersSaysHowToRead() throws {
    func layout(_ text: String) throws -> SubmissionLayout {
      try SubmissionLayout(JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
    }
    let salt = try layout(
      #"{"columns": {"mask": "rle_mask", "predicted": null}, "image": {"width": 101, "height": 101},"#
        + #" "rle": {"order": "row", "base": 0, "empty": "-1"}, "submission": null}"#)
    #expect(salt.maskColumn == "rle_mask" && salt.size == MaskSize(width: 101, height: 101))
    #expect(salt.rle.order == .row && salt.rle.base == 0 && salt.rle.empty == "-1")
    let scaled = try layout(
      #"{"columns": {"mask": "m", "predicted": "p"}, "image": {"width": null, "height": null},"#
        + #" "submission": {"rows": "image", "size": {"width": 8, "height": 4}}}"#)
    #expect(scaled.maskColumn == "p" && scaled.size == MaskSize(width: 8, height: 4))
    #expect(try layout(#"{"columns": {"mask": "m"}}"#).size == nil)
    #expect(throws: InputError.self) { try layout("{}") }
    #expect(throws: InputError.self) {
      try layout(#"{"columns": {"mask": "m"}, "rle": {"order": "diagonal"}}"#)
    }
  }
}
