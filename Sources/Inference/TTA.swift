// Test-time augmentation: an image is predicted several times, flipped and turned, and the
// probabilities are averaged after the flips and turns are undone.

package import Imaging
public import Segmentation

/// Which flips and turns an image is predicted in.
public enum TTA: String, NamedChoice {
  /// As it is.
  case none
  /// As it is and with left and right exchanged.
  case hflip
  /// In all eight symmetries of the square; in the four that keep width and height, where these
  /// differ.
  case d4

  /// The transforms, the identity first, in the order in which their results are added up.
  package func transforms(width: Int, height: Int) -> [Dihedral] {
    switch self {
    case .none: [.identity]
    case .hflip: [.identity, .horizontalFlip]
    case .d4: Dihedral.allCases.filter { width == height || !$0.exchangesSides }
    }
  }
}
