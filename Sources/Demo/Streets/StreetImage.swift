// A frame of a drive along a street, with the class of each pixel.

import Imaging

/// Draws pictures of the streets competition.
struct StreetImage {
  /// The classes, in the order of the network's outputs, and how label maps number them.
  static let classes: [(name: String, value: Int)] = [
    ("sky", 23), ("building", 11), ("road", 7), ("car", 26),
  ]
  /// The value in label maps of what counts for nothing: the bonnet of the camera's own car.
  static let ignored = 0

  /// RGB of 8 bit.
  let image: Raster
  /// Grey of 8 bit: the classes' values.
  let labels: Raster

  private typealias Color = Street.Color

  private enum Surface: Int {
    case sky, building, road, car, bonnet

    var value: UInt16 {
      UInt16(
        StreetImage.classes.indices.contains(rawValue)
          ? StreetImage.classes[rawValue].value : StreetImage.ignored)
    }
  }

  /// Draws a frame, with noise from numbers that belong to it alone.
  init(_ street: Street, frame: Int, using generator: inout SeededGenerator) {
    let view = View(street, frame: frame)
    let (width, height) = (Street.width, Street.height)
    let grain = smoothNoise(
      width: width, height: height, cellWidth: 1.5, cellHeight: 1.5, using: &generator)
    let asphalt = smoothNoise(
      width: width, height: height, cellWidth: 5, cellHeight: 2, using: &generator)
    var values: [UInt16] = []
    var samples: [UInt16] = []
    for pixel in 0..<(width * height) {
      let (x, y) = (Float(pixel % width), Float(pixel / width))
      values.append(view.look(x + 0.5, y + 0.5).surface.value)
      // The mean of nine places, so that edges are smooth.
      var color = Color()
      for step in 0..<9 {
        let (dx, dy) = (Float(step % 3), Float(step / 3))
        let seen = view.look(x + (2 * dx + 1) / 6, y + (2 * dy + 1) / 6)
        color += seen.color
        if seen.surface == .road { color += Color(repeating: 4 * asphalt[pixel]) }
      }
      color = color / 9 + Color(repeating: 3 * grain[pixel])
      for channel in 0..<3 { samples.append(UInt16(max(0, min(255, color[channel].rounded())))) }
    }
    image = Raster(width: width, height: height, channels: 3, bitDepth: 8, samples: samples)
    labels = Raster(width: width, height: height, channels: 1, bitDepth: 8, samples: values)
  }

  /// What the camera sees of a street in one frame.
  private struct View {
    let street: Street
    /// How far the camera has come.
    let way: Float
    /// Those in front of the camera, the nearest first.
    let cars: [(depth: Float, car: Street.Car)]

    init(_ street: Street, frame: Int) {
      self.street = street
      way = Float(frame) * street.pace
      cars = street.cars.map { ($0.depth + Float(frame) * $0.speed, $0) }
        .filter { (1.15...7).contains($0.0) }.sorted { $0.0 < $1.0 }
    }

    func look(_ x: Float, _ y: Float) -> (surface: Surface, color: Color) {
      let offset = (x - street.middle) / 26
      if y > Float(Street.height) - 5 + offset * offset {
        let shine = smoothstep(y, from: Float(Street.height), to: Float(Street.height) - 6)
        return (.bonnet, street.bonnet + Color(repeating: 26 * shine))
      }
      for (depth, car) in cars {
        if let color = look(at: car, depth, x, y) { return (.car, color * street.light.sun) }
      }
      let below = y - street.horizon
      let side = abs(x - street.middle)
      if below > 0, side <= below * street.halfWidth { return (.road, road(x, below)) }
      if let color = house(isLeft: x < street.middle, side, below) { return (.building, color) }
      return (.sky, sky(x, y))
    }

