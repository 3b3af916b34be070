// Maps for tests of instances: random blobs that overlap and touch, and slow references.

import Imaging

/// Discs one over the other; later ones lose their pixels to earlier ones.
func discs(_ count: Int, width: Int, height: Int, radius: ClosedRange<Double>, seed: UInt64)
  -> LabelMap
{
  let masks = (0..<count).map { index in
    var generator = SeededGenerator(seed: seed, "disc", "\(index)")
    let (x, y) = (
      generator.uniform(in: 0...Double(width)), generator.uniform(in: 0...Double(height))
    )
    let radius = generator.uniform(in: radius)
    return Mask(
      width: width, height: height,
      pixels: (0..<(width * height)).map {
        let (dx, dy) = (Double($0 % width) - x, Double($0 / width) - y)
        return dx * dx + dy * dy < radius * radius ? 1 : 0
      })
  }
  return LabelMap(masks: masks, width: width, height: height)
}

/// Pixels marked by chance.
func noise(_ density: Double, width: Int, height: Int, seed: UInt64) -> Mask {
  var generator = SeededGenerator(seed: seed, "noise")
  return Mask(
    width: width, height: height,
    pixels: (0..<(width * height)).map { _ in generator.chance(density) ? 1 : 0 })
}

/// Neighbours of a pixel within the image.
func neighbours(_ pixel: Int, width: Int, height: Int, _ connectivity: Connectivity) -> [Int] {
  let (x, y) = (pixel % width, pixel / width)
  return [(0, -1), (-1, 0), (1, 0), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)]
    .prefix(connectivity.rawValue).map { (x + $0.0, y + $0.1) }
    .filter { (0..<width).contains($0.0) && (0..<height).contains($0.1) }
    .map { $0.1 * width + $0.0 }
}

/// Components by flooding from each first pixel.
func floodedComponents(_ values: [UInt32], width: Int, height: Int, _ connectivity: Connectivity)
  -> [UInt32]
{
  var labels = [UInt32](repeating: 0, count: values.count)
  var count: UInt32 = 0
  for start in values.indices where values[start] != 0 && labels[start] == 0 {
    count += 1
    labels[start] = count
    var stack = [start]
    while let pixel = stack.popLast() {
      for next in neighbours(pixel, width: width, height: height, connectivity)
      where values[next] == values[start] && labels[next] == 0 {
        labels[next] = count
        stack.append(next)
      }
    }
  }
  return labels
}
