// Every dialect there and back, what COCO's tools write, and what errors advise.

import Foundation
import Imaging
import Testing

@Suite struct RunLengthDialectTests {
  // 1 0 0
  // 1 1 0
  private let mask = Mask(width: 3, height: 2, pixels: [1, 0, 0, 1, 1, 0])
  private let other = Mask(width: 3, height: 2, pixels: [0, 0, 1, 0, 0, 1])

  static let dialects = RunLength.Form.allCases.flatMap { form in
    ["", "-1"].flatMap { RunLength.dialects(of: form, empty: $0) }
  }

  @Test(arguments: dialects) func everyMaskOfTwelvePixelsComesBack(_ dialect: RunLength) throws {
    for bits in 0..<(1 << 12) {
      let mask = Mask(width: 4, height: 3, pixels: (0..<12).map { UInt8(bits >> $0 & 1) })
      let text = dialect.encode(mask)
      guard try dialect.decode(text, width: 4, height: 3) == mask else {
        Issue.record("\(dialect) \(bits): \(text)")
        return
      }
    }
  }

  @Test func knownStrings() throws {
    // Gaps between runs; the image's first pixel, and each run's next, is number `base`.
    #expect(RunLength(base: 0, relative: true).encode(mask) == "0 2 1 1")
    #expect(RunLength(base: 1, relative: true).encode(mask) == "1 2 2 1")
    #expect(RunLength(form: .list).encode(mask) == "[1, 2, 4, 1]")
    let list = RunLength(form: .list)
    for text in ["[1,2,4,1]", "[[1, 2], [4, 1]]", "[(1, 2), (4, 1)]", "((1,2),(4,1))", "[1 2 4 1]"]
    {
      #expect(try list.decode(text, width: 3, height: 2) == mask)
    }
    #expect(try list.decode("[]", width: 3, height: 2).isEmpty)
  }

  /// Strings that pycocotools 2.0.11 made: `encode(np.asfortranarray(a))["counts"]`.
  @Test func cocosToolsWriteTheSame() throws {
    let coco = RunLength(form: .coco)
    let small = Mask(width: 4, height: 3, pixels: [0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1])
    let disc = Mask(
      width: 80, height: 60,
      pixels: (0..<4800).map {
        let (x, y) = ($0 % 80 - 30, $0 / 80 - 25)
        return x * x + y * y <= 18 * 18 ? 1 : 0
      })
    let stripes = Mask(width: 80, height: 60, pixels: (0..<4800).map { $0 % 80 % 7 == 3 ? 1 : 0 })
    let full = Mask(width: 7, height: 5, pixels: [UInt8](repeating: 1, count: 35))
    for (mask, text) in [
      (small, "11110O30"),
      (
        disc,
        "Yg01f1:H6L2M4M2N2N2O0O2N2O000O2O0000000O20N100000001N10001N2N101N2N2N3L3N4J8F`i1"
      ),
      (stripes, "d5l1X;00000000000000000000"), (full, "0S1"),
    ] {
      #expect(coco.encode(mask) == text)
      #expect(try coco.decode(text, width: mask.width, height: mask.height) == mask)
    }
    // An empty mask is written as the dialect says, and read as COCO's tools write it.
    #expect(coco.encode(Mask(width: 7, height: 5)) == "")
    #expect(try coco.decode("S1", width: 7, height: 5).isEmpty)
    for text in [
      "[1, 1, 1, 2, 1, 1, 4, 1]", "b'11110O30'", "{\"counts\": [1, 1, 1, 2, 1, 1, 4, 1]}",
      "{\"size\": [3, 4], \"counts\": \"11110O30\"}",
    ] {
      #expect(try coco.decode(text, width: 4, height: 3) == small)
    }
  }

  @Test func severalMasksInACell() throws {
    let dialect = RunLength(separator: "|")
    let text = dialect.encode([mask, other])
    #expect(text == "1 2 4 1|5 2")
    #expect(try dialect.decodeMasks(text, width: 3, height: 2) == [mask, other])
    #expect(try dialect.decode(text, width: 3, height: 2).pixels == [1, 0, 1, 1, 1, 1])
    #expect(try dialect.decodeMasks(" ", width: 3, height: 2) == [])
    #expect(try RunLength().decodeMasks("1 2", width: 3, height: 2).count == 1)
  }

