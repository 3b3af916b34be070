// The expanding path of the U-Nets with a published encoder, with the names that
// segmentation_models_pytorch gives its layers.

import Choices
import Neural

/// Decoder blocks that each enlarge an image twice, join the encoder's image of that size where there is
/// one, and convolve twice, 3 x 3 with batch norm and ReLU; and a 3 x 3 head.
struct UNetDecoder: Sendable, Equatable, Codable {
  /// Filters of each block, from the smallest image on.
  let filters: [Int]
  /// Dropout rate at the bottom and behind each join, 0..<1.
  let dropout: Double
  /// What the blocks weigh their results by.
  let attention: Attention
  /// Logits a pixel.
  let outputs: Int

  /// - Throws: `SettingError` where these can't be.
  init(filters: [Int], dropout: Double, attention: Attention, outputs: Int) throws {
    try checkOutputs(outputs)
    try SettingError.check(
      (0..<1).contains(dropout), "model.dropout", "should be at least 0 and below 1")
    self.filters = filters
    self.dropout = dropout
    self.attention = attention
    self.outputs = outputs
  }

  /// How images get through an encoder that halves them five times. It rounds up, as convolutions with a
  /// border of zeros do, so that three exact halvings will do, and the smallest images are cropped on the
  /// way up. But what is mirrored around an image keeps those zeros away from it: the network of 101 x 101
  /// images scored 0.766 padded to 104, and 0.789 padded to 128. So all five are exact unless a size is
  /// chosen.
  /// - Throws: `SettingError` on `model.pad_to`.
  static func padding(_ image: Shape, to side: Int?) throws -> ReflectPadding {
    try ReflectPadding(
      image, to: side, multiple: 8, usual: 32, reason: "3 times, as the encoder begins")
  }

  /// Adds the layers to a network.
  /// - Parameters:
  ///   - x: the encoder's result.
  ///   - skips: its images to be joined, from the largest on; the last blocks have none where there are
  ///     fewer than blocks.
  ///   - features: values that come with each image, joined with `x`; 0 for none.
  ///   - padded: the size that the encoder's images are halves of.
  /// - Returns: the logits, of the padded image's size.
  func layers(
    _ x: Network.Node, skips: [Network.Node], features: Int, padded: Shape,
    in net: inout Network
  ) -> Network.Node {
    var (x, skips) = (x, skips)
    if features > 0 {
      x = net.concatenate([x, net.broadcast(net.features(features), like: x)])
    }
    x = dropped(x, in: &net)
    let sizes = sizes(padded)
    for (level, filters) in filters.enumerated() {
      let (smaller, size) = (sizes[level], sizes[level + 1])
      x = net.upsample(x, 2, .nearest)
      if (2 * smaller.height, 2 * smaller.width) != (size.height, size.width) {
        x = net.crop(x, top: 0, left: 0, height: size.height, width: size.width)
      }
      if let skip = skips.popLast() {
        x = dropped(net.concatenate([x, skip]), in: &net)
      }
      for part in 1...2 {
        let name = "decoder.blocks.\(level).conv\(part)"
        x = net.convolution(x, filters: filters, name: "\(name).0")
        x = net.relu(net.batchNorm(x, name: "\(name).1"))
      }
      if attention == .scSE {
        let name = "decoder.blocks.\(level).attention2.attention"
        x = scSE(x, channels: filters, name: name, in: &net)
      }
    }
    return net.convolution(x, filters: outputs, bias: true, name: "segmentation_head.0")
  }

  /// Of the images that the blocks begin with, from the smallest on, and at last of the result: each is
  /// half of the next, rounded up.
  private func sizes(_ padded: Shape) -> [Shape] {
    var sizes = [padded]
    for _ in filters {
      var half = sizes[0]
      half.height = (half.height + 1) / 2
      half.width = (half.width + 1) / 2
      sizes.insert(half, at: 0)
    }
    return sizes
  }

  private func dropped(_ x: Network.Node, in net: inout Network) -> Network.Node {
    dropout > 0 ? net.dropout(x, rate: dropout) : x
  }
}
