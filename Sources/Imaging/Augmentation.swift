// Random changes of an image and its mask together, for training.

/// What may happen to a training image, and how likely. The default changes nothing.
///
/// All geometry of one draw is combined into one sampling, so nothing is blurred twice; a draw of
/// flips alone moves pixels exactly. Probabilities lie in 0…1. In JSON every key may be left out.
public struct Augmentation: Sendable, Equatable {
  /// Probability of exchanging left and right.
  public var hflip = 0.0
  /// Probability of exchanging top and bottom.
  public var vflip = 0.0
  /// Probability of taking a random crop, of the picture's own proportions, and enlarging it again.
  public var crop = 0.0
  /// The share of the area that such a crop has, from least to most.
  public var cropScale = 0.7...1.0
  /// Probability of shifting, scaling and turning.
  public var affine = 0.0
  /// The largest shift, as a share of the side.
  public var shift = 0.05
  /// The largest change of size: 0.1 is from 1/1.1 to 1.1 times.
  public var scale = 0.1
  /// The largest turn, in degrees.
  public var rotate = 10.0
  /// Probability of an elastic deformation.
  public var elastic = 0.0
  /// Standard deviation of its displacements, in pixels.
  public var elasticDeviation = 3.0
  /// How many cells of its grid span the picture.
  public var elasticCells = 4
  /// Probability of a change of brightness and contrast.
  public var light = 0.0
  /// The largest change of brightness, as a share of full scale.
  public var brightness = 0.1
  /// The largest change of contrast: 0.2 is from 0.8 to 1.2 times, about the image's mean.
  public var contrast = 0.1
  /// What lies beyond the border of a picture that was moved.
  public var border = Padding.Mode.reflect

  /// An augmentation that changes nothing, to be changed by its properties.
  public init() {}

  /// Draws what shall happen to a picture of a size.
  public func draw(width: Int, height: Int, using generator: inout SeededGenerator) -> Change {
    // Every number is drawn whether it is used or not, so that one probability does not shift the
    // others' luck.
    var change = Change(width: width, height: height, border: border)
    let (w, h) = (Double(width), Double(height))
    change.flip = (generator.chance(hflip) ? Dihedral.horizontalFlip : .identity)
      .then(generator.chance(vflip) ? .verticalFlip : .identity)

    var map = Affine.identity
    let crops = generator.chance(crop)
    let side = generator.uniform(in: cropScale).squareRoot()
    let (left, top) = (generator.uniform() * (1 - side) * w, generator.uniform() * (1 - side) * h)
    if crops {
      map = map.then(.translation(x: -left, y: -top)).then(.scale(x: 1 / side, y: 1 / side))
    }
    let moves = generator.chance(affine)
    let (x, y) = (
      generator.uniform(in: -1...1) * shift * w, generator.uniform(in: -1...1) * shift * h
    )
    let growth = generator.uniform(in: -1...1) * scale
    let factor = growth < 0 ? 1 / (1 - growth) : 1 + growth
    let degrees = generator.uniform(in: -1...1) * rotate
    if moves {
      map = map.then(
        Affine.scale(x: factor, y: factor).then(.rotation(degrees: degrees)).about(
          x: w / 2, y: h / 2)
      ).then(.translation(x: x, y: y))
    }
    if crops || moves { change.map = map }

    let bends = generator.chance(elastic)
    var fieldGenerator = SeededGenerator(seed: generator.next())
    if bends {
      change.elastic = ElasticField(
        cells: elasticCells, deviation: elasticDeviation, using: &fieldGenerator)
    }
    let lights = generator.chance(light)
    let (gain, offset) = (
      1 + generator.uniform(in: -1...1) * contrast, generator.uniform(in: -1...1) * brightness
    )
    if lights {
      change.gain = Float(gain)
      change.offset = Float(offset)
    }
    return change
  }

