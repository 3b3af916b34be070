// Test-time augmentation: an image is predicted several times, flipped and turned, and the
// probabilities are averaged after the flips and turns are undone.

public import Choices
package import Imaging
public import Segmentation

extension TTA: NamedChoice {}

extension TTA {
  /// The transforms, the identity first, in the order in which their results are added up.
  package func transforms(width: Int, height: Int) -> [Dihedral] {
    switch self {
    case .none: [.identity]
    case .hflip: [.identity, .horizontalFlip]
    case .d4: Dihedral.allCases.filter { width == height || !$0.exchangesSides }
    }
  }
}
