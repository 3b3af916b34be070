// A network as it is trained: with logits beside the head's, which the model goes without.

public import Neural

/// Logits beside those of the head that training looks at.
public struct ExtraLogits: OptionSet, Sendable, Hashable, Codable {
  /// A bit each.
  public let rawValue: Int
  /// Those of some bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Of each smaller block of the decoder, as many as the head's (`train.deep_supervision`).
  public static let blocks = ExtraLogits(rawValue: 1)
  /// Of the image, whether it holds anything, as many as the head's, at the end; of networks with `model.empty_head`.
  public static let image = ExtraLogits(rawValue: 2)
}

/// A network with logits beside those of the head.
public struct TrainingNetwork: Sendable, Equatable, Codable {
  /// Its logits: first the head's, then these.
  public var network: Network
  /// Which they are.
  public var extra: ExtraLogits

  /// A network with these logits.
  public init(_ network: Network, extra: ExtraLogits) {
    self.network = network
    self.extra = extra
  }
}

extension TrainingNetwork {
  /// The loss of all its logits, of which the head's count 1.
  /// - Parameters:
  ///   - loss: of the head's logits.
  ///   - image: the size of what the network sees.
  ///   - outputs: logits a pixel of the head.
  ///   - blockWeight: what the logits of each smaller block count.
  ///   - imageWeight: what the image's own count.
  /// - Throws: `NetworkError` when the layers do not fit the images.
  package func loss(
    _ loss: Loss, image: Shape, outputs: Int, blockWeight: Float, imageWeight: Float
  ) throws -> Loss {
    let channels = try network.outputShape(height: image.height, width: image.width).channels
    let asksImages = extra.contains(.image)
    return .deepSupervision(
      loss, groups: channels / outputs - (asksImages ? 1 : 0), channels: outputs,
      weight: blockWeight, imageWeight: asksImages ? imageWeight : nil)
  }
}

extension ModelSettings {
  /// The network as it is trained, for images of this size; nil where it has no other logits than the head's.
  /// - Parameters:
  ///   - features: values that come with each image, joined at the bottom; 0 for none.
  ///   - outputs: logits a pixel of the head.
  ///   - deepSupervision: whether every block of the decoder makes logits.
  /// - Throws: `SettingError` when the sizes do not go together.
  public func trainingNetwork(
    image: Shape, features: Int = 0, outputs: Int = 1, deepSupervision: Bool
  ) throws -> TrainingNetwork? {
    var extra: ExtraLogits = []
    if deepSupervision { extra.insert(.blocks) }
    if unet.emptyHead == true { extra.insert(.image) }
    guard !extra.isEmpty else { return nil }
    return TrainingNetwork(
      try network(image: image, features: features, outputs: outputs, extra: extra), extra: extra)
  }
}
