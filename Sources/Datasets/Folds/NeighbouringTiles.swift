// Images that are tiles of one picture, found by borders that go on in each other. Where one tile is trained on and its
// neighbour judged, what they share flatters the score.

import Imaging

/// Pairs of images of which one goes on in the other, to the right or below.
///
/// How badly two borders fit is told by the Mahalanobis distance of the step across from the steps beside it, of both
/// images, added up (Gallagher, 2012). Two images are a pair where each is the other's best, a best buddy (Pomeranz, Shemesh
/// and Ben-Shahar, 2011), and fits less than half as badly as the second best of either, and not much worse than
/// its own lines fit each other. By chance few do: of the salt competition's 3,154 training images 29 pairs were found, and by the
/// same measure in NumPy 5 with one of the borders turned around, where there can be none. Borders along which nothing changes, which go on in any other of that kind, aren't compared.
public struct NeighbouringTiles: Sendable, Equatable {
  /// Where the second of two lies.
  public enum Side: Sendable, Equatable {
    /// Of the first.
    case right, below
  }

  /// Two tiles that lie beside each other.
  public struct Pair: Sendable, Equatable {
    /// The left or the upper one, as an index into the set.
    public var first: Int
    /// The right or the lower one.
    public var second: Int
    /// Where it lies.
    public var side: Side
  }

  /// By first image, then by side.
  public var pairs: [Pair]

  /// The most images of one size that are compared, each with each.
  public static let mostImages = 20_000

  /// Compares all images of a size with each other; their number squared, twice, is what it takes.
  /// - Parameter progress: called with the number of comparisons of one image with all others that are done.
  public init(
    in set: ImageSet, threads: Int = 1, progress: (@Sendable (Int) -> Void)? = nil
  ) throws {
    pairs = []
    var done = 0
    for indices in Self.comparable(set) {
      for side in [Side.right, .below] {
        let borders = try concurrentMap(count: indices.count, threads: threads) {
          Borders(of: set, indices[$0], side)
        }
        let before = done
        let found = try Self.pairs(borders, threads: threads) { progress?(before + $0) }
        pairs += found.map { Pair(first: indices[$0], second: indices[$1], side: side) }
        done += indices.count
      }
    }
    pairs.sort {
      ($0.first, $0.side == .right ? 0 : 1, $0.second) < (
        $1.first, $1.side == .right ? 0 : 1, $1.second
      )
    }
  }

  /// How many comparisons of one image with all others there are.
  public static func comparisons(in set: ImageSet) -> Int {
    comparable(set).reduce(0) { $0 + 2 * $1.count }
  }

  /// Images of one size, where there are enough for a second best and not too many, in the order of their ids, so that the order
  /// of the set doesn't matter.
  private static func comparable(_ set: ImageSet) -> [[Int]] {
    let indices = set.ids.indices.filter {
      !set.isBlank($0) && min(set.size($0).width, set.size($0).height) >= 8
    }
    let sizes = Dictionary(grouping: indices) { [set.size($0).height, set.size($0).width] }
    return sizes.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
      .filter { (3...mostImages).contains($0.count) }
      .map { $0.sorted { set.ids[$0] < set.ids[$1] } }
  }

  /// The best and the second best that was seen.
  private struct Best {
    var place = -1
    var value = Float.infinity
    var second = Float.infinity

    mutating func note(_ value: Float, at place: Int) {
      if value < self.value {
        (second, self.value, self.place) = (self.value, value, place)
      } else if value < second {
        second = value
      }
    }

    /// Takes in what was seen of later places.
    mutating func join(_ later: Best) {
      let (value, second) = (later.value, later.second)
      if later.place >= 0 { note(value, at: later.place) }
      if second < self.second { self.second = second }
    }

    func isClear(_ value: Float) -> Bool { value < min(0.5 * second, NeighbouringTiles.mostMisfit) }
  }

  /// Of two borders that go on in each other it is about 1, as steps across are like those beside.
  private static let mostMisfit: Float = 4

  private static func pairs(
    _ borders: [Borders], threads: Int, progress: @escaping @Sendable (Int) -> Void
  ) throws -> [(Int, Int)] {
    // Blocks of first images, the same for any number of threads.
    let size = 64
    let blocks = (borders.count + size - 1) / size
    let parts = try concurrentMap(
      count: blocks, threads: threads, progress: { progress(min($0 * size, borders.count)) }
    ) { block -> (rows: [Best], columns: [Best]) in
      var columns = [Best](repeating: Best(), count: borders.count)
      let rows = (block * size..<min((block + 1) * size, borders.count)).map { first in
        var row = Best()
        guard borders[first].hasTextureAtEnd else { return row }
        for second in borders.indices where second != first && borders[second].hasTextureAtStart {
          let value = borders[first].misfit(before: borders[second])
          row.note(value, at: second)
          columns[second].note(value, at: first)
        }
        return row
      }
      return (rows, columns)
    }
    let rows = parts.flatMap(\.rows)
    var columns = [Best](repeating: Best(), count: borders.count)
    for part in parts {
      for place in columns.indices { columns[place].join(part.columns[place]) }
    }
    return rows.enumerated().compactMap { first, row in
      guard row.place >= 0, columns[row.place].place == first, row.isClear(row.value),
        columns[row.place].isClear(row.value)
      else { return nil }
      return (first, row.place)
    }
  }
}

