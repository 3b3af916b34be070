// How well a dialect reads run lengths whose masks aren't known, and whether another one does clearly better.

/// What comes of reading run lengths in a dialect.
public struct DialectQuality: Sendable, Equatable {
  /// The dialect.
  public let dialect: RunLength
  /// Texts that were read.
  public let texts: Int
  /// Of them, those that can't be read: out of order, or outside of the image.
  public let unreadable: Int
  /// Pairs of neighbours of which one is marked, over all masks: the fewer, the smoother.
  public let edges: Int
  /// The mean difference of the pictures' values across these edges; 0 without pictures.
  public let contrast: Double
  /// Texts with a picture that can be read.
  public let pictured: Int

  /// Reads examples in a dialect.
  public init(of dialect: RunLength, _ examples: [DialectGuess.Example]) {
    self.dialect = dialect
    texts = examples.count
    var (unreadable, edges, pictured, sum, crossed) = (0, 0, 0, 0.0, 0)
    for example in examples {
      guard
        let mask = try? dialect.decode(example.text, width: example.width, height: example.height)
      else {
        unreadable += 1
        continue
      }
      edges += mask.edges
      guard let picture = example.picture, !mask.isEmpty else { continue }
      let contrast = mask.contrast(in: picture)
      pictured += 1
      sum += contrast.sum
      crossed += contrast.edges
    }
    (self.unreadable, self.edges, self.pictured) = (unreadable, edges, pictured)
    contrast = sum / Double(max(crossed, 1))
  }

  /// Why this dialect must be the right one, and the other can't be, in words; nil where that isn't beyond doubt.
  ///
  /// It reads texts that the other doesn't, or its marks are smooth where those of the other are stripes, or end at
  /// the edges of the pictures. The factors leave room for marks of any shape: of real ones, the wrong order has
  /// several times the edges, unless images are square.
  public func evidence(against other: DialectQuality) -> String? {
    let way = dialect.difference(from: other.dialect)
    if other.unreadable - unreadable >= max(1, texts / 20) {
      return
        "\(other.unreadable) of \(texts) run lengths that were looked at can't be read; with \(way) "
        + (unreadable == 0 ? "all can" : "\(unreadable) can't")
    }
    guard unreadable <= other.unreadable else { return nil }
    if Double(edges) < 0.6 * Double(other.edges) {
      return
        "marks are stripes, with \(other.edges) edges between pixels in \(texts) masks that were looked at; with \(way) "
        + "there are \(edges)"
    }
    if pictured >= 20, contrast > 1.4 * other.contrast {
      let share = Int((100 * other.contrast / contrast).rounded())
      return
        "marks don't end where the pictures have edges: values differ there by \(share) % of what they do with \(way)"
    }
    return nil
  }
}

extension Mask {
  /// Pairs of neighbours of which one is marked.
  var edges: Int {
    var edges = 0
    forEachEdge { _, _ in edges += 1 }
    return edges
  }

  /// The differences of a picture's values across the mask's edges.
  func contrast(in picture: Plane) -> (sum: Double, edges: Int) {
    var (sum, edges) = (0.0, 0)
    forEachEdge { one, other in
      edges += 1
      for channel in 0..<picture.channels {
        sum += Double(
          abs(
            picture.values[one * picture.channels + channel]
              - picture.values[other * picture.channels + channel]))
      }
    }
    return (sum, edges)
  }

  private func forEachEdge(_ body: (Int, Int) -> Void) {
    for y in 0..<height {
      for x in 0..<width {
        let pixel = y * width + x
        if x + 1 < width && pixels[pixel] != pixels[pixel + 1] { body(pixel, pixel + 1) }
        if y + 1 < height && pixels[pixel] != pixels[pixel + width] { body(pixel, pixel + width) }
      }
    }
  }
}
