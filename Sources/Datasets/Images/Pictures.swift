// Images, truth and probabilities as pictures for a page.

import Foundation
public import Imaging
public import Notebook
import Workbench

extension Picture {
  /// The longest side of a picture on a page, in pixels; larger ones are made smaller.
  public static let longestSide = 480

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
    let size = ImageSize(width: mask.width, height: mask.height).fitting(Self.longestSide)
    let mask = mask.resized(width: size.width, height: size.height)
    self.init(
      png: try PNG.encode(mask, bitDepth: 1), width: mask.width, height: mask.height, label: label)
  }

  /// Probabilities as a picture, from dark for 0 to bright for 1.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public init(heat probabilities: Plane, label: String = "") throws {
    try self.init(ColorMap.heat.raster(probabilities.fitting(Self.longestSide)), label: label)
  }

  /// Classes or instances over their image, in colours.
  /// - Parameter truth: masks of one class are drawn as an outline.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public init(_ truth: Truth, on image: Plane, label: String = "") throws {
    let (width, height) = (image.width, image.height)
    let raster = Raster(image.shown)
    let drawn: Raster =
      switch truth {
      case .masks(let masks) where masks.count == 1: Overlay.outline(of: masks[0], on: raster)
      case .masks(let masks):
        masks.enumerated().reduce(raster) {
          Overlay.fill(of: $1.element, on: $0, color: .ofClass($1.offset), opacity: 0.5)
        }
      case .labels(let map):
        Overlay.fill(
          on: raster, opacity: 0.55,
          colors: map.labels.map { $0 == Truth.ignored ? nil : Color.ofClass(Int($0)) })
      case .instances(let map): Overlay.instances(map, on: raster)
      }
    precondition(drawn.width == width && drawn.height == height, "an overlay of the image's size")
    try self.init(drawn.thumbnail(side: Self.longestSide), label: label)
  }
}

extension ImageSize {
  /// Which rows and columns of an image a page shows: all of them, but of very large ones.
  var previewStep: Int {
    pixels <= 1 << 22 ? 1 : max(1, max(width, height) / (2 * Picture.longestSide))
  }

  /// The size with the same proportions and no side longer than this.
  package func fitting(_ side: Int) -> ImageSize {
    let longest = max(width, height)
    guard longest > side else { return self }
    return ImageSize(
      width: max(1, (width * side + longest / 2) / longest),
      height: max(1, (height * side + longest / 2) / longest))
  }
}

extension Plane {
  /// The plane, smaller where a side is longer than this.
  func fitting(_ side: Int) -> Plane {
    let size = ImageSize(width: width, height: height).fitting(side)
    return resized(width: size.width, height: size.height, .area)
  }

  /// What people can look at: grey or RGB. Of two channels the first, of four and more the first three.
  var shown: Plane {
    guard channels != 1, channels != 3 else { return self }
    let kept = channels < 3 ? 1 : 3
    return Plane(
      width: width, height: height, channels: kept,
      values: (0..<(width * height)).flatMap { pixel in
        (0..<kept).map { values[pixel * channels + $0] }
      })
  }
}

extension ImageSet {
  /// An image as a picture, named by its id unless told otherwise.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public func picture(_ index: Int, label: String? = nil) throws -> Picture {
    try Picture(
      Raster(preview(index).shown.fitting(Picture.longestSide)), label: label ?? ids[index])
  }

  /// An image for a page: of a very large one only every so manieth row and column, so that it isn't
  /// read as a whole.
  func preview(_ index: Int) -> Plane {
    let size = size(index)
    let step = size.previewStep
    guard step > 1 else { return image(index) }
    let (width, height) = (size.width / step, size.height / step)
    var values: [Float] = []
    for y in 0..<height {
      let row = image(index, ImageWindow(x: 0, y: y * step, width: size.width, height: 1)).values
      for x in 0..<width {
        values += row[(x * step * channels)..<((x * step + 1) * channels)]
      }
    }
    return Plane(width: width, height: height, channels: channels, values: values)
  }

  /// What is known of an image, or was decided about it, as a picture of its own: a mask in white, classes
  /// or instances in colours over the image.
  ///
  /// - Throws: `PNGError` where it can't be encoded.
  public func picture(of truth: Truth, on index: Int) throws -> Picture {
    if case .masks(let masks) = truth, masks.count == 1 { return try Picture(masks[0]) }
    return try Picture(truth, on: image(index))
  }

  /// Rows "image | mask | overlay" of some images; only of a set with truth.
  ///
  /// - Throws: `PNGError` where a picture can't be encoded.
  public func overlays(_ indices: [Int], title: String, caption: String? = nil) throws
    -> PictureGrid
  {
    let isMask = truthKind == .mask && classes == 1
    return PictureGrid(
      title: title, caption: caption,
      columns: isMask ? ["image", "mask", "overlay"] : ["image", "truth"],
      rows: try indices.map { index in
        let share = percent(Double(area(index)) / Double(size(index).pixels))
        let note = truthKind == .instances ? "\(instanceCount(index)) instances" : share
        let image = try picture(index, label: "\(ids[index].shortened) · \(note)")
        let drawn = try Picture(truth(index), on: self.image(index))
        return isMask ? [image, try Picture(mask(index)), drawn] : [image, drawn]
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

extension String {
  /// An id that leaves room for more below a picture.
  public var shortened: String { count <= 24 ? self : prefix(20) + "…" }
}

/// `count` members of a list, spread evenly over it, from its first to its last; the middle one
/// where `count` is 1, and all of a shorter list.
public func evenly<Element>(_ count: Int, of list: [Element]) -> [Element] {
  guard count < list.count, count > 0 else { return count > 0 ? list : [] }
  guard count > 1 else { return [list[list.count / 2]] }
  return (0..<count).map { list[$0 * (list.count - 1) / (count - 1)] }
}
