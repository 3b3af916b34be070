// What a network sees of an image: all of it, windows of it, or all of it at another size.

public import Datasets
import Imaging
public import Neural

/// The frame through which a network sees images.
public enum Frame: Sendable, Equatable, Hashable, Codable {
  /// Images as they are, all of one size.
  case whole
  /// Square windows of this side: random ones in training, overlapping ones in prediction.
  case patch(Int)
  /// Every image scaled to one size, and predictions back.
  case resize(ImageSize)

  /// The size of the network's input for the images of a set.
  /// - Throws: `SettingError` where the images' sizes differ and are taken as they are.
  public func input(for set: ImageSet) throws -> Shape {
    switch self {
    case .whole:
      guard let size = set.commonSize else {
        throw SettingError(
          setting: "model.patch",
          problem:
            "is null, but the images have different sizes: set the side of windows, such as 256, or a "
            + "size for all in model.resize")
      }
      return Shape(height: size.height, width: size.width, channels: set.channels)
    case .patch(let side): return Shape(height: side, width: side, channels: set.channels)
    case .resize(let size):
      return Shape(height: size.height, width: size.width, channels: set.channels)
    }
  }
}

extension Frame {
  /// Whether a network sees images of this size through it.
  func fits(_ image: Shape) -> Bool {
    switch self {
    case .whole: true
    case .patch(let side): image.height == side && image.width == side
    case .resize(let size): image.height == size.height && image.width == size.width
    }
  }
}

extension ModelSettings {
  /// The frame that the section `model` asks for.
  /// - Throws: `SettingError` where its parts don't go together.
  public func frame() throws -> Frame {
    try SettingError.check(
      unet.patch == nil || unet.resize == nil, "model", "has both patch and resize: only one can be"
    )
    if let side = unet.patch {
      try SettingError.check(
        (8...4096).contains(side), "model.patch", "is \(side), should be from 8 to 4096")
      return .patch(side)
    }
    if let size = unet.resize {
      try SettingError.check(
        (1...8192).contains(size.width) && (1...8192).contains(size.height), "model.resize",
        "is \(size), should have sides from 1 to 8192")
      return .resize(size)
    }
    return .whole
  }
}

extension Frame {
  /// Where the windows of an image are, in the order in which they are added up.
  /// - Parameter overlap: the share of a window that the next one covers again, 0..<1.
  func windows(of size: ImageSize, overlap: Double) -> [ImageWindow] {
    guard case .patch(let side) = self else { return [ImageWindow(size)] }
    let columns = Self.starts(size.width, side, overlap)
    return Self.starts(size.height, side, overlap).flatMap { y in
      columns.map { ImageWindow(x: $0, y: y, width: side, height: side) }
    }
  }

  /// Evenly from one end to the other; a side that is shorter than the window is in its middle.
  static func starts(_ count: Int, _ side: Int, _ overlap: Double) -> [Int] {
    guard count > side else { return [-((side - count) / 2)] }
    let step = max(1, Int((Double(side) * (1 - overlap)).rounded()))
    let steps = (count - side + step - 1) / step
    return (0...steps).map { $0 * (count - side) / steps }
  }

  /// The window in an image's middle: what is looked at where one must do.
  func middle(of size: ImageSize) -> ImageWindow {
    guard case .patch(let side) = self else { return ImageWindow(size) }
    return ImageWindow(
      x: Self.middle(size.width, side), y: Self.middle(size.height, side), width: side, height: side
    )
  }

  private static func middle(_ count: Int, _ side: Int) -> Int {
    count > side ? (count - side) / 2 : -((side - count) / 2)
  }

  /// A window for training: around a mark, or anywhere.
  /// - Parameters:
  ///   - anchors: places of marks, by class.
  ///   - centred: probability of a window around a mark.
  func draw(
    _ size: ImageSize, anchors: [[UInt32]], centred: Double, using generator: inout SeededGenerator
  ) -> ImageWindow {
    guard case .patch(let side) = self else { return ImageWindow(size) }
    let isCentred = generator.chance(centred)
    let marked = anchors.filter { !$0.isEmpty }
    var (x, y) = (
      generator.int(below: max(1, size.width - side + 1)),
      generator.int(below: max(1, size.height - side + 1))
    )
    if isCentred, !marked.isEmpty {
      let places = marked[generator.int(below: marked.count)]
      let place = Int(places[generator.int(below: places.count)])
      // Not in the very middle each time: anywhere in the middle half.
      let reach = max(1, side / 2)
      x = place % size.width - side / 4 - generator.int(below: reach)
      y = place / size.width - side / 4 - generator.int(below: reach)
    }
    func within(_ start: Int, _ count: Int) -> Int {
      count > side ? min(max(start, 0), count - side) : Self.middle(count, side)
    }
    return ImageWindow(
      x: within(x, size.width), y: within(y, size.height), width: side, height: side)
  }
}

extension Frame {
  /// How many frames some images come to.
  package func count(of set: ImageSet, at indices: [Int], overlap: Double) -> Int {
    indices.reduce(0) { $0 + windows(of: set.size($1), overlap: overlap).count }
  }
}
