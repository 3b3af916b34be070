// What is known of a training image, and what a network learns of it.

public import Imaging

/// The truth about an image.
public enum Truth: Sendable, Equatable {
  /// A mask for each class, all of the image's size.
  case masks([Mask])
  /// The class of each pixel.
  case labels(ClassMap)
  /// Objects.
  case instances(LabelMap)

  /// The class of pixels that count for nothing.
  public static let ignored: UInt8 = 255
}

/// The class of each pixel of an image.
public struct ClassMap: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Rows from the top; `Truth.ignored` where a pixel counts for nothing.
  public let labels: [UInt8]

  /// A map of classes that must fill the shape.
  public init(width: Int, height: Int, labels: [UInt8]) {
    precondition(labels.count == width * height, "labels don't fill the shape")
    self.width = width
    self.height = height
    self.labels = labels
  }

  /// The pixels of a class.
  public func mask(of class: Int) -> Mask {
    Mask(width: width, height: height, pixels: labels.map { Int($0) == `class` ? 1 : 0 })
  }
}

/// What a network learns of an image or a part of it, as bytes.
public struct TargetMap: Sendable, Equatable {
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Values a pixel.
  public var channels: Int
  /// [height, width, channels].
  public var values: [UInt8]

  /// Targets that must fill the shape.
  package init(width: Int, height: Int, channels: Int, values: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
  }
}

extension Truth {
  /// Bytes a pixel that are kept of each kind of truth.
  static func channels(_ kind: TargetKind, classes: Int) -> Int {
    switch kind {
    case .mask: classes
    case .labels: 1
    case .instances: 3
    }
  }

  /// The targets: masks as 0 and 1; labels as they are; of instances foreground and border as 0 and 255,
  /// and the distance to the own border as 0...255.
  func targets(_ size: ImageSize) -> [UInt8] {
    switch self {
    case .masks(let masks):
      guard masks.count > 1 else { return masks[0].pixels }
      var values = [UInt8](repeating: 0, count: size.pixels * masks.count)
      for (channel, mask) in masks.enumerated() {
        for (pixel, bit) in mask.pixels.enumerated() where bit != 0 {
          values[pixel * masks.count + channel] = 1
        }
      }
      return values
    case .labels(let map): return map.labels
    case .instances(let map):
      let maps = InstanceMaps(targetsOf: map)
      var values = [UInt8](repeating: 0, count: size.pixels * 3)
      for pixel in 0..<size.pixels {
        values[3 * pixel] = maps.foreground[pixel]
        values[3 * pixel + 1] = maps.border?[pixel] ?? 0
        values[3 * pixel + 2] = maps.distance?[pixel] ?? 0
      }
      return values
    }
  }

  /// Marked pixels of each class; of instances, of all together.
  func areas(classes: Int) -> [Int] {
    switch self {
    case .masks(let masks): return masks.map(\.area)
    case .labels(let map):
      var areas = [Int](repeating: 0, count: classes)
      for label in map.labels where Int(label) < classes { areas[Int(label)] += 1 }
      return areas
    case .instances(let map): return [map.foreground.area]
    }
  }

  /// Places in the image, by class or by instance, on which training may centre a crop: at most `limit` of
  /// each class, evenly among its pixels, and one in each instance.
  func anchors(classes: Int, limit: Int = 16) -> [[UInt32]] {
    func even(_ pixels: [UInt32]) -> [UInt32] {
      pixels.isEmpty ? [] : evenly(limit, of: pixels)
    }
    switch self {
    case .masks(let masks):
      return masks.map { mask in
        even(mask.pixels.indices.lazy.filter { mask.pixels[$0] != 0 }.map(UInt32.init))
      }
    case .labels(let map):
      var places = [[UInt32]](repeating: [], count: classes)
      for (pixel, label) in map.labels.enumerated() where Int(label) < classes {
        places[Int(label)].append(UInt32(pixel))
      }
      return places.map(even)
    case .instances(let map):
      var middles = map.areas
      for index in middles.indices { middles[index] = max(1, (middles[index] + 1) / 2) }
      var found: [UInt32] = []
      for (pixel, label) in map.labels.enumerated() where label != 0 {
        middles[Int(label) - 1] -= 1
        if middles[Int(label) - 1] == 0 { found.append(UInt32(pixel)) }
      }
      return [evenly(256, of: found)]
    }
  }
}
