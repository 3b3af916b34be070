// A seismic-looking image: layers that dip, bend and break at faults, noise, and chaotic salt with
// a bright border. After the look of migrated sections, not after physics.

import Imaging

/// Draws images of the salt competition.
struct SaltImage {
  static let width = 101
  static let height = 101

  let image: Raster
  let mask: Mask

  /// Draws what a plan says, from numbers that belong to the image alone.
  init(_ plan: SaltPlan, using generator: inout SeededGenerator) {
    let (width, height) = (Self.width, Self.height)
    guard plan.oddity != .blank else {
      mask = Mask(width: width, height: height)
      image = Self.raster([Float](repeating: 0, count: width * height))
      return
    }
    let body =
      plan.coverage > 0
      ? SaltBody(width: width, height: height, plan: plan, using: &generator) : nil
    mask = body?.mask ?? Mask(width: width, height: height)
    // Drawn into the table only, as somebody did by hand: nothing of it can be seen.
    let visible = plan.oddity == .stripe ? nil : body
    image = Self.raster(Self.draw(visible, depth: plan.depth, using: &generator))
  }

  private static func draw(
    _ body: SaltBody?, depth: Int, using generator: inout SeededGenerator
  ) -> [Float] {
    func noise(_ cellWidth: Double, _ cellHeight: Double) -> [Float] {
      smoothNoise(
        width: width, height: height, cellWidth: cellWidth, cellHeight: cellHeight,
        using: &generator)
    }
    let layers = layerTimes(body?.inside, using: &generator)
    // High frequencies don't reach far down, so deep images are coarser.
    let wavelength = generator.uniform(in: 5.5...10) + Double(depth) / 160
    let trace = Trace(wavelength: wavelength, using: &generator)
    // Energy that migration has put at the wrong dip crosses the layers faintly.
    let stray = Trace(wavelength: wavelength, using: &generator)
    let strayDip = Float(generator.uniform(in: -1...1))
    let strayLevel = Float(generator.uniform(in: 0.03...0.25))
    let amplitude = noise(40, 24)
    let coherent = noise(7, 2.6)
    let speckle = noise(2.2, 1.8)
    let chaos = noise(5, 4)
    let chaosLarge = noise(13, 8)
    let brightness = noise(26, 26)
    let haze = noise(38, 38)
    let hazeStrength = Float(generator.uniform() < 0.15 ? generator.uniform(in: 0.2...0.5) : 0)
    let noiseLevel = Float(generator.uniform(in: 0.08...0.22))
    let saltLevel = Float(generator.uniform(in: 0.12...0.3))
    // Salt is often a little lighter than the ground's mean.
    let saltShift = Float(generator.uniform(in: 0.5...0.95))
    let borderLevel = Float(generator.uniform(in: 1.0...2.4))
    let borderWidth = Float(wavelength) * 0.3
    let contrast = Float(generator.uniform(in: 30...50))
    let level = Float(generator.uniform(in: 105...142))
    var picture = (0..<(width * height)).map { pixel -> Float in
      let (x, y) = (Float(pixel % width), Float(pixel / width))
      // Some ground is nearly as chaotic as salt, but has no border.
      let lost = smoothstep(haze[pixel], from: 0.3, to: 1.4) * hazeStrength
      let ground =
        max(0.5, 0.95 + 0.25 * amplitude[pixel]) * trace.value(at: layers[pixel])
        + strayLevel * chaosLarge[pixel] * stray.value(at: y + strayDip * (x - 50))
      var value = ground * (1 - lost) + 0.5 * lost * chaos[pixel]
      if let body {
        let share = smoothstep(body.inside[pixel], from: -1, to: 1.5)
        let salt = saltShift + saltLevel * (0.75 * chaos[pixel] + 0.5 * chaosLarge[pixel])
        value += (salt - value) * share
        // Waves that go down come back from level borders; upright ones are faint.
        let bright = max(0.3, 0.75 + 0.4 * brightness[pixel]) * (0.35 + 0.8 * body.level[pixel])
        value += borderLevel * bright * ricker((body.inside[pixel] - 0.5) / borderWidth)
      }
      return value
    }
    soften(&picture)
    for pixel in picture.indices {
      let grain = noiseLevel * (0.8 * coherent[pixel] + 0.6 * speckle[pixel])
      picture[pixel] = level + contrast * (picture[pixel] + grain)
    }
    return picture
  }

