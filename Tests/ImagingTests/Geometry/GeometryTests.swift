// Geometry: inverses, composition, and sampling against NumPy and PyTorch.

import Imaging
import Testing

@Suite struct GeometryTests {
  private func plane(_ width: Int, _ height: Int, _ channels: Int = 1) -> Plane {
    Plane(
      width: width, height: height, channels: channels,
      values: (0..<(width * height * channels)).map(Float.init))
  }

  @Test func theEightMoveAsNamed() {
    // 0 1 2
    // 3 4 5
    let p = plane(3, 2)
    let expected: [(Dihedral, [Float])] = [
      (.identity, [0, 1, 2, 3, 4, 5]), (.horizontalFlip, [2, 1, 0, 5, 4, 3]),
      (.verticalFlip, [3, 4, 5, 0, 1, 2]), (.rotate180, [5, 4, 3, 2, 1, 0]),
      (.transpose, [0, 3, 1, 4, 2, 5]), (.rotate90, [3, 0, 4, 1, 5, 2]),
      (.rotate270, [2, 5, 1, 4, 0, 3]), (.antitranspose, [5, 2, 4, 1, 3, 0]),
    ]
    #expect(expected.map(\.0) == Dihedral.allCases)
    for (element, values) in expected {
      let moved = element.apply(p)
      #expect(moved.values == values)
      #expect((moved.width, moved.height) == (element.exchangesSides ? (2, 3) : (3, 2)))
    }
  }

  @Test func inversesAndCompositionsOfTheEight() {
    let p = plane(3, 2, 2)
    let mask = Mask(width: 3, height: 2, pixels: [1, 0, 0, 1, 1, 0])
    for first in Dihedral.allCases {
      #expect(first.inverse.apply(first.apply(p)) == p)
      #expect(first.inverse.apply(first.apply(mask)) == mask)
      #expect(Mask(first.apply(Plane(mask))) == first.apply(mask))
      #expect(first.then(first.inverse) == .identity)
      for second in Dihedral.allCases {
        #expect(first.then(second).apply(p) == second.apply(first.apply(p)))
      }
    }
  }

  @Test func paddingAsNumPyDoesIt() {
    // numpy.pad(numpy.arange(6), (7, 9), mode="reflect")
    let row = Padding(top: 0, left: 7, bottom: 0, right: 9, mode: .reflect).apply(plane(6, 1))
    #expect(row.values == [3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4])
    let edge = Padding(top: 1, left: 1, bottom: 0, right: 2, mode: .edge).apply(plane(2, 2))
    #expect(edge.values == [0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3])
    let zero = Padding(top: 1, left: 1, bottom: 0, right: 0, mode: .zero).apply(plane(2, 1))
    #expect(zero.values == [0, 0, 0, 0, 0, 1])
    let single = Padding(top: 2, left: 2, bottom: 2, right: 2, mode: .reflect)
      .apply(Plane(width: 1, height: 1, values: [7]))
    #expect(single.values == [Float](repeating: 7, count: 25))
  }

  @Test func centredPaddingIsUndoneExactly() {
    let padding = Padding(fromWidth: 101, fromHeight: 100, toWidth: 128, toHeight: 128)
    #expect([padding.left, padding.right, padding.top, padding.bottom] == [13, 14, 14, 14])
    let p = plane(101, 100, 2)
    let padded = padding.apply(p)
    #expect(padded.width == 128 && padded.height == 128)
    #expect(padding.undo(padded) == p)
    let mask = Mask(width: 101, height: 100, pixels: (0..<10100).map { $0 % 3 == 0 ? 1 : 0 })
    #expect(padding.undo(padding.apply(mask)) == mask)
  }

  @Test func crops() {
    #expect(plane(4, 3).cropped(left: 1, top: 1, width: 2, height: 2).values == [5, 6, 9, 10])
  }

  // torch.nn.functional.interpolate(x, size=(5, 7), mode="bilinear", align_corners=False), then
  // size=(2, 3), mode="nearest-exact", of x = torch.arange(12.).reshape(1, 1, 3, 4) ** 2 / 121
  @Test func resizingAsPyTorchDoesIt() {
    let p = Plane(width: 4, height: 3, values: (0..<12).map { Float($0 * $0) / 121 })
    let golden: [Float] = [
      0.0, 0.0029515940696001053, 0.0076741441152989864, 0.020661158487200737,
      0.03600945323705673, 0.059622202068567276, 0.07438016682863235, 0.05289256572723389,
      0.06528925895690918, 0.08512397110462189, 0.11322315782308578, 0.14368359744548798,
      0.18240852653980255, 0.20661157369613647, 0.13223139941692352, 0.15879574418067932,
      0.20129871368408203, 0.25206613540649414, 0.30519482493400574, 0.36658796668052673,
      0.40495866537094116, 0.3702479600906372, 0.4109799861907959, 0.4761512279510498,
      0.5495868921279907, 0.6253838539123535, 0.7094452381134033, 0.7619835138320923,
      0.5289255976676941, 0.5791026949882507, 0.6593860387802124, 0.7479338645935059,
      0.838843047618866, 0.9380165338516235, 1.0,
    ]
    let resized = p.resized(width: 7, height: 5)
    #expect(zip(resized.values, golden).allSatisfy { abs($0 - $1) < 2e-7 })
    let nearest: [Float] = [0, 4, 9, 64, 100, 121].map { $0 / 121 }
    #expect(p.resized(width: 3, height: 2, .nearest).values == nearest)
    #expect(p.resized(width: 4, height: 3) == p)
  }