    private func sky(_ x: Float, _ y: Float) -> Color {
      let light = street.light
      let share = max(0, min(1, y / street.horizon))
      let color = light.top + (light.bottom - light.top) * share
      let pixel =
        min(Street.height - 1, Int(y)) * Street.width + min(Street.width - 1, max(0, Int(x)))
      let cloud = 0.55 * smoothstep(street.clouds[pixel], from: 0.1, to: 1.6)
      return color + (Color(repeating: 244) * light.sun - color) * cloud
    }

    /// Nothing above the roof. The depth follows from how far the front is from the picture's middle.
    private func house(isLeft: Bool, _ side: Float, _ below: Float) -> Color? {
      let depth = Street.scale * street.halfWidth / max(side, 0.4)
      let place = (depth + way) / 1.7
      let number = place.rounded(.down)
      let row = street.houses[isLeft ? 0 : 1]
      let house = row[Int(number) % row.count]
      guard -below <= side * house.roof else { return nil }
      let light = street.light
      var color = house.color
      // From the ground, 0, to the roof, as a number of floors.
      let ground = side / street.halfWidth
      let floor = (ground - below) / (ground + side * house.roof) * house.floors
      let along = (place - number) * house.windows
      let (across, up) = (along - along.rounded(.down), floor - floor.rounded(.down))
      if floor < 0.8 {
        // Shops.
        color = color * 0.62 + Color(24, 22, 20)
        if (0.12...0.88).contains(across), (0.1...0.66).contains(floor) { color = [66, 76, 86] }
      } else if (0.26...0.74).contains(across), (0.28...0.78).contains(up) {
        color = [84, 98, 116]
      } else if up > 0.93 {
        color *= 0.86
      }
      // The gap between two houses.
      if place - number < 0.025 { color *= 0.55 }
      color *= isLeft == street.leftIsSunny ? 1 : 0.74
      color *= light.sun
      let haze = depth / (depth + 26)
      return color + (light.bottom - color) * haze
    }

    private func road(_ x: Float, _ below: Float) -> Color {
      let depth = Street.scale / below
      let lateral = (x - street.middle) / (below * street.halfWidth)
      var color = Color(92, 92, 98)
      let dash = (depth + way) / 0.7
      if abs(lateral) < 0.025, dash - dash.rounded(.down) < 0.5 { color = [214, 212, 204] }
      if abs(lateral) > 0.84 { color = [150, 146, 140] }
      if (0.82...0.84).contains(abs(lateral)) { color = [70, 70, 74] }
      for (at, car) in cars {
        // A shadow beneath.
        let (u, v) = ((lateral - car.lane) / 0.34, (depth - at) / (0.16 * at))
        color *= 1 - 0.55 * smoothstep(-(u * u + v * v), from: -1, to: -0.3)
      }
      color *= street.light.sun
      let haze = depth / (depth + 26)
      return color + (street.light.bottom - color) * haze
    }

    /// A car from behind, or from in front where it comes towards the camera.
    private func look(at car: Street.Car, _ depth: Float, _ x: Float, _ y: Float) -> Color? {
      let scale = Street.scale / depth
      // In units of the car's width, from the middle of its foot.
      let unit = 0.54 * street.halfWidth * scale
      let u = (x - street.middle - car.lane * street.halfWidth * scale) / unit
      let v = (street.horizon + scale - y) / unit
      let side = abs(u)
      if (0...0.2).contains(v), (0.28...0.46).contains(side) { return [26, 26, 28] }
      if (0.1...0.48).contains(v), side < 0.5 - max(0, v - 0.38) * 0.5 {
        if (0.3...0.4).contains(v), side > 0.34 {
          return car.lane > 0 ? [214, 40, 34] : [250, 244, 206]
        }
        if (0.16...0.25).contains(v), side < 0.16 { return [224, 224, 216] }
        return car.color * (0.8 + 0.4 * v)
      }
      if (0.48...0.8).contains(v), side < 0.44 - 0.5 * (v - 0.48) {
        let isGlass = (0.52...0.74).contains(v) && side < 0.37 - 0.5 * (v - 0.48)
        return isGlass ? [58, 70, 84] : car.color * 1.05
      }
      return nil
    }
  }
}
