// Whether one dialect reads run lengths clearly better than another.

import Imaging
import Testing

@Suite struct DialectQualityTests {
  /// Discs of several sizes and places.
  private func discs(_ dialect: RunLength, width: Int, height: Int, pictured: Bool = false)
    -> [DialectGuess.Example]
  {
    (0..<24).map { index in
      let (x0, y0, radius) = (6 + index % 9, 5 + index % 7, 3 + index % 3)
      let pixels = (0..<(width * height)).map { pixel -> UInt8 in
        let (x, y) = (pixel % width - x0, pixel / width - y0)
        return x * x + 2 * y * y <= radius * radius ? 1 : 0
      }
      let mask = Mask(width: width, height: height, pixels: pixels)
      return .init(
        text: dialect.encode(mask), width: width, height: height,
        picture: pictured
          ? Plane(width: width, height: height, values: pixels.map { 0.2 + 0.6 * Float($0) }) : nil)
    }
  }

  private func evidence(
    _ right: RunLength, against wrong: RunLength, _ examples: [DialectGuess.Example]
  ) -> String? {
    DialectQuality(of: right, examples).evidence(against: DialectQuality(of: wrong, examples))
  }

  @Test func stripesAreEvidence() throws {
    let (right, wrong) = (RunLength(order: .row), RunLength(order: .column))
    let examples = discs(right, width: 40, height: 24)
    let found = try #require(evidence(right, against: wrong, examples))
    #expect(found.hasPrefix("marks are stripes, with ") && found.contains("with order: row there"))
    #expect(evidence(wrong, against: right, examples) == nil)
  }

  /// In a square the wrong order is a reflection, which only the pictures tell.
  @Test func edgesOfPicturesAreEvidence() throws {
    let (right, wrong) = (RunLength(order: .row), RunLength(order: .column))
    let without = discs(right, width: 24, height: 24)
    #expect(evidence(right, against: wrong, without) == nil)
    let examples = discs(right, width: 24, height: 24, pictured: true)
    let found = try #require(evidence(right, against: wrong, examples))
    #expect(found.hasPrefix("marks don't end where the pictures have edges"))
    #expect(evidence(wrong, against: right, examples) == nil)
  }

  @Test func textsThatLeaveTheImageAreEvidence() {
    let (right, wrong) = (RunLength(base: 0), RunLength(base: 1))
    let whole = Mask(width: 4, height: 4, pixels: [UInt8](repeating: 1, count: 16))
    let examples = [DialectGuess.Example(text: right.encode(whole), width: 4, height: 4)]
    #expect(
      evidence(right, against: wrong, examples)
        == "1 of 1 run lengths that were looked at can't be read; with base: 0 all can")
  }

  @Test func whatDiffersLittleIsNone() {
    let (one, other) = (RunLength(base: 0), RunLength(base: 1))
    #expect(evidence(one, against: other, discs(other, width: 40, height: 24)) == nil)
  }
}