  /// Means over neighbours, with weights 1 2 1 along both axes: no recording is as sharp as a
  /// pixel.
  private static func soften(_ picture: inout [Float]) {
    for (step, isAtEnd) in [
      (1, { $0 % width == 0 || $0 % width == width - 1 }),
      (width, { $0 < width || $0 >= width * (height - 1) }),
    ] as [(Int, (Int) -> Bool)] {
      let sharp = picture
      for pixel in sharp.indices where !isAtEnd(pixel) {
        picture[pixel] = (sharp[pixel - step] + 2 * sharp[pixel] + sharp[pixel + step]) / 4
      }
    }
  }

  /// For each pixel which layer it cuts, as a place along the trace: dip, folds, faults, and layers
  /// dragged along where they meet salt.
  private static func layerTimes(
    _ inside: [Float]?, using generator: inout SeededGenerator
  ) -> [Float] {
    let folds = smoothNoise(
      width: width, height: height, cellWidth: 60, cellHeight: 70, using: &generator)
    let ripples = smoothNoise(
      width: width, height: height, cellWidth: 13, cellHeight: 24, using: &generator)
    let dip = Float(generator.uniform(in: -0.5...0.5))
    let foldHeight = Float(generator.uniform(in: 2...9))
    let rippleHeight = Float(generator.uniform(in: 0.6...2.6))
    let faults = (0..<max(0, generator.int(below: 5) - 2)).map { _ in
      (
        x: Float(generator.uniform(in: 5...96)), lean: Float(generator.uniform(in: -0.45...0.45)),
        throw: Float(generator.uniform(in: 2...7)) * (generator.chance(0.5) ? 1 : -1)
      )
    }
    let drag = Float(generator.uniform(in: 0...8))
    return (0..<(width * height)).map { pixel in
      let (x, y) = (Float(pixel % width), Float(pixel / width))
      var time = y + dip * (x - 50) + foldHeight * folds[pixel] + rippleHeight * ripples[pixel]
      for fault in faults {
        time += fault.throw * smoothstep(x - fault.x - fault.lean * (y - 50), from: -1.5, to: 1.5)
      }
      if let inside { time += drag * smoothstep(inside[pixel], from: -16, to: 0) }
      return time
    }
  }

  /// Grey of 8 bit as R = G = B.
  private static func raster(_ values: [Float]) -> Raster {
    Raster(
      width: width, height: height, channels: 3, bitDepth: 8,
      samples: values.flatMap { value in
        let grey = UInt16(max(0, min(255, value.rounded())))
        return [grey, grey, grey]
      })
  }
}

/// What a seismic trace through flat layers looks like: reflections of random strength, each drawn
/// as a wavelet.
struct Trace {
  private let samples: [Float]
  private static let margin = 120
  private static let count = 101 + 2 * margin

  /// A trace whose wavelets are so many pixels long.
  init(wavelength: Double, using generator: inout SeededGenerator) {
    let reach = Int(1.5 * wavelength)
    let scale = Float(3.14159265 / wavelength)
    let wavelet = (-reach...reach).map { ricker(Float($0) * scale) }
    var samples = [Float](repeating: 0, count: Self.count)
    var energy: Float = 0
    for position in samples.indices {
      // Mostly weak, now and then strong.
      let draw = bell(using: &generator)
      let strength = Float(draw * draw.magnitude)
      for (index, part) in wavelet.enumerated() {
        let at = position + index - reach
        if samples.indices.contains(at) { samples[at] += strength * part }
      }
    }
    for sample in samples { energy += sample * sample }
    let deviation = (energy / Float(samples.count)).squareRoot()
    self.samples = samples.map { $0 / deviation }
  }

  /// The trace at a place; 0 to 100 is the image, and it goes on well beyond.
  func value(at position: Float) -> Float {
    let shifted = max(0, min(Float(Self.count - 2), position + Float(Self.margin)))
    let index = Int(shifted)
    let share = shifted - Float(index)
    return samples[index] + (samples[index + 1] - samples[index]) * share
  }
}
