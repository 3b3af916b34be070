// Images and masks that stand out: blank images, tiny masks, masks that are one vertical stripe,
// images that occur more than once. What to do about them is for people to decide.

public import Datasets
public import Imaging

/// A kind of images that deserve a look, and the images of a set that are of this kind.
public struct Oddity: Sendable, Equatable {
  /// The kind, in the plural, as in "tiny masks".
  public var name: String
  /// Indices into the set.
  public var images: [Int]
}

extension [Oddity] {
  /// The sorted ids of the images, by the name of the kind.
  public func ids(in set: ImageSet) -> [String: [String]] {
    Dictionary(uniqueKeysWithValues: map { ($0.name, $0.images.map { set.ids[$0] }.sorted()) })
  }
}

/// Finds images and masks that deserve a look.
public enum Oddities {
  /// All kinds, those without an image among them.
  ///
  /// - Parameter tinyMask: masks with fewer pixels are tiny.
  public static func find(in set: ImageSet, tinyMask: Int) -> [Oddity] {
    let indices = set.ids.indices
    let tiny = indices.filter { isTiny(area: set.area($0), pixels: tinyMask) }
    let stripes =
      set.truthKind == .mask && set.classes == 1
      ? indices.filter { isVerticalStripe(set.mask($0)) } : []
    return [
      blank(in: set),
      Oddity(name: "tiny masks", images: tiny), Oddity(name: "vertical stripes", images: stripes),
      Oddity(name: "duplicate images", images: duplicates(in: set).flatMap { $0 }),
    ]
  }

  /// Images in which nothing can be seen: all their pixels are the same.
  public static func blank(in set: ImageSet, name: String = "blank images") -> Oddity {
    Oddity(name: name, images: set.ids.indices.filter(set.isBlank))
  }

  /// Whether a mask has a pixel, but fewer than `pixels`.
  public static func isTiny(area: Int, pixels: Int) -> Bool { area > 0 && area < pixels }

  /// Whether a mask is made of whole columns only, without being empty or full: every row is the
  /// same. In the salt competition such masks were drawn by hand over one side and are hard to
  /// learn.
  public static func isVerticalStripe(_ mask: Mask) -> Bool {
    guard !mask.isEmpty, mask.area < mask.width * mask.height else { return false }
    let first = mask.pixels[0..<mask.width]
    return (1..<mask.height).allSatisfy { row in
      mask.pixels[(row * mask.width)..<((row + 1) * mask.width)] == first
    }
  }

  /// Groups of images that are the same sample for sample, each with two members at least, in order of
  /// the first member. Images of one single colour are left out: they are alike for another reason.
  public static func duplicates(in set: ImageSet) -> [[Int]] {
    let first = set.firstOfKind()
    return Dictionary(grouping: set.ids.indices) { first[$0] }.values
      .filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }
}
