// The expanding path of the U-Nets with a published encoder, with the names that
// segmentation_models_pytorch gives its layers.

import Neural

/// Decoder blocks that each enlarge an image twice, join the encoder's image of that size where there is
/// one, and convolve twice, 3 x 3 with batch norm and ReLU; and a 3 x 3 head.
struct UNetDecoder: Sendable, Equatable, Codable {
  /// Filters of each block, from the smallest image on.
  let filters: [Int]
  /// Dropout rate at the bottom and behind each join, 0..<1.
  let dropout: Double
  /// Logits a pixel.
  let outputs: Int

  /// - Throws: `SettingError` where these can't be.
  init(filters: [Int], dropout: Double, outputs: Int) throws {
    try checkOutputs(outputs)
    try SettingError.check(
      (0..<1).contains(dropout), "model.dropout", "should be at least 0 and below 1")
    self.filters = filters
    self.dropout = dropout
    self.outputs = outputs
  }

  /// Adds the layers to a network.
  /// - Parameters:
  ///   - x: the encoder's result.
  ///   - skips: its images to be joined, from the largest on; the last blocks have none where there are
  ///     fewer than blocks.
  ///   - features: values that come with each image, joined with `x`; 0 for none.
  /// - Returns: the logits, of the padded image's size.
  func layers(
    _ x: Network.Node, skips: [Network.Node], features: Int, in net: inout Network
  ) -> Network.Node {
    var (x, skips) = (x, skips)
    if features > 0 {
      x = net.concatenate([x, net.broadcast(net.features(features), like: x)])
    }
    x = dropped(x, in: &net)
    for (level, filters) in filters.enumerated() {
      x = net.upsample(x, 2, .nearest)
      if let skip = skips.popLast() {
        x = dropped(net.concatenate([x, skip]), in: &net)
      }
      for part in 1...2 {
        let name = "decoder.blocks.\(level).conv\(part)"
        x = net.convolution(x, filters: filters, name: "\(name).0")
        x = net.relu(net.batchNorm(x, name: "\(name).1"))
      }
    }
    return net.convolution(x, filters: outputs, bias: true, name: "segmentation_head.0")
  }

  private func dropped(_ x: Network.Node, in net: inout Network) -> Network.Node {
    dropout > 0 ? net.dropout(x, rate: dropout) : x
  }
}
