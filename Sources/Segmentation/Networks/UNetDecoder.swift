// How the images of a published encoder become logits: what all decoders share, and the U-Net's own, with the
// names that segmentation_models_pytorch gives its layers.

public import Choices
import Neural

extension DecoderKind: NamedChoice {}

/// What can be chosen about the decoder of a network with a published encoder.
public struct DecoderSettings: Sendable, Equatable, Codable {
  /// How the encoder's images are brought together.
  public var kind: DecoderKind
  /// Filters of each block, from the smallest image on, in the place of the network's own; nil: these.
  public var filters: [Int]?
  /// What its blocks weigh.
  public var attention: Attention
  /// Whether the head reads the results of all blocks, not of the last alone.
  public var hypercolumn: Bool
  /// Dropout rate at the bottom and behind each join, 0..<1.
  public var dropout: Double
  /// What lies between the encoder and the blocks.
  public var centre: Centre
  /// Whether the encoder's result is joined by where its pixels lie.
  public var coordinates: Bool
  /// Whether pixels are marked only in images that hold anything, which has a logit of its own.
  public var emptyHead: Bool
  /// What else has logits, for training.
  public var extra: ExtraLogits

  /// A U-Net's unless said otherwise.
  public init(
    kind: DecoderKind = .unet, filters: [Int]? = nil, attention: Attention = .none,
    hypercolumn: Bool = false,
    dropout: Double = 0, centre: Centre = .none, coordinates: Bool = false,
    emptyHead: Bool = false, extra: ExtraLogits = []
  ) {
    self.kind = kind
    self.filters = filters
    self.attention = attention
    self.hypercolumn = hypercolumn
    self.dropout = dropout
    self.centre = centre
    self.coordinates = coordinates
    self.emptyHead = emptyHead
    self.extra = extra
  }
}

/// What makes logits out of an encoder's images of strides 2, 4, 8, 16 and 32: blocks that each enlarge an image
/// twice, join others of that size and convolve twice, 3 x 3 with batch norm and ReLU; and a 3 x 3 head.
struct UNetDecoder: Sendable, Equatable, Codable {
  /// Filters of each block, from the smallest image on.
  let filters: [Int]
  let settings: DecoderSettings
  /// Logits a pixel.
  let outputs: Int