  static let advised: [(RunLength, String, String)] = [
    (RunLength(), "NaN", "competition.rle.empty: \"NaN\" (with the quotes)"),
    (RunLength(), "-1", "competition.rle.empty: \"-1\" (with the quotes)"),
    (RunLength(), "[]", "competition.rle.empty: \"[]\""),
    (RunLength(), "1 0", "competition.rle.empty: \"1 0\""),
    (RunLength(empty: "-"), "None", "competition.rle.empty: \"None\""),
    (RunLength(form: .list), "nan", "competition.rle.empty: \"nan\""),
    (RunLength(), "[1, 2, 4, 1]", "competition.rle.form: list"),
    (RunLength(form: .list), "1 2 4 1", "competition.rle.form: pairs"),
    (RunLength(), "0S1", "competition.rle.form: coco"),
    (RunLength(form: .coco), "1 2 4 1", "competition.rle.form: pairs"),
    (RunLength(), "0 2 5 1", "competition.rle.base: 0"),
    (RunLength(base: 0), "1 2 34 2", "competition.rle.base: 1"),
    (RunLength(), "9 2 1 3", "competition.rle.relative: true"),
    (RunLength(relative: true), "9 2 12 3 30 1", "competition.rle.relative: false"),
    (RunLength(), "1 2|4 1", "competition.rle.separator: \"|\""),
  ]

  @Test(arguments: advised)
  func errorsSayWhatToSet(dialect: RunLength, text: String, advice: String) {
    let error = #expect(throws: RunLengthError.self) {
      try dialect.decode(text, width: 7, height: 5)
    }
    #expect(error?.description.contains("“\(text)”") == true)
    #expect(error?.advice?.contains(advice) == true, "\(error.map(\.description) ?? "none")")
  }

  @Test func longTextsAreShortened() {
    let text = "9 2 " + String(repeating: "1 1 ", count: 200)
    let error = #expect(throws: RunLengthError.self) {
      try RunLength().decode(text, width: 7, height: 5)
    }
    #expect((error?.description.count ?? 999) < 250)
  }

  /// Whatever stands in a cell, reading it ends in a mask or in an error.
  @Test func noTextTraps() {
    let alphabet = Array("0129 []()|{}\"\\-.,:;oOb'PSnaé\u{0}")
    for number in 0..<500 {
      var generator = SeededGenerator(seed: 5, "text", "\(number)")
      let length = Int(generator.uniform(in: 0...14))
      var text = String(
        (0..<length).map { _ in alphabet[Int(generator.uniform() * Double(alphabet.count))] })
      if number % 5 == 0 { text += "9223372036854775807 9223372036854775807" }
      for dialect in Self.dialects {
        var dialect = dialect
        if number % 2 == 0 { dialect.separator = "|" }
        if number % 3 == 0 { dialect.base = number % 2 == 0 ? .min : .max }
        do { _ = try dialect.decode(text, width: 3, height: 2) } catch is RunLengthError {
        } catch {
          Issue.record("\(error)")
        }
      }
    }
  }

  @Test func sectionsOfBeforeStillRead() throws {
    func decode(_ json: String) throws -> RunLength {
      try JSONDecoder().decode(RunLength.self, from: Data(json.utf8))
    }
    #expect(try decode(#"{"order": "row", "base": 1, "empty": ""}"#) == RunLength(order: .row))
    let full = RunLength(order: .row, base: 0, empty: "x", relative: true, form: .list)
    #expect(try JSONDecoder().decode(RunLength.self, from: JSONEncoder().encode(full)) == full)
    for (json, words) in [
      (#"{"order": "rows", "base": 1, "empty": ""}"#, "column, row"),
      (#"{"order": "row", "base": 1, "empty": "", "form": "json"}"#, "pairs, list, coco"),
      (#"{"order": "row", "base": 1, "empty": "", "separator": " "}"#, "can't separate"),
    ] {
      let error = #expect(throws: DecodingError.self) { try decode(json) }
      #expect(error.map { "\($0)".contains(words) } == true)
    }
  }
}
