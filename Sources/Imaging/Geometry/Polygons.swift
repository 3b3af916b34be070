// Polygons as masks: which pixels have their centre inside.

/// Which pixels of several rings are inside.
public enum PolygonRule: String, Sendable, Codable {
  /// Where an odd number of rings' edges lies on the way out: a ring within a ring is a hole.
  case evenOdd = "even-odd"
  /// Where at least one ring encloses the pixel, each ring by itself even-odd: what COCO's own
  /// tools make of several polygons of one object.
  case union
}

/// What is wrong with a polygon; whoever knows the file says where.
public enum PolygonError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Coordinates come in pairs.
  case oddCount(Int)
  /// A ring has at least three points.
  case tooFew(points: Int)
  /// A coordinate that can't be one of pixels: not a number, or beyond a billion.
  case outOfRange(ring: Int, value: Double)

  /// What is wrong, with the numbers at fault.
  public var description: String {
    switch self {
    case .oddCount(let count):
      "a polygon's coordinates are pairs of x and y, but there are \(count) numbers"
    case .tooFew(let points): "a polygon has at least three points, but there are \(points)"
    case .outOfRange(let ring, let value):
      "ring \(ring + 1) of a polygon has the coordinate \(value), which no image has"
    }
  }
}

extension Mask {
  /// The pixels whose centres lie within a polygon.
  ///
  /// Coordinates are COCO's: the image's top left corner is (0, 0), the centre of its first pixel
  /// (0.5, 0.5). A centre exactly on an edge belongs to what lies right of it and below, so that
  /// polygons that share an edge share no pixel. COCO's own tools also
  /// mark some pixels that an edge crosses less than half a pixel beside their centre, and leave out
  /// others; scikit-image's `polygon2mask` agrees, given coordinates less 0.5, but for centres on
  /// edges.
  /// - Parameter rings: of each x, y, x, y …; a ring is closed by itself, and may leave the image.
  /// - Throws: `PolygonError`.
  public init(
    polygon rings: [[Double]], width: Int, height: Int, rule: PolygonRule = .evenOdd
  ) throws {
    for (index, ring) in rings.enumerated() {
      guard ring.count.isMultiple(of: 2) else { throw PolygonError.oddCount(ring.count) }
      guard ring.count >= 6 else { throw PolygonError.tooFew(points: ring.count / 2) }
      if let value = ring.first(where: { !(abs($0) <= 1e9) }) {
        throw PolygonError.outOfRange(ring: index, value: value)
      }
    }
    var pixels = [UInt8](repeating: 0, count: width * height)
    switch rule {
    case .evenOdd: Self.fill(&pixels, rings, width, height)
    case .union: for ring in rings { Self.fill(&pixels, [ring], width, height) }
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  private static func fill(
    _ pixels: inout [UInt8], _ rings: [[Double]], _ width: Int, _ height: Int
  ) {
    /// The first pixel of a row or column whose centre is at or behind a coordinate.
    func first(_ coordinate: Double, _ count: Int) -> Int {
      Int(min(max((coordinate - 0.5).rounded(.up), 0), Double(count)))
    }
    var crossings = [[Double]](repeating: [], count: height)
    for ring in rings {
      var (x0, y0) = (ring[ring.count - 2], ring[ring.count - 1])
      for point in stride(from: 0, to: ring.count, by: 2) {
        let (x1, y1) = (ring[point], ring[point + 1])
        // Always from the upper end, so that both neighbours of an edge see the same crossing.
        let ((xa, ya), (xb, yb)) = y0 < y1 ? ((x0, y0), (x1, y1)) : ((x1, y1), (x0, y0))
        for row in first(ya, height)..<max(first(ya, height), first(yb, height)) {
          let share = (Double(row) + 0.5 - ya) / (yb - ya)
          crossings[row].append(xa * (1 - share) + xb * share)
        }
        (x0, y0) = (x1, y1)
      }
    }
    for (row, places) in crossings.enumerated() {
      let places = places.sorted()
      for pair in stride(from: 0, to: places.count - 1, by: 2) {
        let (from, to) = (first(places[pair], width), first(places[pair + 1], width))
        for x in from..<max(from, to) { pixels[row * width + x] = 1 }
      }
    }
  }
}
