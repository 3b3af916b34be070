// Run lengths: known strings, round trips, and every way to be wrong.

import Imaging
import Testing

@Suite struct RunLengthTests {
  // 1 0 0
  // 1 1 0
  private let mask = Mask(width: 3, height: 2, pixels: [1, 0, 0, 1, 1, 0])

  @Test func knownStrings() throws {
    #expect(RunLength().encode(mask) == "1 2 4 1")
    #expect(RunLength(order: .row).encode(mask) == "1 1 4 2")
    #expect(RunLength(base: 0).encode(mask) == "0 2 3 1")
    let cells = RunLength(order: .row, base: 1, empty: "-")
    #expect(cells.encode(Mask(width: 3, height: 2)) == "-")
    #expect(RunLength().encode(Mask(width: 3, height: 2)) == "")
    #expect(try cells.decode("-", width: 3, height: 2).isEmpty)
    #expect(try RunLength().decode(" ", width: 3, height: 2).isEmpty)
    #expect(try RunLength().decode("  1  2\t4 1 ", width: 3, height: 2) == mask)
    // Runs that touch are one run written twice, which some tables do.
    #expect(try RunLength().decode("1 1 2 1 4 1", width: 3, height: 2) == mask)
  }

  @Test func everyMaskOfTwelvePixelsComesBack() throws {
    for bits in 0..<(1 << 12) {
      let mask = Mask(width: 4, height: 3, pixels: (0..<12).map { UInt8(bits >> $0 & 1) })
      for rle in [RunLength(), RunLength(order: .row, base: 0, empty: "-")] {
        let text = rle.encode(mask)
        guard try rle.decode(text, width: 4, height: 3) == mask else {
          Issue.record("\(bits): \(text)")
          return
        }
      }
    }
  }

  @Test func randomMasksComeBack() throws {
    for (index, density) in [0.001, 0.1, 0.5, 0.9, 0.999].enumerated() {
      var generator = SeededGenerator(seed: 3, "\(index)")
      let mask = Mask(
        width: 101, height: 97,
        pixels: (0..<(101 * 97)).map { _ in generator.chance(density) ? 1 : 0 })
      for order in [RunLength.Order.column, .row] {
        let rle = RunLength(order: order)
        #expect(try rle.decode(rle.encode(mask), width: 101, height: 97) == mask)
      }
    }
  }

  static let wrong: [(String, RunLengthError.Reason)] = [
    ("1", .oddCount(1)),
    ("1 2 3", .oddCount(3)),
    ("1 x", .notANumber("x")),
    ("1 -2", .notANumber("-2")),
    ("+1 2", .notANumber("+1")),
    ("1 1.0", .notANumber("1.0")),
    ("1 99999999999999999999", .notANumber("99999999999999999999")),
    ("2 0", .noPixel(start: 2)),
    ("0 1", .outside(start: 0, length: 1, width: 3, height: 2)),
    ("7 1", .outside(start: 7, length: 1, width: 3, height: 2)),
    ("6 2", .outside(start: 6, length: 2, width: 3, height: 2)),
    ("2 9223372036854775807", .outside(start: 2, length: .max, width: 3, height: 2)),
    ("9223372036854775807 1", .outside(start: .max, length: 1, width: 3, height: 2)),
    ("4 1 1 2", .outOfOrder(start: 1)),
    ("1 3 3 1", .outOfOrder(start: 3)),
  ]

  @Test(arguments: wrong)
  func mistakes(text: String, reason: RunLengthError.Reason) {
    let error = #expect(throws: RunLengthError.self) {
      try RunLength().decode(text, width: 3, height: 2)
    }
    #expect(error?.reason == reason)
    #expect(error?.description.contains("“\(text.prefix(39))") == true)
  }

  @Test func aBaseBelowWhatCanBeCountedDoesNotTrap() {
    // A base from parameters may be absurd; the difference to it must not overflow.
    #expect(throws: RunLengthError.self) {
      try RunLength(base: .min).decode("9223372036854775807 1", width: 3, height: 2)
    }
  }
}
