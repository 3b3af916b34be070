// Growing of instances from seeds: the watershed.

extension LabelMap {
  /// These instances as seeds, grown over a mask: pixels are taken in the order of their elevation,
  /// those of equal elevation in the order in which they were reached, so that instances meet on
  /// the ridges between them. Pixels of the mask that no seed reaches stay background; seeds
  /// outside of the mask stay as they are, and don't grow into each other.
  ///
  /// Flooding by a queue of priorities (Meyer, "Topographic distance and watershed lines", 1994):
  /// linear in the pixels, since an elevation is a byte. No line is left between instances.
  /// - Parameter elevation: `height * width` values; valleys (small) are flooded first.
  public func flooding(
    _ elevation: [UInt8], within mask: Mask, connectivity: Connectivity = .four
  ) -> LabelMap {
    precondition(
      elevation.count == labels.count && mask.width == width && mask.height == height,
      "elevation, mask and seeds of one size")
    var labels = labels
    // A queue for each elevation, as lists through the pixels.
    var next = [Int32](repeating: -1, count: labels.count)
    var heads = [Int32](repeating: -1, count: 256)
    var tails = heads
    var level = 256
    labels.withUnsafeMutableBufferPointer { labels in
      next.withUnsafeMutableBufferPointer { next in
        func append(_ pixel: Int) {
          let value = Int(elevation[pixel])
          if heads[value] < 0 {
            heads[value] = Int32(pixel)
          } else {
            next[Int(tails[value])] = Int32(pixel)
          }
          tails[value] = Int32(pixel)
          level = min(level, value)
        }
        for pixel in labels.indices where labels[pixel] != 0 { append(pixel) }
        while level < 256 {
          guard heads[level] >= 0 else {
            level += 1
            continue
          }
          let pixel = Int(heads[level])
          heads[level] = next[pixel]
          let (y, x) = pixel.quotientAndRemainder(dividingBy: width)
          let label = labels[pixel]
          func take(_ neighbour: Int) {
            guard labels[neighbour] == 0, mask.pixels[neighbour] != 0 else { return }
            labels[neighbour] = label
            append(neighbour)
          }
          if y > 0 { take(pixel - width) }
          if x > 0 { take(pixel - 1) }
          if x + 1 < width { take(pixel + 1) }
          if y + 1 < height { take(pixel + width) }
          guard connectivity == .eight else { continue }
          if y > 0 && x > 0 { take(pixel - width - 1) }
          if y > 0 && x + 1 < width { take(pixel - width + 1) }
          if y + 1 < height && x > 0 { take(pixel + width - 1) }
          if y + 1 < height && x + 1 < width { take(pixel + width + 1) }
        }
      }
    }
    return LabelMap(width: width, height: height, labels: labels, count: count)
  }
}
