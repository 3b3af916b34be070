// Images of a set for the pages of a training: which ones, and how small.

import Datasets
import Imaging

extension ImageSet {
  /// A number that an image's id and a word draw: an order of images that is the same each time.
  func luck(_ word: String, _ index: Int) -> UInt64 {
    var generator = SeededGenerator(seed: 0, word, ids[index])
    return generator.next()
  }
}

extension Plane {
  /// So small, and in 64 levels, which nobody sees: that takes a third off a page's bytes.
  func thumbnail(_ size: ImageSize) -> Plane {
    let image = scaled(to: size)
    return Plane(
      width: size.width, height: size.height, channels: channels,
      values: image.values.map { ($0 * 63).rounded() / 63 })
  }
}
