// The U-Net (Ronneberger, Fischer and Brox, 2015) as a value, and the network that follows from it.
// It knows neither weights nor files.

public import Choices
public import Datasets
public import Neural

/// What can be chosen about a U-Net, as in the section `model` of params.yaml.
public struct UNetSettings: Sendable, Equatable, Codable {
  /// Filters of the first level; each further level has twice as many.
  public var filters: Int
  /// Levels, the bottom among them; 1 is two convolutions without any pooling.
  public var levels: Int
  /// Dropout rate at the bottom's input and behind each join of the decoder, 0..<1.
  public var dropout: Double
  /// Batch normalization behind each 3 x 3 convolution; without it they have a bias.
  public var batchNorm: Bool
  /// Whether an image's depth is joined at the bottom.
  public var depthInput: Bool
  /// What the decoder's blocks weigh; nothing where params.yaml doesn't say.
  public var attention: Attention?
  /// How a published encoder's images are brought together; as in a U-Net where params.yaml doesn't say.
  /// The U-Net has no other.
  public var decoder: DecoderKind?
  /// Filters of that decoder's blocks, from the smallest image on; those of the network where params.yaml doesn't say.
  /// The U-Net's follow from `filters`.
  public var decoderFilters: [Int]?
  /// Whether the head reads the results of all blocks of the decoder; not where params.yaml doesn't say.
  public var hypercolumn: Bool?
  /// What lies at the bottom, behind its convolutions; nothing where params.yaml doesn't say.
  public var centre: Centre?
  /// Whether the bottom is joined by where its pixels lie; not where params.yaml doesn't say.
  public var coordinates: Bool?
  /// Whether pixels are marked only in images that hold anything, which has a logit of its own; not where params.yaml
  /// doesn't say.
  public var emptyHead: Bool?
  /// Side of the square that images are padded to by reflection; nil: the least that levels need.
  public var padTo: Int?
  /// Side of the square windows that the network sees of an image; nil: images as a whole.
  public var patch: Int?
  /// The size that every image is scaled to before the network sees it; nil: as it is.
  public var resize: ImageSize?

  enum CodingKeys: String, CodingKey {
    case filters, levels, dropout, attention, decoder, hypercolumn, centre, coordinates, patch,
      resize
    case emptyHead = "empty_head"
    case batchNorm = "batch_norm"
    case depthInput = "depth_input"
    case decoderFilters = "decoder_filters"
    case padTo = "pad_to"
  }

  /// Settings with the paper's structure as defaults, but fewer filters.
  public init(
    filters: Int = 16, levels: Int = 5, dropout: Double = 0, batchNorm: Bool = true,
    depthInput: Bool = false, attention: Attention? = nil, decoder: DecoderKind? = nil,
    decoderFilters: [Int]? = nil,
    hypercolumn: Bool? = nil, centre: Centre? = nil, coordinates: Bool? = nil,
    emptyHead: Bool? = nil, padTo: Int? = nil, patch: Int? = nil, resize: ImageSize? = nil
  ) {
    self.filters = filters
    self.levels = levels
    self.dropout = dropout
    self.batchNorm = batchNorm
    self.depthInput = depthInput
    self.attention = attention
    self.decoder = decoder
    self.decoderFilters = decoderFilters
    self.hypercolumn = hypercolumn
    self.centre = centre
    self.coordinates = coordinates
    self.emptyHead = emptyHead
    self.padTo = padTo
    self.patch = patch
    self.resize = resize
  }
}

/// A U-Net for images of one size: a contracting path of two 3 x 3 convolutions and a 2 x 2 max
/// pooling a level, an expanding path of a 2 x 2 up-convolution, the join with the level's image
/// from the way down and two 3 x 3 convolutions a level, and a 1 x 1 head.
///
/// Images are padded by reflection inside the network and the logits cropped back, so that it
/// maps [n, height, width, channels] to [n, height, width, outputs]. Convolutions keep their size
/// (the paper's shrink).
public struct UNet: Sendable, Equatable, Codable {
  /// Filters, levels and so on.
  public let settings: UNetSettings
  /// Values joined at the bottom, for example 1 for a depth; 0 for none.
  public let features: Int
  /// Logits a pixel.
  public let outputs: Int
  /// What has logits beside the head, for training.
  public let extra: ExtraLogits
  private let padding: ReflectPadding

