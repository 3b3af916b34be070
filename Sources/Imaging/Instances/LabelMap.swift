// Which instance each pixel belongs to: instances of one image that don't overlap.

/// A number for each pixel: 0 is the background, 1 … `count` are instances.
public struct LabelMap: Sendable, Equatable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// `height * width` numbers, rows from the top.
  public let labels: [UInt32]
  /// How many instances there are; one may have no pixel, where others cover it.
  public let count: Int

  /// A map of numbers that must fill the shape.
  /// - Parameter count: the number of instances; without it, the largest label.
  public init(width: Int, height: Int, labels: [UInt32], count: Int? = nil) {
    precondition(width > 0 && height > 0, "a label map has at least one pixel")
    precondition(labels.count == width * height, "labels don't fill the shape")
    let largest = Int(labels.max() ?? 0)
    precondition(largest <= count ?? largest, "a label is above the count of instances")
    self.width = width
    self.height = height
    self.labels = labels
    self.count = count ?? largest
  }

  /// A map without instances.
  public init(width: Int, height: Int) {
    self.init(
      width: width, height: height, labels: [UInt32](repeating: 0, count: width * height))
  }

  /// A mask as a map of at most one instance.
  public init(_ mask: Mask) {
    self.init(width: mask.width, height: mask.height, labels: mask.pixels.map(UInt32.init))
  }

  /// Masks of one size as instances, in order: the first becomes 1. A pixel that several masks
  /// have goes to the first of them; `joining` counts such pixels.
  public init(masks: [Mask], width: Int, height: Int) {
    self = Self.joining(masks, width: width, height: height).map
  }

  /// Masks of one size as instances, and of each the pixels that it lost to masks before it.
  public static func joining(_ masks: [Mask], width: Int, height: Int)
    -> (map: LabelMap, lost: [Int])
  {
    var labels = [UInt32](repeating: 0, count: width * height)
    let lost = masks.enumerated().map { index, mask in
      precondition(
        mask.width == width && mask.height == height,
        "a mask of \(mask.width) x \(mask.height) in a map of \(width) x \(height)")
      var lost = 0
      for (pixel, value) in mask.pixels.enumerated() where value != 0 {
        if labels[pixel] == 0 { labels[pixel] = UInt32(index + 1) } else { lost += 1 }
      }
      return lost
    }
    return (LabelMap(width: width, height: height, labels: labels, count: masks.count), lost)
  }
}

/// A rectangle of pixels.
public struct PixelBox: Sendable, Equatable, Hashable, Codable {
  /// The left column.
  public var x: Int
  /// The top row.
  public var y: Int
  /// In pixels.
  public var width: Int
  /// In pixels.
  public var height: Int

  /// A rectangle from its left column and top row.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

extension LabelMap {
  /// The pixels of one instance, 1 … `count`.
  public func mask(of label: Int) -> Mask {
    precondition((1...max(count, 1)).contains(label), "no instance \(label)")
    return Mask(
      width: width, height: height, pixels: labels.map { Int($0) == label ? 1 : 0 })
  }

  /// The masks of all instances, in order.
  public var masks: [Mask] { count == 0 ? [] : (1...count).map(mask) }

  /// The pixels of any instance.
  public var foreground: Mask {
    Mask(width: width, height: height, pixels: labels.map { $0 == 0 ? 0 : 1 })
  }

  /// Pixels of each instance: `areas[0]` are those of instance 1.
  public var areas: [Int] {
    var areas = [Int](repeating: 0, count: count + 1)
    for label in labels { areas[Int(label)] += 1 }
    return Array(areas.dropFirst())
  }

  /// The least rectangle around each instance, that of instance 1 first; nil without a pixel.
  public var boxes: [PixelBox?] {
    var ends = [(left: Int, top: Int, right: Int, bottom: Int)?](repeating: nil, count: count)
    var pixel = 0
    for y in 0..<height {
      for x in 0..<width {
        let label = Int(labels[pixel])
        pixel += 1
        guard label > 0 else { continue }
        guard let old = ends[label - 1] else {
          ends[label - 1] = (x, y, x, y)
          continue
        }
        ends[label - 1] = (min(old.left, x), old.top, max(old.right, x), y)
      }
    }
    return ends.map { ends in
      ends.map {
        PixelBox(
          x: $0.left, y: $0.top, width: $0.right - $0.left + 1, height: $0.bottom - $0.top + 1)
      }
    }
  }

  /// The instances for which `keep` holds, by number and area, numbered anew in the same order; the
  /// pixels of the others become background.
  public func filtered(_ keep: (_ label: Int, _ area: Int) -> Bool) -> LabelMap {
    var numbers = [UInt32](repeating: 0, count: count + 1)
    var kept: UInt32 = 0
    for (index, area) in areas.enumerated() where keep(index + 1, area) {
      kept += 1
      numbers[index + 1] = kept
    }
    return LabelMap(
      width: width, height: height, labels: labels.map { numbers[Int($0)] }, count: Int(kept))
  }

  /// Without the instances that have fewer pixels; those without a pixel are left out in any case.
  public func removing(smallerThan area: Int) -> LabelMap {
    filtered { $1 >= max(area, 1) }
  }
}
