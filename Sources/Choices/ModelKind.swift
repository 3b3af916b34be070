// Networks by name, and what their weights start from.

/// Which network to train.
public enum ModelKind: String, Sendable, CaseIterable {
  /// Ronneberger, Fischer and Brox, 2015.
  case unet
  /// With a ResNet-34 as its contracting path.
  case resNet34UNet = "resnet34-unet"
  /// With an EfficientNet-Lite0 as its contracting path: fast where multiplications are dear.
  case efficientNetLite0UNet = "efficientnet-lite0-unet"
  /// The same with more layers.
  case efficientNetLite1UNet = "efficientnet-lite1-unet"
  /// The same with more layers and filters.
  case efficientNetLite2UNet = "efficientnet-lite2-unet"

  /// The name of the published weights that its encoder can begin with (`work weights list`); nil where there
  /// are none.
  public var pretrained: String? {
    switch self {
    case .unet: nil
    case .resNet34UNet: "resnet34"
    case .efficientNetLite0UNet: "efficientnet-lite0"
    case .efficientNetLite1UNet: "efficientnet-lite1"
    case .efficientNetLite2UNet: "efficientnet-lite2"
    }
  }
}

/// What the blocks of a decoder weigh their results by.
public enum Attention: String, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// Each channel and each pixel by a factor that follows from them (Roy, Navab and Wachinger, 2018).
  case scSE = "scse"
}

/// What a network's weights start from.
public enum InitialWeights: String, Sendable, CaseIterable {
  /// Random numbers.
  case random = "none"
  /// The encoder's from a training on ImageNet, the decoder's from random numbers.
  case imageNet = "imagenet"
}
