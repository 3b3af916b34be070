// Networks by name.

/// Which network to train.
public enum ModelKind: String, Sendable, CaseIterable {
  /// Ronneberger, Fischer and Brox, 2015.
  case unet
  /// With a ResNet-34 as its contracting path.
  case resNet34UNet = "resnet34-unet"
}