  @Test func areasKeepTheMean() {
    let p = plane(4, 2)
    #expect(p.resized(width: 2, height: 1, .area).values == [2.5, 4.5])
    let odd = plane(7, 5).resized(width: 3, height: 2, .area)
    #expect(abs(odd.values.reduce(0, +) / 6 - 17) < 1e-4)
    #expect(plane(7, 5).resized(width: 7, height: 5, .area) == plane(7, 5))
  }

  @Test func thumbnailsAndEnlargements() {
    let raster = Raster(
      width: 8, height: 4, channels: 3, bitDepth: 16, samples: [UInt16](repeating: 65535, count: 96)
    )
    let small = raster.thumbnail(side: 4)
    #expect((small.width, small.height, small.channels, small.bitDepth) == (4, 2, 3, 8))
    #expect(small.samples.allSatisfy { $0 == 255 })
    #expect(raster.thumbnail(side: 100).width == 8)
    let two = Raster(width: 2, height: 1, channels: 1, bitDepth: 8, samples: [3, 9]).enlarged(by: 2)
    #expect(two.samples == [3, 3, 9, 9, 3, 3, 9, 9])
  }

  @Test func affineMapsComposeAndInvert() throws {
    let map = Affine.rotation(degrees: 30).about(x: 5, y: 4).then(.scale(x: 2, y: -3))
      .then(.translation(x: 1, y: 2))
    let back = try #require(map.inverse)
    let there = map.apply(x: 3.5, y: -1.25)
    let again = back.apply(x: there.x, y: there.y)
    #expect(abs(again.x - 3.5) < 1e-12 && abs(again.y + 1.25) < 1e-12)
    #expect(Affine.scale(x: 0, y: 1).inverse == nil)
    // A quarter turn about the centre is the exact one.
    let p = plane(5, 5)
    let turned = Warp(
      Affine.rotation(degrees: 90).about(x: 2.5, y: 2.5), width: 5, height: 5
    ).apply(p)
    let exact = Dihedral.rotate90.apply(p)
    #expect(zip(turned.values, exact.values).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func straightAndFreeSamplingAgree() {
    let p = Plane(
      width: 9, height: 7, channels: 2, values: (0..<126).map { Float(($0 * 37) % 101) / 100 })
    for border in [Padding.Mode.reflect, .edge, .zero] {
      let map = Affine.scale(x: 1.3, y: 0.8).then(.translation(x: -1.7, y: 2.1))
      let straight = Warp(map, width: 9, height: 7, border: border).apply(p)
      // A turn so small that it changes nothing sends the same map down the other path.
      let free = Warp(
        map.then(.rotation(degrees: 1e-9)), width: 9, height: 7, border: border
      ).apply(p)
      #expect(zip(straight.values, free.values).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func aShiftByWholePixelsMovesThemExactly() {
    let shift = Warp(.translation(x: 1, y: 0), width: 3, height: 1, border: .zero)
    #expect(shift.apply(plane(3, 1)).values == [0, 0, 1])
    let mask = Mask(width: 3, height: 1, pixels: [1, 0, 1])
    #expect(shift.apply(mask).pixels == [0, 1, 0])
  }

  @Test func elasticFieldsAreSmoothAndOfTheStatedSize() {
    var generator = SeededGenerator(seed: 1, "field")
    let still = ElasticField(cells: 4, deviation: 0, using: &generator)
    let p = plane(16, 12)
    func bent(_ plane: Plane, by field: ElasticField) -> Plane {
      var places = Places(width: plane.width, height: plane.height)
      field.trace(&places)
      return Warp(places, border: .edge).apply(plane)
    }
    #expect(bent(p, by: still) == p)
    // A ramp along x shows the displacement itself where the border is far.
    let field = ElasticField(cells: 3, deviation: 2, using: &generator)
    let ramp = Plane(width: 64, height: 64, values: (0..<4096).map { Float($0 % 64) })
    let values = bent(ramp, by: field).values
    let moves = (12..<52).map { values[32 * 64 + $0] - Float($0) }
    #expect(moves.contains { abs($0) > 0.1 })
    #expect(moves.allSatisfy { abs($0) < 8 })
    #expect(zip(moves, moves.dropFirst()).allSatisfy { abs($0 - $1) < 0.7 })
  }
}
