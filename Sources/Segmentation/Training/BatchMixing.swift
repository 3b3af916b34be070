// Images of a batch mixed with each other, after each has been changed by itself.

import Imaging

extension Batch {
  /// Mixes each image with the next one, the last with the first; features stay each image's own.
  /// - Parameters:
  ///   - mixes: of each image, in order.
  ///   - width: columns of an image.
  ///   - channels: of images.
  ///   - targets: values of a pixel's truth.
  mutating func mix(_ mixes: [[Mix]], width: Int, channels: Int, targets: Int) {
    Self.mix(&images, mixes, width: width, channels: channels)
    Self.mix(&self.targets, mixes, width: width, channels: targets)
  }

  private static func mix(_ values: inout [Float], _ mixes: [[Mix]], width: Int, channels: Int) {
    let before = values
    let each = values.count / mixes.count
    values.withUnsafeMutableBufferPointer { values in
      before.withUnsafeBufferPointer { before in
        for (place, mixes) in mixes.enumerated() {
          let other = (place + 1) % (before.count / each)
          for mix in mixes {
            mix.apply(
              to: UnsafeMutableBufferPointer(
                rebasing: values[(place * each)..<((place + 1) * each)]),
              UnsafeBufferPointer(rebasing: before[(other * each)..<((other + 1) * each)]),
              width: width, channels: channels)
          }
        }
      }
    }
  }
}
