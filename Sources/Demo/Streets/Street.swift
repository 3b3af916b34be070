// A street of houses along which a camera drives: what the frames of one sequence share.

import Imaging

/// Everything of a street that doesn't change while the camera moves.
///
/// A depth of 1 is `scale` rows below the horizon; what is twice as deep is half as large.
struct Street {
  static let width = 96
  static let height = 64
  /// Rows from the horizon to the ground at depth 1.
  static let scale: Float = 30

  typealias Color = SIMD3<Float>

  /// A house: its front is as long as the others.
  struct House {
    let color: Color
    /// Of the roof's height over the horizon to the front's distance from the middle of the picture.
    let roof: Float
    let floors: Float
    let windows: Float
  }

  struct Car {
    /// -1 is the left kerb, 1 the right one.
    let lane: Float
    let depth: Float
    /// Change of depth a frame, as the camera sees it.
    let speed: Float
    let color: Color
  }

  /// Time of day and weather.
  struct Light {
    let top: Color
    let bottom: Color
    /// What colours are multiplied by.
    let sun: Color

    static let all = [
      Light(top: [84, 142, 208], bottom: [190, 216, 236], sun: [1, 1, 0.98]),
      Light(top: [142, 152, 164], bottom: [198, 204, 208], sun: [0.84, 0.86, 0.9]),
      Light(top: [92, 98, 152], bottom: [246, 190, 142], sun: [0.92, 0.78, 0.68]),
      Light(top: [120, 172, 214], bottom: [236, 228, 206], sun: [1.04, 1, 0.9]),
    ]
  }

  let light: Light
  /// The row of the horizon.
  let horizon: Float
  /// The column in which the street vanishes.
  let middle: Float
  /// Half of the street's width over the rows below the horizon.
  let halfWidth: Float
  /// Left and right.
  let houses: [[House]]
  let cars: [Car]
  /// Depth that the camera drives in a frame.
  let pace: Float
  let leftIsSunny: Bool
  let bonnet: Color
  /// [height, width].
  let clouds: [Float]

  /// Draws a street from numbers that belong to it alone.
  init(using generator: inout SeededGenerator) {
    func number(_ range: ClosedRange<Double>) -> Float { Float(generator.uniform(in: range)) }
    func one<Value>(of values: [Value]) -> Value { values[generator.int(below: values.count)] }
    light = one(of: Light.all)
    horizon = number(23...29)
    middle = number(40...56)
    halfWidth = number(1.15...1.6)
    pace = number(0.12...0.3)
    leftIsSunny = generator.chance(0.5)
    bonnet = one(of: [[52, 54, 60], [96, 30, 30], [34, 52, 84]])
    houses = (0..<2).map { _ in
      (0..<12).map { _ in
        House(
          color: one(of: Self.plaster) + Color(repeating: number(-10...10)),
          roof: number(0.25...1.25),
          floors: 2 + Float(generator.int(below: 4)), windows: 2 + Float(generator.int(below: 3)))
      }
    }
    cars = (0..<(1 + generator.int(below: 4))).map { _ in
      let isAhead = generator.chance(0.6)
      return Car(
        lane: isAhead ? number(0.36...0.52) : number(-0.52 ... -0.36), depth: number(1.3...5),
        speed: isAhead ? number(-0.12...0.12) : number(-0.5 ... -0.25),
        color: one(of: Self.paint) + Color(repeating: number(-12...12)))
    }
    clouds = smoothNoise(
      width: Self.width, height: Self.height, cellWidth: 26, cellHeight: 9, using: &generator)
  }

  private static let plaster: [Color] = [
    [158, 92, 74], [198, 178, 144], [132, 134, 142], [214, 206, 194], [190, 150, 96],
    [156, 130, 120],
  ]
  private static let paint: [Color] = [
    [178, 32, 36], [36, 72, 148], [226, 226, 228], [42, 44, 50], [222, 170, 40], [44, 112, 84],
  ]
}
