// Connected components, and holes: parts of the background that something encloses.

/// Which pixels are neighbours.
public enum Connectivity: Int, Sendable, Codable {
  /// Those that share an edge.
  case four = 4
  /// Those that share an edge or a corner.
  case eight = 8
}

extension LabelMap {
  /// The connected components of a mask as instances, numbered by their first pixel, row by row
  /// from the top.
  public init(components mask: Mask, connectivity: Connectivity = .four) {
    self.init(width: mask.width, height: mask.height, connected: mask.pixels, connectivity)
  }

  /// Each instance's connected parts as instances of their own, numbered by their first pixel, row
  /// by row from the top.
  public func components(_ connectivity: Connectivity = .four) -> LabelMap {
    LabelMap(width: width, height: height, connected: labels, connectivity)
  }

  /// Components of equal values other than 0, by a table of equivalent numbers (Rosenfeld and
  /// Pfaltz, "Sequential operations in digital picture processing", 1966).
  private init<Value: FixedWidthInteger>(
    width: Int, height: Int, connected values: [Value], _ connectivity: Connectivity
  ) {
    var labels = [UInt32](repeating: 0, count: values.count)
    // A number's parent is never larger, so that a root is the number of the first pixel.
    var parents: [UInt32] = [0]
    func root(_ number: UInt32) -> UInt32 {
      var number = number
      while parents[Int(number)] != number {
        parents[Int(number)] = parents[Int(parents[Int(number)])]
        number = parents[Int(number)]
      }
      return number
    }
    values.withUnsafeBufferPointer { values in
      labels.withUnsafeMutableBufferPointer { labels in
        var pixel = 0
        for y in 0..<height {
          for x in 0..<width {
            defer { pixel += 1 }
            let value = values[pixel]
            guard value != 0 else { continue }
            var number: UInt32 = 0
            func join(_ neighbour: Int) {
              guard values[neighbour] == value else { return }
              let other = labels[neighbour]
              guard number != other else { return }
              guard number != 0 else {
                number = other
                return
              }
              let (one, two) = (root(number), root(other))
              parents[Int(max(one, two))] = min(one, two)
              number = min(one, two)
            }
            if x > 0 { join(pixel - 1) }
            if y > 0 {
              if connectivity == .eight && x > 0 { join(pixel - width - 1) }
              join(pixel - width)
              if connectivity == .eight && x + 1 < width { join(pixel - width + 1) }
            }
            if number == 0 {
              number = UInt32(parents.count)
              parents.append(number)
            }
            labels[pixel] = number
          }
        }
      }
    }
    var count: UInt32 = 0
    for number in parents.indices.dropFirst() {
      let parent = parents[number]
      if Int(parent) == number {
        count += 1
        parents[number] = count
      } else {
        // The parent is smaller, and so already the number of its component.
        parents[number] = parents[Int(parent)]
      }
    }
    self.init(
      width: width, height: height, labels: labels.map { parents[Int($0)] }, count: Int(count))
  }

  /// With the holes of each instance filled: parts of the background (4-connected) that don't reach
  /// the image's edge and touch (at edges) this instance alone. What encloses another instance
  /// stays as it is.
  public func fillingHoles() -> LabelMap {
    let background = Mask(
      width: width, height: height, pixels: labels.map { $0 == 0 ? 1 : 0 })
    let parts = LabelMap(components: background)
    guard parts.count > 0 else { return self }
    // Of each part the one instance around it; `open` where there is none or more than one.
    let open = UInt32.max
    var around = [UInt32](repeating: 0, count: parts.count + 1)
    var pixel = 0
    for y in 0..<height {
      for x in 0..<width {
        let part = Int(parts.labels[pixel])
        if part > 0 && around[part] != open {
          if x == 0 || y == 0 || x == width - 1 || y == height - 1 {
            around[part] = open
          } else {
            for neighbour in [pixel - 1, pixel + 1, pixel - width, pixel + width] {
              let label = labels[neighbour]
              if label == 0 || label == around[part] { continue }
              around[part] = around[part] == 0 ? label : open
            }
          }
        }
        pixel += 1
      }
    }
    guard around.contains(where: { $0 != 0 && $0 != open }) else { return self }
    let filled = zip(labels, parts.labels).map { label, part in
      label != 0 || around[Int(part)] == open ? label : around[Int(part)]
    }
    return LabelMap(width: width, height: height, labels: filled, count: count)
  }
}

extension Mask {
  /// With its holes filled: parts of the background (4-connected) that don't reach the image's
  /// edge.
  /// - Parameter limit: the most pixels of a hole that is filled.
  public func fillingHoles(upTo limit: Int = .max) -> Mask {
    let background = Mask(width: width, height: height, pixels: pixels.map { 1 - $0 })
    let parts = LabelMap(components: background)
    var isOpen = [true] + parts.areas.map { $0 > limit }
    for x in 0..<width {
      isOpen[Int(parts.labels[x])] = true
      isOpen[Int(parts.labels[(height - 1) * width + x])] = true
    }
    for y in 0..<height {
      isOpen[Int(parts.labels[y * width])] = true
      isOpen[Int(parts.labels[y * width + width - 1])] = true
    }
    return Mask(
      width: width, height: height,
      pixels: zip(pixels, parts.labels).map { $0 == 1 || !isOpen[Int($1)] ? 1 : 0 })
  }

  /// Without its small parts (8-connected).
  /// - Parameter limit: the fewest pixels of a part that stays.
  public func removingParts(smallerThan limit: Int) -> Mask {
    guard limit > 1 else { return self }
    let parts = LabelMap(components: self, connectivity: .eight)
    let stays = [false] + parts.areas.map { $0 >= limit }
    return Mask(
      width: width, height: height, pixels: parts.labels.map { stays[Int($0)] ? 1 : 0 })
  }
}
