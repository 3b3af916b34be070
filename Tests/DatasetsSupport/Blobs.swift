// A small segmentation problem: bright discs on a dark, noisy ground; some images have none.

public import Datasets
import Imaging

/// Images named image-000, image-001 …; every fourth has no disc.
public func blobs(
  _ count: Int, width: Int = 16, height: Int = 16, channels: Int = 1, depths: Bool = false,
  seed: UInt64 = 1
) -> ImageSet {
  let ids = (0..<count).map { "image-" + String(1000 + $0).dropFirst() }
  var images: [Plane] = []
  var masks: [Mask] = []
  for (index, id) in ids.enumerated() {
    var generator = SeededGenerator(seed: seed, "blobs", id)
    let x = generator.uniform(in: 3...Double(width - 3))
    let y = generator.uniform(in: 3...Double(height - 3))
    let radius = index % 4 == 3 ? 0 : generator.uniform(in: 2...5)
    var pixels: [UInt8] = []
    var values: [Float] = []
    for row in 0..<height {
      for column in 0..<width {
        let (dx, dy) = (Double(column) + 0.5 - x, Double(row) + 0.5 - y)
        let isMarked = dx * dx + dy * dy < radius * radius
        pixels.append(isMarked ? 1 : 0)
        for _ in 0..<channels {
          values.append(Float((isMarked ? 0.7 : 0.3) + 0.1 * generator.uniform()))
        }
      }
    }
    images.append(Plane(width: width, height: height, channels: channels, values: values))
    masks.append(Mask(width: width, height: height, pixels: pixels))
  }
  return ImageSet(
    ids: ids, images: images, masks: masks,
    features: depths ? ids.indices.map { [Float($0 * 37 % 100)] } : [])
}
