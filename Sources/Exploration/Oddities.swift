// Images and masks that stand out: blank images, tiny masks, masks that are one vertical stripe,
// images that occur more than once. What to do about them is for people to decide.

public import Imaging

/// Tells images and masks that deserve a look.
public enum Oddities {
  /// Whether all samples of an image are the same: nothing can be seen in it.
  public static func isBlank(_ image: Raster) -> Bool {
    guard let first = image.samples.first else { return true }
    if image.channels == 1 { return image.samples.allSatisfy { $0 == first } }
    return (0..<image.channels).allSatisfy { channel in
      let value = image.samples[channel]
      return stride(from: channel, to: image.samples.count, by: image.channels)
        .allSatisfy { image.samples[$0] == value }
    }
  }

  /// Whether a mask has a pixel, but fewer than `pixels`.
  public static func isTiny(_ mask: Mask, pixels: Int) -> Bool {
    !mask.isEmpty && mask.area < pixels
  }

  /// Whether a mask is made of whole columns only, without being empty or full: every row is the
  /// same. In the salt competition such masks were drawn by hand over one side and are hard to
  /// learn.
  public static func isVerticalStripe(_ mask: Mask) -> Bool {
    guard !mask.isEmpty, mask.area < mask.width * mask.height else { return false }
    let first = mask.pixels[0..<mask.width]
    return (1..<mask.height).allSatisfy { row in
      mask.pixels[(row * mask.width)..<((row + 1) * mask.width)] == first
    }
  }

  /// Groups of indices of images that are the same sample for sample, each with two members at
  /// least, in order of the first member. Blank images are left out: they are alike for another
  /// reason.
  public static func duplicates(_ images: [Raster]) -> [[Int]] {
    struct Content: Hashable {
      var shape: [Int]
      var samples: [UInt16]
    }
    var groups: [Content: [Int]] = [:]
    for (index, image) in images.enumerated() where !isBlank(image) {
      let shape = [image.width, image.height, image.channels, image.bitDepth]
      groups[Content(shape: shape, samples: image.samples), default: []].append(index)
    }
    return groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }
}
