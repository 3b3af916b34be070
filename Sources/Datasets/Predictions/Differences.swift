// What was predicted of an image against what is true, as a picture.

public import Imaging

extension Truth {
  /// Where a prediction and the truth agree and where they don't: what both mark is white, what is marked in truth alone is
  /// blue, in the prediction alone orange; another class or object than the true one is purple, and what counts for
  /// nothing grey. Of instances, that is about whether a pixel belongs to any.
  ///
  /// - Parameter size: of the picture, from which a large image's rows and columns are taken.
  public func differences(from truth: Truth, size: ImageSize) -> Raster {
    let (own, other) = (marks, truth.marks)
    var samples: [UInt16] = []
    samples.reserveCapacity(3 * size.pixels)
    for y in 0..<size.height {
      let row = y * other.height / size.height * other.width
      for x in 0..<size.width {
        let pixel = row + x * other.width / size.width
        let color = Self.color(predicted: own.mark(pixel), true: other.mark(pixel))
        samples += [color.red, color.green, color.blue].map(UInt16.init)
      }
    }
    return Raster(
      width: size.width, height: size.height, channels: 3, bitDepth: 8, samples: samples)
  }

  private static func color(predicted: UInt64?, true truth: UInt64?) -> Color {
    switch (predicted, truth) {
    case (_, nil): Color(red: 128, green: 128, blue: 128)
    case (let one, let other) where one == other:
      other == 0
        ? Color(red: 24, green: 24, blue: 27) : Color(red: 240, green: 240, blue: 240)
    case (_, 0): .orange
    case (nil, _), (0, _): .blue
    default: Color(red: 170, green: 80, blue: 200)
    }
  }

  /// What each pixel is: 0 where nothing is marked, nil where it counts for nothing, another number for each other
  /// class or set of classes.
  private var marks: (width: Int, height: Int, mark: (Int) -> UInt64?) {
    switch self {
    case .masks(let masks):
      (
        masks.first?.width ?? 0, masks.first?.height ?? 0,
        { pixel in
          masks.enumerated().reduce(0) { bits, mask in
            mask.element.pixels[pixel] == 0 ? bits : bits | 1 << UInt64(mask.offset % 64)
          }
        }
      )
    case .labels(let map):
      (
        map.width, map.height,
        { map.labels[$0] == Truth.ignored ? nil : UInt64(map.labels[$0]) + 1 }
      )
    case .instances(let map): (map.width, map.height, { map.labels[$0] == 0 ? 0 : 1 })
    }
  }
}
