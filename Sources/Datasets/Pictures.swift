// Images, masks and probabilities as pictures for a page.

import Foundation
public import Imaging
public import Notebook
import Workbench

extension Picture {
  /// An image as a picture.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public init(_ image: Raster, label: String = "") throws {
    self.init(
      png: try PNG.encode(image), width: image.width, height: image.height, label: label)
  }

  /// A mask as a picture, marked pixels white.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public init(_ mask: Mask, label: String = "") throws {
    self.init(
      png: try PNG.encode(mask, bitDepth: 1), width: mask.width, height: mask.height, label: label)
  }

  /// Probabilities as a picture, from dark for 0 to bright for 1.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public init(heat probabilities: Plane, label: String = "") throws {
    try self.init(ColorMap.heat.raster(probabilities), label: label)
  }
}

extension ImageSet {
  /// An image as a picture, named by its id unless told otherwise.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public func picture(_ index: Int, label: String? = nil) throws -> Picture {
    try Picture(Raster(image(index)), label: label ?? ids[index])
  }

  /// Rows "image | mask | overlay" of some images; only of a set with masks.
  ///
  /// - Throws: `PNGError` where a picture can't be encoded.
  public func overlays(_ indices: [Int], title: String, caption: String? = nil) throws
    -> PictureGrid
  {
    let pixels = Double(width * height)
    return PictureGrid(
      title: title, caption: caption, columns: ["image", "mask", "overlay"],
      rows: try indices.map { index in
        let label = "\(ids[index]) · \(percent(Double(area(index)) / pixels))"
        return [
          try picture(index, label: label), try Picture(mask(index)),
          try Picture(Overlay.outline(of: mask(index), on: Raster(image(index)))),
        ]
      })
  }

  /// Some images beside each other.
  ///
  /// - Throws: `PNGError` where a picture can't be encoded.
  public func gallery(_ indices: [Int], title: String, caption: String? = nil) throws -> PictureGrid
  {
    PictureGrid(title: title, caption: caption, gallery: try indices.map { try picture($0) })
  }
}

/// `count` members of a list, spread evenly over it, from its first to its last; the middle one
/// where `count` is 1, and all of a shorter list.
public func evenly<Element>(_ count: Int, of list: [Element]) -> [Element] {
  guard count < list.count, count > 0 else { return count > 0 ? list : [] }
  guard count > 1 else { return [list[list.count / 2]] }
  return (0..<count).map { list[$0 * (list.count - 1) / (count - 1)] }
}
