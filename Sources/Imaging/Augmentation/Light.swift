// Brightness, contrast and gamma. The truth stays as it is.

import Foundation

/// Contrast about the image's mean, and brightness.
package struct BrightnessContrast: Transform {
  package static let name = "brightness_contrast"
  /// Added, as a share of full scale.
  package var brightness = -0.1...0.1
  /// The change of contrast: 0.2 is 1.2 times, -0.2 is 0.8 times.
  package var contrast = -0.1...0.1
  package static var fields: [Field<BrightnessContrast>] {
    [
      .symmetric("brightness", \.brightness, in: -1...1),
      .symmetric("contrast", \.contrast, in: -1...1),
    ]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .values(
      Light(
        gain: Float(1 + generator.uniform(in: contrast)),
        offset: Float(generator.uniform(in: brightness))))
  }
}

/// Values stretched about the image's mean, and shifted; clipped to 0…1.
package struct Light: ValueChange {
  let gain: Float
  let offset: Float

  /// A factor, and what is added.
  package init(gain: Float, offset: Float) {
    self.gain = gain
    self.offset = offset
  }

  package func apply(to image: Plane) -> Plane {
    guard gain != 1 || offset != 0 else { return image }
    let mean = Self.sum(image.values) / Float(image.values.count)
    let (gain, shift) = (gain, mean - mean * gain + offset)
    return image.mapped {
      let value = $0 * gain + shift
      return value < 0 ? 0 : value > 1 ? 1 : value
    }
  }

  /// The sum, in sixteen partial sums: one after another, each addition would wait for the last.
  private static func sum(_ values: [Float]) -> Float {
    values.withUnsafeBufferPointer { values in
      var sums = SIMD16<Float>(repeating: 0)
      let whole = values.count / 16 * 16
      for start in stride(from: 0, to: whole, by: 16) {
        for lane in 0..<16 { sums[lane] += values[start + lane] }
      }
      for index in whole..<values.count { sums[index - whole] += values[index] }
      return sums.sum()
    }
  }
}

/// Values become powers of themselves: the middle brighter or darker, black and white as they are.
package struct Gamma: Transform {
  package static let name = "gamma"
  /// The exponent; above 1 darkens.
  package var limit = 0.8...1.2
  package static var fields: [Field<Gamma>] { [.span("limit", \.limit, in: 0.1...10)] }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    .values(Power(exponent: Float(generator.uniform(in: limit))))
  }
}

/// Each value to a power.
package struct Power: ValueChange {
  let exponent: Float

  /// An exponent above 0.
  package init(exponent: Float) { self.exponent = exponent }

  package func apply(to image: Plane) -> Plane {
    let exponent = exponent
    return image.mapped { powf(max($0, 0), exponent) }
  }
}

extension Plane {
  /// The plane with each value replaced.
  @inline(__always)
  func mapped(_ change: (Float) -> Float) -> Plane {
    let changed = [Float](unsafeUninitializedCapacity: values.count) { out, count in
      values.withUnsafeBufferPointer { values in
        for index in 0..<values.count { out[index] = change(values[index]) }
      }
      count = out.count
    }
    return Plane(width: width, height: height, channels: channels, values: changed)
  }
}
