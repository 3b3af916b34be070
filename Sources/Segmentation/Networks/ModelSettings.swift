// The section `model` of params.yaml: which network, and what can be chosen about it.

public import Choices
public import Neural

extension ModelKind: NamedChoice {}
extension InitialWeights: NamedChoice {}

/// A network and its settings.
public struct ModelSettings: Sendable, Equatable, Codable {
  /// Which network; `unet` where params.yaml doesn't say.
  public var kind: ModelKind
  /// What its weights start from; random numbers where params.yaml doesn't say.
  public var weights: InitialWeights
  /// Settings of the U-Net. The other kinds have filters, levels and batch norm of their own, and take
  /// the rest.
  public var unet: UNetSettings

  private enum CodingKeys: CodingKey {
    case kind, weights
  }

  /// A network of this kind.
  public init(
    kind: ModelKind = .unet, weights: InitialWeights = .random,
    _ unet: UNetSettings = UNetSettings()
  ) {
    self.kind = kind
    self.weights = weights
    self.unet = unet
  }

  /// Reads all settings from one section.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decodeIfPresent(ModelKind.self, forKey: .kind) ?? .unet
    weights = try container.decodeIfPresent(InitialWeights.self, forKey: .weights) ?? .random
    unet = try UNetSettings(from: decoder)
  }

  /// Writes all settings into one section.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(weights, forKey: .weights)
    try unet.encode(to: encoder)
  }

  /// Whether an image's depth is joined at the bottom.
  public var depthInput: Bool { unet.depthInput }

  /// The size of the network in words.
  public var note: String {
    switch kind {
    case .unet: "\(unet.filters) filters, \(unet.levels) levels"
    case .resNet18UNet, .resNet34UNet: "64 filters, 5 halvings"
    case .efficientNetLite0UNet, .efficientNetLite1UNet, .efficientNetLite2UNet:
      "depthwise convolutions, 5 halvings"
    }
  }

  /// The network for images of this size, [n, height, width, channels] -> [n, height, width, outputs].
  /// - Parameters:
  ///   - features: values that come with each image, joined at the bottom; 0 for none.
  ///   - outputs: logits a pixel, 1 or more; see `TargetHead`.
  ///   - extra: what has as many logits beside the head's, which come first, for training. The weights of the network
  ///     without them are among its own.
  /// - Throws: `SettingError` when the sizes do not go together.
  public func network(
    image: Shape, features: Int = 0, outputs: Int = 1, extra: ExtraLogits = []
  ) throws -> Network {
    let decoder = DecoderSettings(
      kind: unet.decoder ?? .unet, filters: unet.decoderFilters, attention: unet.attention ?? .none,
      hypercolumn: unet.hypercolumn ?? false, dropout: unet.dropout,
      centre: unet.centre ?? .none, coordinates: unet.coordinates ?? false,
      emptyHead: unet.emptyHead ?? false, extra: extra)
    func efficientNet(_ scale: EfficientNetUNet.Scale) throws -> Network {
      try EfficientNetUNet(
        scale, image: image, features: features, outputs: outputs, decoder: decoder,
        padTo: unet.padTo
      ).network()
    }
    return switch kind {
    case .unet:
      try UNet(unet, image: image, features: features, outputs: outputs, extra: extra)
        .network()
    case .resNet18UNet, .resNet34UNet:
      try ResNetUNet(
        kind == .resNet18UNet ? .resNet18 : .resNet34, image: image, features: features,
        outputs: outputs, decoder: decoder,
        padTo: unet.padTo
      ).network()
    case .efficientNetLite0UNet: try efficientNet(.lite0)
    case .efficientNetLite1UNet: try efficientNet(.lite1)
    case .efficientNetLite2UNet: try efficientNet(.lite2)
    }
  }
}

/// - Throws: `SettingError` where a network can't have so many logits a pixel.
func checkOutputs(_ outputs: Int) throws {
  try SettingError.check(
    (1...Loss.mostClasses).contains(outputs), "competition.classes",
    "come to \(outputs) logits a pixel, should be from 1 to \(Loss.mostClasses)")
}
