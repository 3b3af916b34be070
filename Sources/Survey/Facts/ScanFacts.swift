// Questions to a picture's samples.

import Imaging

extension Scan {
  /// Whether the first three channels differ in some pixel.
  var isColoured: Bool {
    guard colours >= 3 else { return false }
    return switch samples {
    case .bytes(let values): Self.differ(values, step: channels)
    case .words(let values): Self.differ(values, step: channels)
    case .floats(let values): Self.differ(values, step: channels)
    }
  }

  /// Whether alpha is full in every pixel; true without alpha.
  var isOpaque: Bool {
    guard hasAlpha else { return true }
    let alpha = channels - 1
    return switch samples {
    case .bytes(let values): Self.are(values, Self.sample(fullScale), at: alpha, step: channels)
    case .words(let values): Self.are(values, Self.sample(fullScale), at: alpha, step: channels)
    case .floats(let values): Self.are(values, fullScale, at: alpha, step: channels)
    }
  }

  /// How many pixels have each value in the first channel; nil for floats, and where there are more than
  /// 4,096 values.
  var valueCounts: [Int: Int]? {
    switch samples {
    case .bytes(let values): Self.counts(values, step: channels)
    case .words(let values): Self.counts(values, step: channels)
    case .floats: nil
    }
  }

  /// How many pixels have each colour (0xRRGGBB); nil where there are more colours than `most`, or samples of more
  /// than 8 bit.
  func colourCounts(atMost most: Int) -> [UInt32: Int]? {
    guard let packed = packedColours else { return nil }
    var counts: [UInt32: Int] = [:]
    var (last, run): (UInt32, Int) = (packed[0], 0)
    for colour in packed {
      if colour == last {
        run += 1
        continue
      }
      counts[last, default: 0] += run
      guard counts.count < most else { return nil }
      (last, run) = (colour, 1)
    }
    counts[last, default: 0] += run
    return counts
  }

  private static func sample<Value: FixedWidthInteger>(_ full: Float) -> Value {
    Value(clamping: Int(full))
  }

  private static func differ<Value: Equatable>(_ values: [Value], step: Int) -> Bool {
    values.withUnsafeBufferPointer { values in
      for at in stride(from: 0, to: values.count, by: step)
      where values[at] != values[at + 1] || values[at] != values[at + 2] { return true }
      return false
    }
  }

  private static func are<Value: Equatable>(
    _ values: [Value], _ value: Value, at place: Int, step: Int
  ) -> Bool {
    values.withUnsafeBufferPointer { values in
      for at in stride(from: place, to: values.count, by: step) where values[at] != value {
        return false
      }
      return true
    }
  }

  private static func counts<Value: FixedWidthInteger>(
    _ values: [Value], step: Int
  ) -> [Int: Int]? {
    var counts = [Int](repeating: 0, count: 1 << Value.bitWidth)
    counts.withUnsafeMutableBufferPointer { counts in
      values.withUnsafeBufferPointer { values in
        var at = 0
        while at < values.count {
          counts[Int(values[at])] += 1
          at += step
        }
      }
    }
    var found: [Int: Int] = [:]
    var value = 0
    while value < counts.count {
      if counts[value] > 0 { found[value] = counts[value] }
      value += 1
    }
    return found.count <= 4096 ? found : nil
  }
}