  /// An image and its mask after one draw.
  public func apply(
    _ image: Plane, _ mask: Mask, using generator: inout SeededGenerator
  ) -> (image: Plane, mask: Mask) {
    precondition(
      image.width == mask.width && image.height == mask.height, "image and mask differ in size")
    let change = draw(width: image.width, height: image.height, using: &generator)
    return (change.apply(toImage: image), change.apply(to: mask))
  }

  /// An image and a map of probabilities or weights after one draw.
  public func apply(
    _ image: Plane, _ target: Plane, using generator: inout SeededGenerator
  ) -> (image: Plane, target: Plane) {
    precondition(
      image.width == target.width && image.height == target.height,
      "image and target differ in size")
    let change = draw(width: image.width, height: image.height, using: &generator)
    return (change.apply(toImage: image), change.apply(to: target))
  }
}

/// One draw of an augmentation: the same change for an image and whatever belongs to it.
public struct Change: Sendable, Equatable {
  let width: Int
  let height: Int
  let border: Padding.Mode
  var flip = Dihedral.identity
  var map: Affine?
  var elastic: ElasticField?
  var gain: Float = 1
  var offset: Float = 0

  init(width: Int, height: Int, border: Padding.Mode) {
    self.width = width
    self.height = height
    self.border = border
  }

  /// The image: moved, then its light changed.
  public func apply(toImage image: Plane) -> Plane {
    lit(apply(to: image))
  }

  /// A plane that belongs to the image: moved only.
  public func apply(to plane: Plane) -> Plane {
    guard let warp else { return flip == .identity ? plane : flip.apply(plane) }
    return warp.apply(plane)
  }

  /// The image's mask: moved.
  public func apply(to mask: Mask) -> Mask {
    guard let warp else { return flip == .identity ? mask : flip.apply(mask) }
    return warp.apply(mask)
  }

  /// Whether pixels are only exchanged, so that no value is a mixture of others.
  public var isExact: Bool { map == nil && elastic == nil }

  /// Numbers that mean something each, such as classes, of a picture of this size: moved.
  /// - Parameter blank: what lies beyond a border of zeros.
  public func apply(labels: [UInt8], blank: UInt8) -> [UInt8] {
    guard let warp else {
      return flip == .identity
        ? labels
        : flip.apply(Plane(width: width, height: height, values: labels.map(Float.init)))
          .values.map { UInt8($0) }
    }
    return warp.apply(labels: labels, width: width, height: height, blank: blank)
  }

  private var warp: Warp? {
    guard map != nil || elastic != nil else { return nil }
    let mirror = Affine.scale(
      x: flip == .horizontalFlip || flip == .rotate180 ? -1 : 1,
      y: flip == .verticalFlip || flip == .rotate180 ? -1 : 1
    ).about(x: Double(width) / 2, y: Double(height) / 2)
    return Warp(
      mirror.then(map ?? .identity), width: width, height: height, border: border, elastic: elastic)
  }

  private func lit(_ image: Plane) -> Plane {
    guard gain != 1 || offset != 0 else { return image }
    let mean = Self.sum(image.values) / Float(image.values.count)
    let (gain, shift) = (gain, mean - mean * gain + offset)
    let values = [Float](unsafeUninitializedCapacity: image.values.count) { out, count in
      image.values.withUnsafeBufferPointer { values in
        for index in 0..<values.count {
          let value = values[index] * gain + shift
          out[index] = value < 0 ? 0 : value > 1 ? 1 : value
        }
      }
      count = out.count
    }
    return image.replaced(width: width, height: height, scalars: values)
  }

  /// The sum, in sixteen partial sums: one after another, each addition would wait for the last.
  private static func sum(_ values: [Float]) -> Float {
    values.withUnsafeBufferPointer { values in
      var sums = SIMD16<Float>(repeating: 0)
      let whole = values.count / 16 * 16
      for start in stride(from: 0, to: whole, by: 16) {
        for lane in 0..<16 { sums[lane] += values[start + lane] }
      }
      for index in whole..<values.count { sums[index - whole] += values[index] }
      return sums.sum()
    }
  }
}
