// Where instances nearly touch: what a network learns in order to keep them apart.

extension LabelMap {
  /// Pixels within a distance of at least two instances, between centres, in pixels. A pixel of an
  /// instance is at distance 0 from it, so these are the rims of instances that nearly touch, and
  /// the gaps between them; a rim that faces only background isn't among them.
  ///
  /// Close to the borders that the winners of the 2018 Data Science Bowl trained on (the dilated
  /// line of a watershed where a window holds several nuclei), but without a watershed or windows.
  public func border(within distance: Double) -> Mask {
    let reach = max(0, Int(distance.rounded(.down)))
    let spans = (-reach...reach).map { dy in
      (dy, Int((max(0, distance * distance - Double(dy * dy))).squareRoot()))
    }
    var pixels = [UInt8](repeating: 0, count: labels.count)
    // Two labels are near exactly where the least isn't the largest. Less one, the background
    // is above all labels for the least.
    var least = [UInt32](repeating: 0, count: width)
    var largest = least
    labels.withUnsafeBufferPointer { labels in
      least.withUnsafeMutableBufferPointer { least in
        largest.withUnsafeMutableBufferPointer { largest in
          pixels.withUnsafeMutableBufferPointer { pixels in
            for y in 0..<height {
              least.update(repeating: .max)
              largest.update(repeating: 0)
              for (dy, reach) in spans where (0..<height).contains(y + dy) {
                for dx in -min(reach, width - 1)...min(reach, width - 1) {
                  let first = max(0, -dx)
                  let last = min(width, width - dx)
                  let from = (y + dy) * width + dx
                  for x in first..<last {
                    let label = labels[from + x]
                    least[x] = min(least[x], label &- 1)
                    largest[x] = max(largest[x], label)
                  }
                }
              }
              for x in 0..<width where largest[x] != 0 && least[x] != largest[x] &- 1 {
                pixels[y * width + x] = 1
              }
            }
          }
        }
      }
    }
    return Mask(width: width, height: height, pixels: pixels)
  }
}
