// Geometry in several steps as one sampling.

/// A map of a picture onto a frame of the picture's own size.
package enum PlaneMap: Sendable {
  /// Where points go. The map must have an inverse.
  case affine(Affine)
  /// Where points of the frame come from.
  case backward(any BackwardMap)
}

/// A map that is known backwards: a point of the frame shows the picture's point that it leads to.
package protocol BackwardMap: Sendable {
  /// Replaces points of the frame by those that they come from.
  func trace(_ places: inout Places)
}

/// A point for each pixel of a frame, in the coordinates of `Affine`; at first the pixels' centres.
package struct Places: Sendable, Equatable {
  /// In pixels.
  package let width: Int
  /// In pixels.
  package let height: Int
  /// `height * width`, rows from the top.
  package var x: [Double]
  /// `height * width`, rows from the top.
  package var y: [Double]
  /// Whether each point is still its pixel's centre.
  package private(set) var areCentres = true

  /// The centres of a frame's pixels.
  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
    func centres(_ centre: (_ x: Int, _ y: Int) -> Double) -> [Double] {
      [Double](unsafeUninitializedCapacity: width * height) { out, count in
        for y in 0..<height {
          for x in 0..<width { out[y * width + x] = centre(x, y) }
        }
        count = out.count
      }
    }
    x = centres { x, _ in Double(x) + 0.5 }
    y = centres { _, y in Double(y) + 0.5 }
  }

  /// Moves each point.
  @inline(__always)
  package mutating func replace(_ point: (Double, Double) -> (x: Double, y: Double)) {
    areCentres = false
    x.withUnsafeMutableBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for pixel in 0..<x.count { (x[pixel], y[pixel]) = point(x[pixel], y[pixel]) }
      }
    }
  }

  /// Moves the point of each pixel by a vector of its own.
  package mutating func shift(byX dx: [Float], y dy: [Float]) {
    areCentres = false
    for pixel in x.indices {
      x[pixel] += Double(dx[pixel])
      y[pixel] += Double(dy[pixel])
    }
  }
}

/// A flip or turn and then maps, to be done in one sampling.
struct Movement: Sendable {
  /// What comes first.
  private(set) var turn = Dihedral.identity
  /// What comes then, in order; of affine maps no two stand side by side.
  private var maps: [PlaneMap] = []
  /// What lies beyond the picture's border; nil where no map says so.
  private var border: Padding.Mode?

  /// Whether maps with such a border go with those that are there.
  func takes(_ border: Padding.Mode?) -> Bool {
    border == nil || self.border == nil || border == self.border
  }

  /// Adds a flip or turn of a frame; one that exchanges the sides only of a square.
  mutating func add(_ turn: Dihedral, width: Int, height: Int) {
    precondition(
      width == height || !turn.exchangesSides, "a turn that exchanges sides needs a square")
    if maps.isEmpty {
      self.turn = self.turn.then(turn)
    } else {
      add(.affine(turn.affine(width: width, height: height)), border: nil)
    }
  }

  mutating func add(_ map: PlaneMap, border: Padding.Mode?) {
    self.border = self.border ?? border
    if case .affine(let next) = map, case .affine(let last)? = maps.last {
      maps[maps.count - 1] = .affine(last.then(next))
    } else {
      maps.append(map)
    }
  }

  /// All of it as a sampling of a frame; nil where the flip or turn is all there is.
  func warp(width: Int, height: Int) -> Warp? {
    guard let last = maps.last else { return nil }
    let first = turn.affine(width: width, height: height)
    let border = border ?? .reflect
    if maps.count == 1, case .affine(let map) = last {
      return Warp(first.then(map), width: width, height: height, border: border)
    }
    var places = Places(width: width, height: height)
    for map in maps.reversed() {
      switch map {
      case .affine(let map): places.trace(map)
      case .backward(let map): map.trace(&places)
      }
    }
    if turn != .identity { places.trace(first) }
    return Warp(places, border: border)
  }
}

extension Places {
  /// Traces points back through an affine map, which must have an inverse.
  fileprivate mutating func trace(_ map: Affine) {
    guard let inverse = map.inverse else { preconditionFailure("the map can't be undone") }
    replace { inverse.apply(x: $0, y: $1) }
  }
}

extension Dihedral {
  /// The same as a map of a frame's points.
  func affine(width: Int, height: Int) -> Affine {
    let (w, h) = (Double(width), Double(height))
    let turned = exchangesSides ? Affine.transposition : .identity
    return turned.then(
      Affine.scale(x: mirrorsColumns ? -1 : 1, y: mirrorsRows ? -1 : 1)
        .about(x: (exchangesSides ? h : w) / 2, y: (exchangesSides ? w : h) / 2))
  }
}
