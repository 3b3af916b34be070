// The section `model` of params.yaml: which network, and what can be chosen about it.

public import Choices
public import Neural

extension ModelKind: NamedChoice {}

/// A network and its settings.
public struct ModelSettings: Sendable, Equatable, Codable {
  /// Which network; `unet` where params.yaml doesn't say.
  public var kind: ModelKind
  /// Settings of the U-Net. The other kind has filters, levels and batch norm of its own, and takes
  /// the rest.
  public var unet: UNetSettings

  private enum CodingKeys: CodingKey {
    case kind
  }

  /// A network of this kind.
  public init(kind: ModelKind = .unet, _ unet: UNetSettings = UNetSettings()) {
    self.kind = kind
    self.unet = unet
  }

  /// Reads all settings from one section.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decodeIfPresent(ModelKind.self, forKey: .kind) ?? .unet
    unet = try UNetSettings(from: decoder)
  }

  /// Writes all settings into one section.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
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