/// The two lines of an image at each of two opposite sides, as means over channels, and how steps go there.
private struct Borders: Sendable {
  /// The last line before the next image, and what it should go on with.
  private var end: [SIMD8<Float>], beyondEnd: [SIMD8<Float>]
  /// The first line, and what it should have come from.
  private var start: [SIMD8<Float>], beyondStart: [SIMD8<Float>]
  /// One over the variance of steps there, of pixels.
  private var weightOfEnd: Float, weightOfStart: Float
  let hasTextureAtEnd: Bool, hasTextureAtStart: Bool
  private let pixels: Float

  /// Pixels of a longer border are averaged down to no more than twice as many.
  private static let usualLength = 128
  /// As a share of full scale: pictures have 255 steps, and what is darker than a few of them is noise.
  private static let (leastDeviation, leastVariance): (Float, Float) = (0.02, 1 / (255 * 255))

  /// Of the left and right sides, or of the upper and lower ones.
  init(of set: ImageSet, _ index: Int, _ side: NeighbouringTiles.Side) {
    let size = set.size(index)
    let isRight = side == .right
    let (lines, count) = isRight ? (size.width, size.height) : (size.height, size.width)
    /// Two lines from one on: of a large image, no more is read.
    func two(_ first: Int) -> Plane {
      set.image(
        index,
        isRight
          ? ImageWindow(x: first, y: 0, width: 2, height: count)
          : ImageWindow(x: 0, y: first, width: count, height: 2))
    }
    func line(_ place: Int, of image: Plane) -> [Float] {
      let values = (0..<count).map { pixel -> Float in
        let (x, y) = isRight ? (place, pixel) : (pixel, place)
        let first = (y * image.width + x) * image.channels
        return image.values[first..<(first + image.channels)].reduce(0, +) / Float(image.channels)
      }
      let step = max(1, count / Self.usualLength)
      return stride(from: 0, to: count / step * step, by: step).map {
        values[$0..<($0 + step)].reduce(0, +) / Float(step)
      }
    }
    let (last, first) = (two(lines - 2), two(0))
    pixels = Float(count / max(1, count / Self.usualLength))
    (end, beyondEnd, weightOfEnd, hasTextureAtEnd) = Self.edge(
      line(1, of: last), line(0, of: last))
    (start, beyondStart, weightOfStart, hasTextureAtStart) = Self.edge(
      line(0, of: first), line(1, of: first))
  }

  private static func edge(_ outer: [Float], _ inner: [Float]) -> (
    line: [SIMD8<Float>], beyond: [SIMD8<Float>], weight: Float, hasTexture: Bool
  ) {
    func moments(_ values: [Float]) -> (mean: Float, variance: Float) {
      let mean = values.reduce(0, +) / Float(values.count)
      return (
        mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
      )
    }
    let steps = moments(zip(outer, inner).map { $0 - $1 })
    return (
      packed(outer), packed(outer.map { $0 + steps.mean }), 1 / (steps.variance + leastVariance),
      moments(outer).variance.squareRoot() > leastDeviation
    )
  }

  /// Filled up with zeros, which fit zeros.
  private static func packed(_ values: [Float]) -> [SIMD8<Float>] {
    stride(from: 0, to: values.count, by: 8).map { first in
      var lanes = SIMD8<Float>()
      for lane in 0..<min(8, values.count - first) { lanes[lane] = values[first + lane] }
      return lanes
    }
  }

  /// How badly this image goes on in another one, as the mean over pixels of the squared distance in deviations: 0 where
  /// exactly as steps go at the border, about 1 where as in the picture itself.
  func misfit(before other: Borders) -> Float {
    var (onward, back) = (SIMD8<Float>(), SIMD8<Float>())
    for place in 0..<end.count {
      let forth = other.start[place] - beyondEnd[place]
      onward += forth * forth
      let against = end[place] - other.beyondStart[place]
      back += against * against
    }
    return (onward.sum() * weightOfEnd + back.sum() * other.weightOfStart) / (2 * pixels)
  }
}