  /// - Throws: `SettingError` where these can't be.
  init(filters: [Int], _ settings: DecoderSettings, outputs: Int) throws {
    try checkOutputs(outputs)
    try SettingError.check(
      (0..<1).contains(settings.dropout), "model.dropout", "should be at least 0 and below 1")
    try SettingError.check(
      settings.kind != .fpn || settings.attention == .none, "model.attention",
      "is \(settings.attention.rawValue), but model.decoder is fpn, whose blocks weigh nothing; should be none"
    )
    try SettingError.check(
      settings.kind != .fpn || !settings.hypercolumn, "model.hypercolumn",
      "is true, but model.decoder is fpn, whose head reads all sizes anyway; should be false")
    try SettingError.check(
      settings.kind != .nested || settings.attention != .gate, "model.attention",
      "is gate, but model.decoder is unet++, whose blocks join several images; should be none or scse"
    )
    try SettingError.check(
      settings.kind != .fpn || !settings.extra.contains(.blocks), "train.deep_supervision",
      "is set, but model.decoder is fpn, whose head reads all sizes anyway; should be null")
    if let own = settings.filters {
      try SettingError.check(
        own.count == filters.count && own.allSatisfy { (1...4096).contains($0) },
        "model.decoder_filters",
        "is \(own), should be \(filters.count) numbers from 1 to 4096, for blocks from the smallest image on, such as "
          + "\(filters), or null")
      try SettingError.check(
        settings.kind != .fpn, "model.decoder_filters",
        "is set, but model.decoder is fpn, which has filters of its own; should be null")
    }
    self.filters = settings.filters ?? filters
    self.settings = settings
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
  ///   - skips: its images to be joined and their channels, from the largest on; the last blocks have none
  ///     where there are fewer than blocks.
  ///   - features: values that come with each image, joined with `x`; 0 for none.
  ///   - padding: from the image to what the encoder's images are halves of.
  /// - Returns: the logits of the image.
  func layers(
    _ x: Network.Node, skips: [EncoderImage], features: Int, padding: ReflectPadding,
    in net: inout Network
  ) -> Network.Node {
    let sizes = sizes(padding.padded)
    let bottom = joined(
      x, features: features, coordinates: settings.coordinates, in: &net)
    var x = settings.centre.layers(
      dropped(bottom, in: &net), filters: filters[0], size: sizes[0], name: "centre", in: &net)
    var regions = sizes.map { DecoderRegion($0) }
    let results: [Network.Node]
    switch settings.kind {
    case .unet:
      if worksOnParts(sizes) {
        regions[1...] =
          DecoderRegion.needed(
            for: padding.region, sizes: Array(sizes[1...]),
            areAllRead: settings.hypercolumn || settings.extra.contains(.blocks))[...]
      }
      results = blocks(x, skips: skips, sizes: sizes, regions: regions, in: &net)
    case .nested: results = nestedBlocks(x, skips: skips, sizes: sizes, in: &net)
    case .fpn:
      let pixels = pyramid(x, skips: skips, sizes: sizes, in: &net)
      return padding.crop(
        logits(pixels, bottom: bottom, results: [], regions: [], in: &net), in: &net)
    }
    let made = Array(regions.dropFirst())
    if settings.hypercolumn {
      x = hypercolumn(results, regions: made, name: "decoder.hypercolumn", in: &net)
    } else {
      x = results[filters.count - 1]
    }
    let pixels = net.convolution(x, filters: outputs, bias: true, name: "segmentation_head.0")
    return padding.region.cropped(
      logits(pixels, bottom: bottom, results: results, regions: made, in: &net),
      from: regions[filters.count], in: &net)
  }

  /// The head's logits, and behind them those that are for training alone.
  private func logits(
    _ pixels: Network.Node, bottom: Network.Node, results: [Network.Node],
    regions: [DecoderRegion], in net: inout Network
  ) -> Network.Node {
    headLogits(
      pixels, bottom: bottom, results: results, regions: regions, outputs: outputs,
      emptyHead: settings.emptyHead, extra: settings.extra, in: &net)
  }

  /// Whether blocks can leave out what the image's own logits don't depend on: not where something reads all of an
  /// image, or where a size was rounded.
  private func worksOnParts(_ sizes: [Shape]) -> Bool {
    settings.attention != .scSE
      && zip(sizes, sizes.dropFirst()).allSatisfy {
        (2 * $0.height, 2 * $0.width) == ($1.height, $1.width)
      }
  }

  /// The U-Net's way up: the result of each block.
  /// - Parameter regions: what is there of each of the `sizes`.
  private func blocks(
    _ x: Network.Node, skips: [EncoderImage], sizes: [Shape], regions: [DecoderRegion],
    in net: inout Network
  ) -> [Network.Node] {
    var (x, skips, results) = (x, skips, [Network.Node]())
    for (level, filters) in filters.enumerated() {
      let name = "decoder.blocks.\(level)"
      let region = regions[level + 1]
      let isWhole = region == DecoderRegion(sizes[level + 1])
      let below = isWhole ? DecoderRegion(sizes[level]) : region.halved
      x = below.cropped(x, from: regions[level], in: &net)
      let (smaller, size) = (below.shape, region.shape)
      var parts = [enlarged(x, from: smaller, to: size, in: &net)]
      if let skip = skips.popLast() {
        var joined = region.cropped(skip.node, from: DecoderRegion(sizes[level + 1]), in: &net)
        if settings.attention == .gate {
          joined = gated(
            joined, by: x, channels: skip.channels, size: size, smaller: smaller,
            name: "\(name).attention1.gate", in: &net)
        }
        parts.append(joined)
      }
      x = block(parts, filters: filters, name: name, in: &net)
      results.append(x)
    }
    return results
  }

  /// Joins images of one size and convolves twice.
  func block(
    _ parts: [Network.Node], filters: Int, name: String, in net: inout Network
  ) -> Network.Node {
    var x = parts.count > 1 ? dropped(net.concatenate(parts), in: &net) : parts[0]
    for part in 1...2 {
      x = net.convolution(x, filters: filters, name: "\(name).conv\(part).0")
      x = net.relu(net.batchNorm(x, name: "\(name).conv\(part).1"))
    }
    guard settings.attention == .scSE else { return x }
    return scSE(x, channels: filters, name: "\(name).attention2.attention", in: &net)
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

  /// Dropout, where there is any.
  func dropped(_ x: Network.Node, in net: inout Network) -> Network.Node {
    settings.dropout > 0 ? net.dropout(x, rate: settings.dropout) : x
  }
}

/// An image that an encoder hands to the decoder.
struct EncoderImage {
  var node: Network.Node
  var channels: Int
}
