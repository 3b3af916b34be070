// Which taps reach which inputs in a convolution with a stride. Inputs whose rows and columns leave
// the same remainders when divided by the stride are reached by the same taps, so the gradient of the
// input is a small convolution for each pair of remainders: together they multiply as often as the
// forward pass, where one convolution of a gradient with zeros between its pixels would multiply
// stride * stride times as often.

import CKernels

/// Inputs of one remainder along one axis, and the taps that reach them.
struct StridedTaps {
  let remainder: Int
  /// The first of the taps; others follow `stride` apart.
  let first: Int
  let taps: Int
  /// The result that the first tap takes to the first of these inputs; the next tap's is the one before.
  let result: Int

  init(remainder: Int, kernel: Int, stride: Int, padding: Int) {
    self.remainder = remainder
    first = (remainder + padding) % stride
    taps = max(0, (kernel - first + stride - 1) / stride)
    result = (remainder + padding) / stride
  }

  /// Results before the image's first that some of these taps take.
  var border: Int { max(0, taps - 1 - result) }
}

/// All of them for one convolution; rows and columns have the same.
struct StridedTapSet {
  let stride: Int
  let all: [StridedTaps]
  /// Zeros before the image of results, and the results and zeros that the inputs of a remainder read
  /// beyond one for each of them.
  let border: Int
  let reach: Int

  init(_ geometry: ConvolutionGeometry) {
    stride = geometry.stride
    all = (0..<geometry.stride).map {
      StridedTaps(
        remainder: $0, kernel: geometry.kernel, stride: geometry.stride, padding: geometry.padding)
    }
    border = all.map(\.border).max() ?? 0
    reach = border + (all.map(\.result).max() ?? 0)
  }

  /// Inputs of one remainder among so many rows or columns.
  func count(_ inputs: Int, of remainder: Int) -> Int {
    (inputs - remainder + stride - 1) / stride
  }

  /// Rows or columns of results, with zeros around them, for so many of inputs.
  func results(_ inputs: Int) -> Int { count(inputs, of: 0) + reach }

  /// Where the last of some taps, the first to be multiplied, begins among the results with zeros.
  func start(_ taps: StridedTaps) -> Int { border + taps.result - (taps.taps - 1) }

  /// Words of the packed weights of `cin` inputs and `cout` filters.
  func packedCount(_ kernels: BFloat16Kernels, _ cin: Int, _ cout: Int) -> Int {
    var count = 0
    forEachRow { count += kernels.packedCount(taps: $2.taps, channels: cin, filters: cout) }
    return count
  }

  /// Calls `body` for each pair of remainders that taps reach.
  func forEachPair(_ body: (_ row: StridedTaps, _ column: StridedTaps) -> Void) {
    for row in all where row.taps > 0 {
      for column in all where column.taps > 0 { body(row, column) }
    }
  }

  /// Calls `body` for each row of taps of each pair of remainders, in the order of the packed weights.
  func forEachRow(_ body: (_ row: StridedTaps, _ tap: Int, _ column: StridedTaps) -> Void) {
    for row in all {
      for column in all where column.taps > 0 {
        for tap in 0..<row.taps { body(row, tap, column) }
      }
    }
  }
}