  /// - Parameters:
  ///   - image: rows, columns and channels of the images.
  ///   - features: values that come with each image, joined at the bottom; 0 for none.
  ///   - outputs: logits a pixel, 1 or more.
  ///   - extra: what has logits beside the head, for training.
  /// - Throws: `SettingError` when the sizes do not go together.
  public init(
    _ settings: UNetSettings, image: Shape, features: Int = 0, outputs: Int = 1,
    extra: ExtraLogits = []
  ) throws {
    try checkOutputs(outputs)
    try SettingError.check(settings.filters >= 1, "model.filters", "should be 1 or more")
    try SettingError.check(
      (1...10).contains(settings.levels), "model.levels", "should be from 1 to 10")
    try SettingError.check(
      (0..<1).contains(settings.dropout), "model.dropout", "should be at least 0 and below 1")
    try SettingError.check(
      settings.decoder ?? .unet == .unet, "model.decoder",
      "is \((settings.decoder ?? .unet).rawValue), which the networks with a published encoder have; that of unet "
        + "should be unet")
    try SettingError.check(
      settings.decoderFilters == nil, "model.decoder_filters",
      "is set, but model.kind is unet, whose filters follow from model.filters; should be null")
    self.settings = settings
    self.features = features
    self.outputs = outputs
    self.extra = extra
    padding = try ReflectPadding(
      image, to: settings.padTo, multiple: 1 << (settings.levels - 1),
      reason: "\(settings.levels - 1) times, once between each of the \(settings.levels) levels")
  }

  /// The images' size, as given to the network.
  public var image: Shape { padding.image }
  /// The size that images are padded to.
  public var padded: Shape { padding.padded }

  /// The network, readable from top to bottom like the paper's figure 1.
  public func network() -> Network {
    var net = Network()
    var x = padding.image(in: &net)
    var skips: [Network.Node] = []
    for level in 0..<(settings.levels - 1) {
      x = doubleConvolution(x, level: level, name: "down\(level)", in: &net)
      skips.append(x)
      x = net.maxPool(x, 2)
    }
    x = joined(x, features: features, coordinates: settings.coordinates ?? false, in: &net)
    x = dropout(x, in: &net)
    let lowest = settings.levels - 1
    let bottom = doubleConvolution(x, level: lowest, name: "bottom", in: &net)
    x = (settings.centre ?? .none).layers(
      bottom, filters: settings.filters << lowest, size: size(lowest), name: "centre", in: &net)
    var (results, regions) = ([Network.Node](), [DecoderRegion]())
    for (level, skip) in skips.enumerated().reversed() {
      let (below, filters) = (x, settings.filters << level)
      x = net.transposedConvolution(x, filters: filters, name: "up\(level)")
      var joined = skip
      if settings.attention == .gate {
        joined = gated(
          skip, by: below, channels: filters, size: size(level), smaller: size(level + 1),
          name: "gate\(level)", in: &net)
      }
      x = net.concatenate([joined, x])
      x = dropout(x, in: &net)
      x = doubleConvolution(x, level: level, name: "merge\(level)", in: &net)
      if settings.attention == .scSE {
        x = scSE(x, channels: filters, name: "merge\(level)", in: &net)
      }
      results.append(x)
      regions.append(DecoderRegion(size(level)))
    }
    if settings.hypercolumn == true, !results.isEmpty {
      x = hypercolumn(results, regions: regions, name: "column", in: &net)
    }
    x = net.convolution(x, filters: outputs, kernel: 1, bias: true, name: "head")
    x = headLogits(
      x, bottom: bottom, results: results, regions: regions, outputs: outputs,
      emptyHead: settings.emptyHead ?? false, extra: extra, in: &net)
    net.output(padding.crop(x, in: &net))
    return net
  }

  /// Of a level's image.
  private func size(_ level: Int) -> Shape {
    Shape(
      height: padded.height >> level, width: padded.width >> level, channels: padded.channels)
  }

  /// Two 3 x 3 convolutions, each with batch normalization and ReLU.
  private func doubleConvolution(
    _ x: Network.Node, level: Int, name: String, in net: inout Network
  ) -> Network.Node {
    var x = x
    for part in 0..<2 {
      x = net.convolution(
        x, filters: settings.filters << level, bias: !settings.batchNorm,
        name: "\(name).conv\(part)")
      if settings.batchNorm { x = net.batchNorm(x, name: "\(name).norm\(part)") }
      x = net.relu(x)
    }
    return x
  }

  private func dropout(_ x: Network.Node, in net: inout Network) -> Network.Node {
    settings.dropout > 0 ? net.dropout(x, rate: settings.dropout) : x
  }
}
