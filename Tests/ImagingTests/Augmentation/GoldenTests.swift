// Transforms against albumentations: exact where pixels only change places, to 10000ths elsewhere.
// Golden/make_augmentation.py says how the values were made.

import Foundation
import Imaging
import Testing

@Suite struct AugmentationGoldenTests {
  private static let width = 24
  private static let height = 20
  private let values: [String: [Int]]

  init() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/augmentation.json")
    values = try JSONDecoder().decode([String: [Int]].self, from: Data(contentsOf: url))
  }

  private func bytes(_ name: String) throws -> [Int] { try #require(values[name]) }

  private func picture() throws -> Plane {
    Plane(
      width: Self.width, height: Self.height, values: try bytes("picture").map { Float($0) / 255 })
  }

  private func colours() throws -> Plane {
    Plane(width: 6, height: 5, channels: 3, values: try bytes("colours").map { Float($0) / 255 })
  }

  private func movement(_ draws: [Draw]) -> Change {
    var plan = ChangePlan(width: Self.width, height: Self.height)
    for draw in draws { plan.add(draw) }
    return Change(plan)
  }

  /// The largest difference from golden values in 10000ths.
  private func difference(_ plane: Plane, _ name: String) throws -> Float {
    let golden = try bytes(name)
    try #require(golden.count == plane.values.count)
    return zip(plane.values, golden).map { abs($0 - Float($1) / 10000) }.max() ?? 1
  }

  private func asBytes(_ plane: Plane) -> [Int] { plane.values.map { Int(($0 * 255).rounded()) } }

  // MARK: Exact

  @Test(arguments: [
    ("hflip", Dihedral.horizontalFlip), ("vflip", .verticalFlip), ("transpose", .transpose),
  ])
  func flipsAreExact(name: String, turn: Dihedral) throws {
    #expect(asBytes(turn.apply(try picture())) == (try bytes(name)))
    #expect(asBytes(turn.apply(try colours())) == (try bytes(name + " colours")))
  }

  /// NumPy turns against the clock.
  @Test(arguments: [(1, Dihedral.rotate270), (2, .rotate180), (3, .rotate90)])
  func quarterTurnsAreExact(turns: Int, turn: Dihedral) throws {
    #expect(asBytes(turn.apply(try picture())) == (try bytes("rot90 \(turns)")))
  }

  @Test func paddingAndCropsAreExact() throws {
    let picture = try picture()
    func padded(_ mode: Padding.Mode) -> [Int] {
      asBytes(Padding(top: 3, left: 4, bottom: 3, right: 4, mode: mode).apply(picture))
    }
    #expect(padded(.reflect) == (try bytes("pad")))
    #expect(padded(.edge) == (try bytes("pad edge")))
    let crop = picture.cropped(left: 5, top: 3, width: 12, height: 9)
    #expect(asBytes(crop) == (try bytes("crop")))
  }

  // MARK: Sampled

  /// Golden values are rounded to half of it.
  private static let tolerance: Float = 1e-4

  private static let middle = (x: Double(width) / 2, y: Double(height) / 2)

  private static let moved = Affine.scale(x: 1.1, y: 1.1).then(.rotation(degrees: -8))
    .about(x: middle.x, y: middle.y).then(.translation(x: 2.5, y: -1.25))

  private static let seen = Homography(
    width: width, height: height, to: ((1.5, 0.75), (22.25, 2), (21, 18.5), (0.5, 17.25)))

  private static let bent: ElasticField = {
    let points: [Float] = (0..<72).map { number in
      let quarters = (number * 7 + 3) % 17 - 8
      return Float(quarters) / 4
    }
    return ElasticField(cells: 3, x: Array(points[..<36]), y: Array(points[36...]))
  }()

  @Test(arguments: [
    ("rotate", Padding.Mode.reflect), ("rotate zero", .zero), ("rotate edge", .edge),
  ])
  func rotations(name: String, border: Padding.Mode) throws {
    let turn = Affine.rotation(degrees: -20).about(x: Self.middle.x, y: Self.middle.y)
    let change = movement([.move(.affine(turn), border: border)])
    #expect(try difference(change.apply(to: picture()), name) < Self.tolerance)
  }

  @Test func affineMaps() throws {
    let change = movement([.move(.affine(Self.moved), border: .reflect)])
    #expect(try difference(change.apply(to: picture()), "shift scale rotate") < Self.tolerance)
    let crop = Affine.translation(x: -2.25, y: -3.5)
      .then(.scale(x: Double(Self.width) / 18.5, y: Double(Self.height) / 15))
    let cropped = movement([.move(.affine(crop), border: nil)])
    #expect(try difference(cropped.apply(to: picture()), "sized crop") < Self.tolerance)
  }

  @Test func perspective() throws {
    let change = movement([.move(.backward(Self.seen), border: nil)])
    #expect(try difference(change.apply(to: picture()), "perspective") < Self.tolerance)
  }

  @Test func elasticFields() throws {
    let change = movement([.move(.backward(Self.bent), border: .reflect)])
    #expect(try difference(change.apply(to: picture()), "elastic") < Self.tolerance)
  }

  @Test func gridDistortion() throws {
    let map = GridMap(
      width: Self.width, height: Self.height, columns: [1, 1.3, 0.8, 0.7], rows: [0.75, 1.25, 1.1])
    let change = movement([.move(.backward(map), border: nil)])
    #expect(try difference(change.apply(to: picture()), "grid") < Self.tolerance)
  }

  @Test(arguments: [0.2, -0.15])
  func opticalDistortion(strength: Double) throws {
    let change = movement([.move(.backward(LensMap(strength: strength)), border: .reflect)])
    #expect(try difference(change.apply(to: picture()), "lens \(strength)") < Self.tolerance)
  }

  /// Composed in NumPy and sampled once there, too: two samplings would blur twice.
  @Test func chainsAreOneSampling() throws {
    let change = movement([
      .turn(.horizontalFlip), .move(.backward(Self.bent), border: .reflect),
      .move(.affine(Self.moved), border: .reflect), .move(.backward(Self.seen), border: nil),
    ])
    #expect(try difference(change.apply(to: picture()), "chain") < Self.tolerance)
  }

  // MARK: Values

  @Test func brightnessAndContrast() throws {
    let picture = try picture()
    let mean = picture.values.reduce(0, +) / Float(picture.values.count)
    // albumentations stretches about 0.
    let light = Light(gain: 1.2, offset: 0.05 + 0.2 * mean)
    #expect(try difference(light.apply(to: picture), "brightness contrast") < Self.tolerance)
  }

  @Test(arguments: [0.7, 1.4])
  func gamma(exponent: Double) throws {
    let power = Power(exponent: Float(exponent))
    #expect(try difference(power.apply(to: picture()), "gamma \(exponent)") < Self.tolerance)
  }

  /// In bytes, OpenCV rounds the last step.
  @Test(arguments: [(4, 3.0), (8, 40.0)])
  func equalization(tiles: Int, clip: Double) throws {
    let equalized = Equalization(clip: clip, tiles: tiles).apply(to: try picture())
    let golden = try bytes("clahe \(tiles)")
    #expect(golden != (try bytes("picture")))
    #expect(zip(equalized.values, golden).allSatisfy { abs($0 * 255 - Float($1)) < 0.51 })
  }

  @Test func blurs() throws {
    let picture = try picture()
    for side in [3, 5] {
      #expect(
        try difference(Convolution(box: side).apply(to: picture), "blur \(side)") < Self.tolerance)
    }
    #expect(
      try difference(Convolution(sigma: 1.3).apply(to: picture), "gaussian blur") < Self.tolerance)
  }
}
