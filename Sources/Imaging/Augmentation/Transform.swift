// What a transform is, and which there are. A new one is a type here and a line in the list.

/// The picture that a transform is drawn for.
package struct Scene {
  /// In pixels.
  package let width: Int
  /// In pixels.
  package let height: Int
  /// The numbers of marked pixels, rows from the top, after the changes drawn so far. Takes time.
  package let marks: () -> [Int]
}

/// A random change with its settings.
package protocol Transform: Sendable, Equatable {
  /// The name in params.yaml, which is the field's.
  static var name: String { get }
  /// Its settings in params.yaml, beside the probability.
  static var fields: [Field<Self>] { get }
  /// Its usual settings.
  init()
  /// Draws a change. What is random about it comes from the generator alone.
  func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw
  /// Why it can't be used for pictures of this size or for such truth; nil where it can.
  func problem(width: Int, height: Int, labels: Bool) -> String?
}

extension Transform {
  package static var fields: [Field<Self>] { [] }
  package func problem(width: Int, height: Int, labels: Bool) -> String? { nil }
  func isEqual(_ other: any Transform) -> Bool { other as? Self == self }
}

/// One draw of a transform.
package enum Draw: Sendable {
  /// Pixels change places.
  case turn(Dihedral)
  /// The picture is sampled elsewhere; `border` is what lies beyond it, nil where the map doesn't lead there.
  case move(PlaneMap, border: Padding.Mode?)
  /// The image's values change, and nothing of the truth.
  case values(any ValueChange)
  /// Another image of the batch comes in.
  case mix(Mix)
}

/// A change of an image's values, with all that was drawn for it.
package protocol ValueChange: Sendable {
  /// The image changed, values in 0…1.
  func apply(to image: Plane) -> Plane
}

extension Augmentation {
  /// All transforms, in the order in which the documents list them.
  package static var transforms: [any Transform.Type] {
    [
      HorizontalFlip.self, VerticalFlip.self, Transposition.self, QuarterTurns.self,
      Rotation.self, ShiftScaleRotate.self, RandomSizedCrop.self, NonEmptyCrop.self,
      Perspective.self, Elastic.self, GridDistortion.self, OpticalDistortion.self,
      BrightnessContrast.self, Gamma.self, CLAHE.self, GaussianNoise.self, GaussianBlur.self,
      BoxBlur.self, CoarseDropout.self, Mixup.self, CutMix.self,
    ]
  }
}
