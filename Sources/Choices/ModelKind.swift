// Networks by name.

/// Which network to train.
public enum ModelKind: String, Sendable, CaseIterable {
  /// Ronneberger, Fischer and Brox, 2015.
  case unet
  /// With a ResNet-34 as its contracting path.
  case resNet34UNet = "resnet34-unet"

  /// The name of the published weights that its encoder can begin with (`work weights list`); nil where there
  /// are none.
  public var pretrained: String? {
    switch self {
    case .unet: nil
    case .resNet34UNet: "resnet34"
    }
  }
}
