// Test-time augmentation by name.

/// Which flips and turns an image is predicted in.
public enum TTA: String, Sendable, CaseIterable {
  /// As it is.
  case none
  /// As it is and with left and right exchanged.
  case hflip
  /// In all eight symmetries of the square; in the four that keep width and height, where these
  /// differ.
  case d4
}
