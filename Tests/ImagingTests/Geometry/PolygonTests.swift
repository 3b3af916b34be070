// Polygons: centres within, edges shared, and what is refused.

import Imaging
import Testing

@Suite struct PolygonTests {
  /// scikit-image 0.26's `draw.polygon2mask`, of coordinates less 0.5, as rows of bits.
  @Test func knownTriangle() throws {
    let mask = try Mask(polygon: [[2.3, 1.2, 14.7, 5.9, 6.1, 13.4]], width: 18, height: 16)
    let rows = (0..<16).map { y in
      mask.pixels[(18 * y)..<(18 * y + 18)].reduce(0) { 2 * $0 + Int($1) }
    }
    #expect(
      rows == [
        0, 32768, 28672, 31744, 32640, 16368, 16368, 16352, 8128, 8064, 7680, 3072, 2048, 0, 0, 0,
      ])
  }

  @Test func randomStarsByTheirWinding() throws {
    for seed in 0..<20 {
      var generator = SeededGenerator(seed: UInt64(seed), "star")
      let ring = (0..<14).map { _ in generator.uniform(in: -5...30) }
      let other = (0..<10).map { _ in generator.uniform(in: 0...25) }
      func isInside(_ x: Double, _ y: Double, _ ring: [Double]) -> Bool {
        // Crossings of a ray upwards, not along the row.
        let points = stride(from: 0, to: ring.count, by: 2).map { (ring[$0], ring[$0 + 1]) }
        return zip(points, points.dropFirst() + [points[0]]).count { a, b in
          guard (a.0 > x) != (b.0 > x) else { return false }
          return a.1 + (x - a.0) / (b.0 - a.0) * (b.1 - a.1) < y
        } % 2 == 1
      }
      let odd = try Mask(polygon: [ring, other], width: 25, height: 20)
      let union = try Mask(polygon: [ring, other], width: 25, height: 20, rule: .union)
      for pixel in 0..<500 {
        let (x, y) = (Double(pixel % 25) + 0.5, Double(pixel / 25) + 0.5)
        let (one, two) = (isInside(x, y, ring), isInside(x, y, other))
        #expect((odd.pixels[pixel] == 1) == (one != two))
        #expect((union.pixels[pixel] == 1) == (one || two))
      }
    }
  }

  /// Centres on edges belong to one of two neighbours, never to both or none.
  @Test func neighboursShareNoPixel() throws {
    let left = try Mask(polygon: [[0, 0, 2.5, 0, 4.5, 8, 0, 8]], width: 8, height: 8)
    let right = try Mask(polygon: [[2.5, 0, 8, 0, 8, 8, 4.5, 8]], width: 8, height: 8)
    #expect(zip(left.pixels, right.pixels).allSatisfy { $0 + $1 == 1 })
    let square = try Mask(polygon: [[1, 2, 4, 2, 4, 5, 1, 5]], width: 8, height: 8)
    #expect(LabelMap(square).boxes == [PixelBox(x: 1, y: 2, width: 3, height: 3)])
    let ring = try Mask(
      polygon: [[0, 0, 8, 0, 8, 8, 0, 8], [2, 2, 2, 6, 6, 6, 6, 2]], width: 8, height: 8)
    #expect(ring.area == 48)
  }

  @Test func whatIsRefused() {
    for (rings, error) in [
      ([[0.0, 1, 2]], PolygonError.oddCount(3)), ([[0, 1, 2, 3]], .tooFew(points: 2)),
      ([[]], .tooFew(points: 0)),
      ([[0, 0, 1, 1, 2, 0], [0, 0, 1, .infinity, 2, 0]], .outOfRange(ring: 1, value: .infinity)),
      ([[0, 0, 1, 1e300, 2, 0]], .outOfRange(ring: 0, value: 1e300)),
    ] {
      #expect(throws: error) { try Mask(polygon: rings, width: 4, height: 4) }
    }
    #expect(throws: PolygonError.self) {
      try Mask(polygon: [[0, 0, .nan, 1, 2, 0]], width: 4, height: 4)
    }
    // Far outside is no mistake.
    #expect(
      (try? Mask(polygon: [[-1e9, -1e9, 1e9, -1e9, 1e9, 1e9, -1e9, 1e9]], width: 4, height: 4))?
        .area
        == 16)
  }
}
