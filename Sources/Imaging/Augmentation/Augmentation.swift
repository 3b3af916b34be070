// Random changes of an image and its truth together, for training: a list of transforms, applied in order.

/// What may happen to a training image: transforms, each with a probability. The default changes nothing.
///
/// Transforms are applied in order, to the image and to what belongs to it alike. Consecutive geometric ones are
/// combined into one sampling, so nothing is blurred twice; flips and turns alone move pixels exactly. In
/// params.yaml it is a list of names with values, such as `- hflip: {p: 0.5}`; values may be left out.
public struct Augmentation: Sendable, Equatable {
  /// A transform and how likely it is.
  package struct Entry: Sendable, Equatable {
    /// The transform.
    package var transform: any Transform
    /// Its probability, 0…1.
    package var p: Double

    /// A transform, certain unless told otherwise.
    package init(_ transform: some Transform, p: Double = 1) {
      self.transform = transform
      self.p = p
    }

    package static func == (one: Entry, other: Entry) -> Bool {
      one.p == other.p && one.transform.isEqual(other.transform)
    }
  }

  /// The transforms, in order.
  package var entries: [Entry]

  /// An augmentation that changes nothing.
  public init() { entries = [] }

  /// Transforms in order.
  package init(_ entries: [Entry]) { self.entries = entries }

  /// Draws what shall happen to a picture of a size.
  ///
  /// One number is taken from the generator. Each transform draws from a stream of its own, which is a
  /// function of that number and of its position in the list, so that a change of one entry doesn't shift
  /// the others' luck.
  ///
  /// - Parameters:
  ///   - marks: the numbers of marked pixels, rows from the top, after the changes drawn so far; for transforms
  ///     that look for them.
  public func draw(
    width: Int, height: Int, using generator: inout SeededGenerator,
    marks: @escaping (Change) -> [Int] = { _ in [] }
  ) -> Change {
    let seed = generator.next()
    var plan = ChangePlan(width: width, height: height)
    for (position, entry) in entries.enumerated() {
      var stream = SeededGenerator(seed: seed, "\(position)")
      guard stream.chance(entry.p) else { continue }
      let plannedSoFar = plan
      let scene = Scene(width: width, height: height) { marks(Change(plannedSoFar)) }
      plan.add(entry.transform.draw(scene, using: &stream))
    }
    return Change(plan)
  }

  /// An image and its mask after one draw.
  public func apply(
    _ image: Plane, _ mask: Mask, using generator: inout SeededGenerator
  ) -> (image: Plane, mask: Mask) {
    precondition(
      image.width == mask.width && image.height == mask.height, "image and mask differ in size")
    let change = draw(width: image.width, height: image.height, using: &generator) { change in
      let moved = change.apply(to: mask).pixels
      return moved.indices.filter { moved[$0] != 0 }
    }
    return (change.apply(toImage: image), change.apply(to: mask))
  }

  /// Whether images of a batch are mixed.
  package var mixesImages: Bool {
    entries.contains { $0.p > 0 && $0.transform is any MixingTransform }
  }

  /// What in the list doesn't go with pictures of a size, with its place in the list; nil where all does.
  /// - Parameter labels: whether the truth is classes that exclude each other.
  package func problem(width: Int, height: Int, labels: Bool) -> (entry: String, problem: String)? {
    for (position, entry) in entries.enumerated() where entry.p > 0 {
      let name = type(of: entry.transform).name
      if let problem = entry.transform.problem(width: width, height: height, labels: labels) {
        return ("[\(position)].\(name)", problem)
      }
    }
    return nil
  }
}
