// Submissions against the sample submission: columns, ids, and how often each comes.

import Basics
import Foundation
import Scores
import Testing

struct SampleCheckTests {
  private func problems(
    _ text: String, sample: String = "id,rle\na,\nb,\nc,\n", mayRepeat: Bool = false
  ) throws -> [String] {
    try SampleCheck(
      CSV(Data(text.utf8), name: "/x/mine.csv"),
      sample: CSV(Data(sample.utf8), name: "/x/sample.csv"), predicted: "rle",
      mayRepeat: mayRepeat
    ).problems
  }

  @Test func theSameIdsInAnotherOrderAreRight() throws {
    #expect(try problems("id,rle\nc,1 2\na,\nb,3 4\n") == [])
    let check = try SampleCheck(
      CSV(Data("id,rle\na,\nb,\n".utf8), name: "m"),
      sample: CSV(Data("id,rle\na,\nb,\n".utf8), name: "s"),
      predicted: "rle", mayRepeat: false)
    #expect(check.rows == 2 && check.problems.isEmpty)
  }

  @Test func whatDiffersIsSaidWithALine() throws {
    #expect(
      try problems("id,rle\na,\nd,\nd,\ne,\n") == [
        "2 rows of the sample are missing, such as “b” (sample.csv:3)",
        "2 rows aren't in the sample, such as “d” (mine.csv:3)",
      ])
    #expect(
      try problems("id,rle\na,\nb,\nb,\nc,\n") == [
        "a row comes more often than in the sample, such as “b” (mine.csv:3)"
      ])
    #expect(
      try problems("id,rle\na,\nb,\nc,\n", sample: "id,rle\na,\na,\nb,\nc,\n") == [
        "a row comes less often than in the sample, such as “a” (mine.csv:2)"
      ])
  }

  @Test func instancesMayComeMoreOften() throws {
    #expect(try problems("id,rle\na,1\nb,1\nb,2\nc,\n", mayRepeat: true) == [])
  }

  @Test(arguments: ["rle,id\n,a\n", "id,mask\na,\n", "id\na\n", "id,rle,more\na,,\n"])
  func otherColumnsAreNamed(_ text: String) throws {
    let found = try problems(text)
    #expect(found.count == 1 && found[0].hasSuffix("and should be “id”, “rle”"))
  }

  /// Of an image and class, both columns name the row.
  @Test func severalColumnsNameARow() throws {
    let sample = "id,class,rle\na,1,\na,2,\n"
    #expect(try problems("id,class,rle\na,2,\na,1,\n", sample: sample) == [])
    #expect(
      try problems("id,class,rle\na,2,\na,3,\n", sample: sample).first
        == "a row of the sample is missing, such as “a, 1” (sample.csv:2)")
  }

  @Test func aSampleWithoutTheColumnIsRefused() {
    #expect(throws: InputError.self) { try problems("id,rle\na,\n", sample: "id,mask\na,\n") }
  }
}
