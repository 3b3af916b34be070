// TIFF files: strips and tiles, planes, kinds of samples, compressions and pages.

import Foundation
import Imaging
import Testing

@Suite(.enabled(if: has("libtiff"))) struct TIFFTests {
  @Test func stripsOfLZWWithPredictor() throws {
    #expect(
      try decode(Fixture.stripsLZW)
        == Scan(width: 5, height: 3, channels: 3, samples: .bytes(bytes(ramp(45))), fullScale: 255))
  }

  @Test func planesOfDeflatedBigEndianWords() throws {
    let planes = ramp(60, largest: 65535)
    let samples = (0..<20).flatMap { pixel in (0..<3).map { UInt16(planes[20 * $0 + pixel]) } }
    #expect(
      try decode(Fixture.planesBigEndian)
        == Scan(width: 5, height: 4, channels: 3, samples: .words(samples), fullScale: 65535))
  }

  /// The tiles reach beyond both edges.
  @Test func tilesOfFloats() throws {
    let samples = ramp(360, largest: 1 << 40).map { Float($0 - 100) }
    #expect(
      try decode(Fixture.tilesFloat)
        == Scan(width: 20, height: 18, channels: 1, samples: .floats(samples), fullScale: 1))
  }

  @Test func signedWholeNumbersBecomeFloats() throws {
    #expect(try decode(Fixture.signed).samples == .floats(ramp(12).map { Float($0 - 40) }))
  }

  @Test func meaningOfSamples() throws {
    #expect(try decode(Fixture.whiteIsZero).samples == .bytes(bytes(ramp(12).map { 255 - $0 })))
    let rgba = try decode(Fixture.rgba)
    #expect(rgba.hasAlpha && rgba.channels == 4 && rgba.samples == .bytes(bytes(ramp(24))))
    let bits = try decode(Fixture.bilevelG4)
    #expect(bits.fullScale == 1 && bits.width == 10 && bits.height == 3)
    #expect(bits.samples == .bytes((0..<30).map { $0 % 3 == 0 ? 1 : 0 }))
  }

  @Test(.enabled(if: has("libjpeg"))) func jpegInside() throws {
    let scan = try decode(Fixture.jpegInTIFF)
    #expect(scan.channels == 3 && Fixture.areNear(scan, Fixture.jpegInTIFFSamples))
  }

  @Test func pagesAreChannelsOrOneIsTaken() throws {
    let both = try decode(Fixture.pages)
    #expect(both.samples == .bytes(bytes(ramp(12).flatMap { [$0, $0 + 1] })) && both.channels == 2)
    #expect(!both.hasAlpha)
    for page in 0..<2 {
      let one = try decode(Fixture.pages, options { $0.pages = .one(page) })
      #expect(one.samples == .bytes(bytes(ramp(12).map { $0 + page })))
    }
    // The smaller copy is no page.
    #expect(try ImageFile.header(Fixture.pages, name: "a").pages == 2)
    #expect(
      reason(Fixture.pages, options { $0.pages = .one(2) })
        == "page 2 is wanted (0 is the first), but there are only 2 (read as TIFF)")
  }

  @Test func pagesOfTwoSizesAreReadOneByOne() throws {
    #expect(
      reason(Fixture.pagesOfTwoSizes)
        == "page 1 has 2 × 1 pixels, but page 0 4 × 3; read one page instead of all (read as TIFF)")
    let page = try decode(Fixture.pagesOfTwoSizes, options { $0.pages = .one(1) })
    #expect(page.samples == .bytes([0, 7]))
  }

  @Test func aSizeThatIsOnlyClaimedTakesNoMemory() throws {
    // ImageWidth and ImageLength of the directory, which follows the header, as numbers of 32 bit.
    var data = Fixture.stripsLZW
    let directory = data.withUnsafeBytes {
      Int($0.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    }
    for entry in 0..<12 where data[directory + 2 + 12 * entry] <= 1 {
      let place = directory + 2 + 12 * entry
      guard data[place + 1] == 1 else { continue }
      data.replaceSubrange((place + 2)..<(place + 4), with: [4, 0])
      data.replaceSubrange((place + 8)..<(place + 12), with: [0, 0, 1, 0])
    }
    #expect(!reason(data).isEmpty)
  }
}

extension Fixture {
  /// Whether samples differ by one step at most: another libjpeg may round otherwise.
  static func areNear(_ scan: Scan, _ expected: [UInt8]) -> Bool {
    guard case .bytes(let found) = scan.samples, found.count == expected.count else { return false }
    return zip(found, expected).allSatisfy { abs(Int($0) - Int($1)) <= 1 }
  }
}
