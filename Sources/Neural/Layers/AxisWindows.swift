// Pooling and resampling along one axis of an image, its rows or its columns: for each result, the pixels
// that it is worked out from and their weights.

import CKernels

/// For each result along an axis, a span of pixels with weights, as the C kernels want it. Spans
/// begin and end in the order of the results.
final class AxisWindows {
  /// The pixels of a result: from `first` on, one a weight.
  struct Span {
    var first: Int
    var weights: [Float]
  }

  private let spans: [Span]
  /// Pixels of the longest span.
  let longest: Int
  private let first: Memory<Int32>
  private let length: Memory<Int32>
  private let weights: Floats
  private let origin = Memory<Int32>(count: 1, zero: 0)

  private init(_ spans: [Span]) {
    self.spans = spans
    longest = spans.map(\.weights.count).max() ?? 0
    first = Memory(count: spans.count, zero: 0)
    length = Memory(count: spans.count, zero: 0)
    weights = Floats(spans.count * longest)
    for (i, span) in spans.enumerated() {
      first.pointer[i] = Int32(span.first)
      length.pointer[i] = Int32(span.weights.count)
      for (j, weight) in span.weights.enumerated() { weights.pointer[i * longest + j] = weight }
    }
  }

  /// For a call of a kernel; valid as long as this object.
  var kernel: ck_spans {
    ck_spans(
      count: spans.count, first: first.pointer, length: length.pointer, weights: weights.pointer,
      weight_pitch: longest)
  }

  /// The same for one result alone, with its pixels counted from its first.
  func kernel(of result: Int) -> ck_spans {
    ck_spans(
      count: 1, first: origin.pointer, length: length.pointer + result,
      weights: weights.pointer + result * longest, weight_pitch: longest)
  }

  /// The pixels of a result.
  subscript(result: Int) -> Range<Int> {
    let first = spans[result].first
    return first..<first + spans[result].weights.count
  }

  /// The linear map backwards: for each of `count` pixels, the results that it went into.
  func transposed(_ count: Int) -> AxisWindows {
    var results = [Span](repeating: Span(first: 0, weights: []), count: count)
    for (i, span) in spans.enumerated() {
      for (j, weight) in span.weights.enumerated() {
        if results[span.first + j].weights.isEmpty { results[span.first + j].first = i }
        results[span.first + j].weights.append(weight)
      }
    }
    return AxisWindows(results)
  }

  /// Windows on a side of `count` pixels, without what is beyond the image. Weights are those of
  /// a mean for which pixels beyond the image are zeros that count, as in PyTorch.
  static func windows(_ window: Window, of count: Int) -> AxisWindows {
    AxisWindows(
      (0..<window.results(count)).map { i in
        let at = i * window.stride - window.padding
        let inside = max(at, 0)..<min(at + window.size, count)
        return Span(
          first: inside.lowerBound,
          weights: Array(repeating: 1 / Float(window.size), count: inside.count))
      })
  }

  /// The means of `results` windows that cover `count` pixels and are as equal as can be; they
  /// overlap by a pixel where the numbers don't divide.
  static func adaptive(_ results: Int, of count: Int) -> AxisWindows {
    AxisWindows(
      (0..<results).map { i in
        let inside = (i * count / results)..<(((i + 1) * count + results - 1) / results)
        return Span(
          first: inside.lowerBound,
          weights: Array(repeating: 1 / Float(inside.count), count: inside.count))
      })
  }

  /// `count` pixels enlarged `factor` times.
  static func enlarged(_ factor: Int, of count: Int, _ interpolation: Network.Interpolation)
    -> AxisWindows
  {
    AxisWindows(
      (0..<count * factor).map { i in
        switch interpolation {
        case .nearest: return Span(first: i / factor, weights: [1])
        case .bilinear:
          let at = max((Float(i) + 0.5) / Float(factor) - 0.5, 0)
          let low = min(Int(at), count - 1)
          guard low + 1 < count else { return Span(first: low, weights: [1]) }
          return Span(first: low, weights: [1 - (at - Float(low)), at - Float(low)])
        }
      })
  }
}
