// How images of any size get through a network that halves them several times: padded by reflection
// inside the network, and the logits cropped back.

import Neural

/// The padding of images of one size.
struct ReflectPadding: Sendable, Equatable, Codable {
  /// The images' size.
  let image: Shape
  /// The size that they are padded to.
  let padded: Shape

  /// - Parameters:
  ///   - side: of the square to pad to; nil: the next multiple of `usual`.
  ///   - multiple: of what both sides have to be.
  ///   - usual: what they are multiples of where nobody chose; nil: the same.
  ///   - reason: why, for errors: what can't be done with other sizes.
  /// - Throws: `SettingError` on `model.pad_to`.
  init(_ image: Shape, to side: Int?, multiple: Int, usual: Int? = nil, reason: String) throws {
    func fit(_ size: Int, _ name: String) throws -> Int {
      func next(_ step: Int) -> Int { (size + step - 1) / step * step }
      let least = next(multiple)
      let target = side ?? next(usual ?? multiple)
      try SettingError.check(
        target >= size, "model.pad_to",
        "\(target) is less than the images' \(name) of \(size); the least that fits is \(least)")
      try SettingError.check(
        target % multiple == 0, "model.pad_to",
        "\(target) cannot be halved \(reason); use a multiple of \(multiple), such as \(least)")
      try SettingError.check(
        (target - size + 1) / 2 < size, "model.pad_to",
        "a \(name) of \(size) cannot be reflected out to \(target); use at most \(3 * size - 2)")
      return target
    }
    self.image = image
    padded = Shape(
      height: try fit(image.height, "height"), width: try fit(image.width, "width"),
      channels: image.channels)
  }

  private var top: Int { (padded.height - image.height) / 2 }
  private var left: Int { (padded.width - image.width) / 2 }

  /// Where the image is in the padded one.
  var region: DecoderRegion {
    DecoderRegion(rows: top..<(top + image.height), columns: left..<(left + image.width))
  }

  /// The network's image input, padded.
  func image(in net: inout Network) -> Network.Node {
    let image = net.image(channels: image.channels)
    guard padded != self.image else { return image }
    return net.reflectPad(
      image, top: top, bottom: padded.height - self.image.height - top,
      left: left, right: padded.width - self.image.width - left)
  }

  /// Logits of the images as they were.
  func crop(_ x: Network.Node, in net: inout Network) -> Network.Node {
    guard padded != image else { return x }
    return net.crop(x, top: top, left: left, height: image.height, width: image.width)
  }
}
