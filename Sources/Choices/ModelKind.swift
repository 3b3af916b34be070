// Networks by name, and what their weights start from.

/// Which network to train.
public enum ModelKind: String, Sendable, CaseIterable {
  /// Ronneberger, Fischer and Brox, 2015.
  case unet
  /// With a ResNet-18 as its contracting path.
  case resNet18UNet = "resnet18-unet"
  /// The same with more layers.
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
    case .resNet18UNet: "resnet18"
    case .resNet34UNet: "resnet34"
    case .efficientNetLite0UNet: "efficientnet-lite0"
    case .efficientNetLite1UNet: "efficientnet-lite1"
    case .efficientNetLite2UNet: "efficientnet-lite2"
    }
  }
}

/// What the blocks of a decoder weigh.
public enum Attention: String, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// Of their results, each channel and each pixel by a factor that follows from them (Roy, Navab and
  /// Wachinger, 2018).
  case scSE = "scse"
  /// Of the encoder's image that they join, each pixel by a factor that follows from it and from what it is
  /// joined with (Oktay and others, 2018).
  case gate
}

/// How the images of a published encoder become logits.
public enum DecoderKind: String, Sendable, CaseIterable {
  /// A U-Net's: the encoder's images are joined one by one on the way up.
  case unet
  /// Nested: blocks between the encoder and that way up, each of which joins all before it of its size (Zhou and
  /// others, 2018).
  case nested = "unet++"
  /// A feature pyramid: as many channels at each size, added up on the way (Lin and others, 2017; Kirillov and
  /// others, 2019). The cheapest.
  case fpn
}

/// What a network's weights start from.
public enum InitialWeights: String, Sendable, CaseIterable {
  /// Random numbers.
  case random = "none"
  /// The encoder's from a training on ImageNet, the decoder's from random numbers.
  case imageNet = "imagenet"
}

/// What lies between an encoder and a decoder.
public enum Centre: String, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// Dilated convolutions behind each other, added up (Zhou, Zhang and Wu, 2018).
  case dilated
  /// Means over windows of several sizes beside the image (Zhao and others, 2017).
  case pyramid
}
