// Images, masks and probabilities as pictures for a page.

import Foundation
public import Imaging
public import Notebook

extension Picture {
  /// An image as a picture.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public init(_ image: Raster, label: String) throws {
    self.init(
      png: try PNG.encode(image), width: image.width, height: image.height, label: label)
  }

  /// A mask as a picture, marked pixels white.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public init(_ mask: Mask, label: String) throws {
    self.init(
      png: try PNG.encode(mask, bitDepth: 1), width: mask.width, height: mask.height, label: label)
  }
}

/// The three pictures of a row "image | mask | overlay"; the label stands below the first.
///
/// - Throws: `PNGError` where a picture can't be encoded.
public func imageMaskOverlay(_ image: Raster, _ mask: Mask, label: String) throws -> [Picture] {
  [
    try Picture(image, label: label),
    try Picture(mask, label: ""),
    try Picture(Overlay.outline(of: mask, on: image), label: ""),
  ]
}

/// `count` members of a list, spread evenly over it, from its first to its last; the middle one
/// where `count` is 1, and all of a shorter list.
public func evenly<Element>(_ count: Int, of list: [Element]) -> [Element] {
  guard count < list.count, count > 0 else { return count > 0 ? list : [] }
  guard count > 1 else { return [list[list.count / 2]] }
  return (0..<count).map { list[$0 * (list.count - 1) / (count - 1)] }
}
