// Masks and probabilities drawn over images, for people to look at.

/// A colour of 8 bit a channel, as pictures for pages have it.
public struct Color: Sendable, Equatable {
  /// 0…255.
  public var red: UInt8
  /// 0…255.
  public var green: UInt8
  /// 0…255.
  public var blue: UInt8

  /// A colour of its parts.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// For what is true: stands out from grey, and the colour-blind can tell it from `orange`.
  public static let blue = Color(red: 40, green: 150, blue: 255)
  /// For what is predicted.
  public static let orange = Color(red: 255, green: 140, blue: 0)

  fileprivate func channel(_ index: Int) -> Double {
    Double(index == 0 ? red : index == 1 ? green : blue)
  }
}

/// Draws masks and heat maps over images; the results are RGB of 8 bit.
public enum Overlay {
  /// The image with the outline of a mask: the mask's pixels that touch one outside of it. Where
  /// the mask meets the picture's border it has no outline.
  public static func outline(of mask: Mask, on image: Raster, color: Color = .orange) -> Raster {
    let (width, height) = (mask.width, mask.height)
    func isMarked(_ x: Int, _ y: Int) -> Bool {
      mask.pixels[max(0, min(height - 1, y)) * width + max(0, min(width - 1, x))] == 1
    }
    let opacities = (0..<(width * height)).map { pixel -> Double in
      let (x, y) = (pixel % width, pixel / width)
      let isInner =
        isMarked(x - 1, y) && isMarked(x + 1, y) && isMarked(x, y - 1) && isMarked(x, y + 1)
      return isMarked(x, y) && !isInner ? 1 : 0
    }
    return blend(image, width, height) { (color, opacities[$0]) }
  }

  /// The image with a mask's pixels tinted.
  /// - Parameter opacity: 0 leaves the image as it is, 1 covers it.
  public static func fill(
    of mask: Mask, on image: Raster, color: Color = .orange, opacity: Double = 0.4
  ) -> Raster {
    blend(image, mask.width, mask.height) { (color, mask.pixels[$0] == 1 ? opacity : 0) }
  }

  /// The image with probabilities (one channel, 0…1) laid over it by a colour map.
  public static func heat(
    of probabilities: Plane, on image: Raster, map: ColorMap = .heat, opacity: Double = 0.5
  ) -> Raster {
    precondition(probabilities.channels == 1, "a heat map has one channel")
    return blend(image, probabilities.width, probabilities.height) {
      (map.color(at: probabilities.values[$0]), opacity)
    }
  }

  static func blend(
    _ image: Raster, _ width: Int, _ height: Int, _ ink: (Int) -> (color: Color, opacity: Double)
  ) -> Raster {
    precondition(image.width == width && image.height == height, "image and overlay differ in size")
    let ground = Raster(Plane(image, channels: 3)).samples
    var samples = [UInt16](repeating: 0, count: ground.count)
    for pixel in 0..<(width * height) {
      let (color, opacity) = ink(pixel)
      for channel in 0..<3 {
        let at = 3 * pixel + channel
        let value = Double(ground[at]) * (1 - opacity) + color.channel(channel) * opacity
        samples[at] = UInt16(value.rounded())
      }
    }
    return Raster(width: width, height: height, channels: 3, bitDepth: 8, samples: samples)
  }
}
