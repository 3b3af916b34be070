// The section `model` of params.yaml: which network, how images are brought to it, and what can be
// chosen about both.

public import Choices
public import Datasets
public import Neural

extension ModelKind: NamedChoice {}

/// By which mean and deviation images are scaled, by name.
public enum NormalizationChoice: String, NamedChoice {
  /// Those of the training images.
  case standard
  /// Each image's own.
  case image
  /// Each image's own percentiles.
  case percentiles
}

/// A size in pixels, as params.yaml has it.
public struct PixelSize: Sendable, Equatable, Hashable, Codable {
  /// Columns, 1 or more.
  public var width: Int
  /// Rows, 1 or more.
  public var height: Int

  /// A size.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}

/// A network and its settings.
public struct ModelSettings: Sendable, Equatable, Codable {
  /// Which network; `unet` where params.yaml doesn't say.
  public var kind: ModelKind
  /// Settings of the U-Net. The other kind has filters, levels and batch norm of its own, and takes
  /// the rest.
  public var unet: UNetSettings
  /// Side of the square patches that images are cut into, pixels; nil: whole images.
  public var patch: Int?
  /// The size that images are brought to first; nil: as they are.
  public var resize: PixelSize?
  /// How images are scaled; `standard` where params.yaml doesn't say.
  public var normalization: NormalizationChoice {
    get { normalizationSaid ?? .standard }
    set { normalizationSaid = newValue }
  }

  /// As params.yaml has it: what isn't said there is not written, so that models stay as they are.
  private var normalizationSaid: NormalizationChoice?

  private enum CodingKeys: CodingKey {
    case kind, patch, resize, normalization
  }

  /// A network of this kind.
  public init(
    kind: ModelKind = .unet, _ unet: UNetSettings = UNetSettings(), patch: Int? = nil,
    resize: PixelSize? = nil, normalization: NormalizationChoice? = nil
  ) {
    self.kind = kind
    self.unet = unet
    self.patch = patch
    self.resize = resize
    normalizationSaid = normalization
  }

  /// Reads all settings from one section.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decodeIfPresent(ModelKind.self, forKey: .kind) ?? .unet
    unet = try UNetSettings(from: decoder)
    patch = try container.decodeIfPresent(Int.self, forKey: .patch)
    resize = try container.decodeIfPresent(PixelSize.self, forKey: .resize)
    normalizationSaid = try container.decodeIfPresent(
      NormalizationChoice.self, forKey: .normalization)
  }

  /// Writes all settings into one section.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encodeIfPresent(patch, forKey: .patch)
    try container.encodeIfPresent(resize, forKey: .resize)
    try container.encodeIfPresent(normalizationSaid, forKey: .normalization)
    try unet.encode(to: encoder)
  }

  /// Whether an image's depth is joined at the bottom.
  public var depthInput: Bool { unet.depthInput }

  /// The size of the network in words.
  public var note: String {
    switch kind {
    case .unet: "\(unet.filters) filters, \(unet.levels) levels"
    case .resNet34UNet: "64 filters, 5 halvings"
    }
  }

  /// The network for images of this size, [n, height, width, channels] -> [n, height, width, outputs].
  /// - Parameters:
  ///   - features: values that come with each image, joined at the bottom; 0 for none.
  ///   - outputs: logits a pixel, 1 or more; see `TargetHead`.
  /// - Throws: `SettingError` when the sizes do not go together.
  public func network(image: Shape, features: Int = 0, outputs: Int = 1) throws -> Network {
    switch kind {
    case .unet:
      try UNet(unet, image: image, features: features, outputs: outputs).network()
    case .resNet34UNet:
      try ResNetUNet(
        image: image, features: features, outputs: outputs, dropout: unet.dropout,
        padTo: unet.padTo
      ).network()
    }
  }
}

/// - Throws: `SettingError` where a network can't have so many logits a pixel.
func checkOutputs(_ outputs: Int) throws {
  try SettingError.check(
    (1...Loss.mostClasses).contains(outputs), "competition.classes",
    "come to \(outputs) logits a pixel, should be from 1 to \(Loss.mostClasses)")
}
