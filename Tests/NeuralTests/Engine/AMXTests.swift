// The kernels for AMX on an emulation of its tiles: sizes that fill no tile, against sums in Double.
// Whole layers and networks run through them in BFloat16Tests.

import CKernels
import Neural
import Testing

/// Sizes of a convolution over a dense image without padding.
private struct Sizes: CustomTestStringConvertible {
  var rows = 3
  var cols = 16
  var kernel = 3
  var channels = 32
  var filters = 32
  var stride = 1
  var dilation = 1
  /// With bias, ReLU, and results added to what is there.
  var finish = false

  var testDescription: String {
    "\(rows)x\(cols) results, \(kernel)x\(kernel) taps, \(channels) to \(filters), "
      + "stride \(stride), dilation \(dilation)\(finish ? ", finished" : "")"
  }

  var reach: Int { dilation * (kernel - 1) + 1 }
  var inputRows: Int { (rows - 1) * stride + reach }
  var inputColumns: Int { (cols - 1) * stride + reach }
}

/// Sizes drawn from those around the tiles'.
private func drawn(_ count: Int) -> [Sizes] {
  var generator = GoldenGenerator(state: 17)
  func pick<Value>(_ values: [Value]) -> Value {
    let place = (generator.values(1)[0] + 1) / 2 * Float(values.count)
    return values[min(Int(place), values.count - 1)]
  }
  return (0..<count).map { _ in
    Sizes(
      rows: pick([1, 2, 3, 5, 9]), cols: pick([1, 3, 4, 5, 8, 15, 16, 17, 31, 33, 40]),
      kernel: pick([1, 2, 3, 3, 3, 5]), channels: pick([1, 2, 3, 8, 16, 17, 24, 33, 48, 64, 70]),
      filters: pick([1, 4, 7, 8, 9, 16, 17, 24, 25, 32, 33, 40, 41, 48, 70]),
      stride: pick([1, 1, 2]), dilation: pick([1, 1, 2]), finish: pick([false, true]))
  }
}

/// More runs with a shortened last step than the kernel has room for, 7 x 7 taps, no step at all.
private let special = [
  Sizes(cols: 9, kernel: 6, channels: 34, filters: 20, dilation: 2),
  Sizes(cols: 20, kernel: 7, channels: 3, filters: 64, stride: 2),
  Sizes(rows: 1, cols: 1, kernel: 1, channels: 256, filters: 10),
  Sizes(rows: 8, cols: 8, channels: 64, filters: 64),
  Sizes(rows: 40, cols: 18, channels: 16, filters: 16),
]

/// A bfloat16 number.
private func number(_ value: Float) -> UInt32 {
  let bits = value.bitPattern
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16
}

private func value(_ number: UInt32) -> Double { Double(Float(bitPattern: number << 16)) }

private func word(_ first: UInt32, _ second: UInt32) -> Float {
  Float(bitPattern: first | second << 16)
}

private let isMissing = ck_select_bfloat16(CK_TILES_EMULATED) == nil

@Suite(.disabled(if: isMissing, "this processor lacks AVX512_BF16")) struct AMXTests {
  private let emulated = ck_select_bfloat16(CK_TILES_EMULATED)!.pointee

  /// Products of bfloat16 numbers are exact in float32, and sums of up to 2,500 of them lose little.
  private func check(_ got: [Float], _ expected: [Double], terms: [Double]) {
    var worst = 0.0
    for i in got.indices {
      worst = max(worst, abs(Double(got[i]) - expected[i]) / max(terms[i], 1e-30))
    }
    #expect(got.count == expected.count)
    let areFinite = got.allSatisfy(\.isFinite)
    #expect(areFinite)
    #expect(worst < 3e-6)
  }

  @Test(arguments: drawn(150) + special) private func forward(_ s: Sizes) {
    var generator = GoldenGenerator(state: 5)
    let words = (s.channels + 1) / 2
    let pixels = s.inputRows * s.inputColumns
    let image = (0..<pixels).map { _ in generator.values(s.channels).map(number) + [0] }
    let weights = generator.values(s.kernel * s.kernel * s.channels * s.filters)
    let bias = generator.values(s.filters)
    var g = ck_conv()
    (g.rows, g.cols, g.kh, g.kw) = (s.rows, s.cols, s.kernel, s.kernel)
    (g.cin, g.cout) = (words, s.filters)
    (g.x_row, g.x_col) = (s.stride * s.inputColumns * words, s.stride * words)
    (g.tap_row, g.tap_col) = (s.dilation * s.inputColumns * words, s.dilation * words)
    // A channel more than there are filters, which must stay as it is.
    (g.y_row, g.y_col) = (s.cols * (s.filters + 1), s.filters + 1)
    (g.relu, g.accumulate) = (s.finish ? 1 : 0, s.finish ? 1 : 0)
    // What lies behind the image must not be read, not even times zero.
    var x = [Float](repeating: .nan, count: pixels * words + 64)
    for pixel in 0..<pixels {
      for i in 0..<words {
        x[pixel * words + i] = word(image[pixel][2 * i], image[pixel][2 * i + 1])
      }
    }
    var packed = [Float](
      repeating: .nan,
      count: emulated.packed_count(s.kernel * s.kernel, s.channels, s.filters))
    emulated.pack(
      s.kernel * s.kernel, s.channels, s.filters, weights, s.channels * s.filters, s.filters, 1, 0,
      &packed)
    let before = generator.values(s.rows * s.cols * (s.filters + 1))
    var y = before
    emulated.conv(&g, x, packed, s.finish ? bias : nil, &y)

    var (got, expected, terms) = ([Float](), [Double](), [Double]())
    for row in 0..<s.rows {
      for col in 0..<s.cols {
        let at = (row * s.cols + col) * (s.filters + 1)
        #expect(y[at + s.filters] == before[at + s.filters])
        for filter in 0..<s.filters {
          var sum = s.finish ? Double(bias[filter]) + Double(before[at + filter]) : 0
          var magnitude = abs(sum)
          for i in 0..<s.kernel {
            for j in 0..<s.kernel {
              let pixel =
                (row * s.stride + i * s.dilation) * s.inputColumns + col * s.stride + j * s.dilation
              for channel in 0..<s.channels {
                let place = ((i * s.kernel + j) * s.channels + channel) * s.filters + filter
                let product = value(image[pixel][channel]) * value(number(weights[place]))
                sum += product
                magnitude += abs(product)
              }
            }
          }
          got.append(y[at + filter])
          expected.append(s.finish ? max(sum, 0) : sum)
          terms.append(magnitude)
        }
      }
    }
    check(got, expected, terms: terms)
  }

  @Test(arguments: drawn(150) + special) private func weightGradients(_ s: Sizes) {
    var generator = GoldenGenerator(state: 6)
    let channels = (s.channels + 1) / 2 * 2
    let pairs = (s.cols + 1) / 2
    // Rows long enough for the neighbour of the last result.
    let columns = (2 * pairs - 1) * s.stride + s.reach
    let pixels = s.inputRows * columns
    let image = (0..<(pixels + s.stride)).map { _ in generator.values(channels).map(number) }
    let gradient = (0..<(s.rows * s.cols)).map { _ in generator.values(s.filters).map(number) }
    var g = ck_conv()
    (g.rows, g.cols, g.kh, g.kw) = (s.rows, pairs, s.kernel, s.kernel)
    (g.cin, g.cout) = (channels, s.filters)
    (g.x_row, g.x_col) = (s.stride * columns * channels, 2 * s.stride * channels)
    (g.tap_row, g.tap_col) = (s.dilation * columns * channels, s.dilation * channels)
    (g.y_row, g.y_col) = (pairs * s.filters, s.filters)
    var x = [Float](repeating: .nan, count: pixels * channels + 16)
    for pixel in 0..<pixels {
      for i in 0..<channels {
        x[pixel * channels + i] = word(image[pixel][i], image[pixel + s.stride][i])
      }
    }
    var dy = [Float](repeating: 0, count: s.rows * pairs * s.filters)
    for i in dy.indices {
      let (row, col, filter) = (
        i / s.filters / pairs, 2 * (i / s.filters % pairs), i % s.filters
      )
      let second = col + 1 < s.cols ? gradient[row * s.cols + col + 1][filter] : 0
      dy[i] = word(gradient[row * s.cols + col][filter], second)
    }
    let before = generator.values(s.kernel * s.kernel * channels * s.filters)
    var dw = before
    emulated.conv_weights(&g, x, dy, &dw)

    var (expected, terms) = ([Double](), [Double]())
    for place in before.indices {
      let (channel, j) = (place % channels, place / channels % s.kernel)
      let filter = place / channels / s.kernel % s.filters
      let i = place / channels / s.kernel / s.filters
      var sum = Double(before[place])
      var magnitude = abs(sum)
      for row in 0..<s.rows {
        for col in 0..<s.cols {
          let pixel = (row * s.stride + i * s.dilation) * columns + col * s.stride + j * s.dilation
          let product =
            value(image[pixel][channel]) * value(gradient[row * s.cols + col][filter])
          sum += product
          magnitude += abs(product)
        }
      }
      expected.append(sum)
      terms.append(magnitude)
    }
    check(dw, expected, terms: terms)
  }

  /// The trial that AMX has to pass before it is used.
  @Test func trialTellsRightFromWrong() {
    var vectors = ck_select_bfloat16(CK_TILES_NONE)!.pointee
    var tiles = emulated
    #expect(ck_agree(&tiles, &vectors) == 1)
    tiles.conv = { _, _, _, _, _ in }
    #expect(ck_agree(&tiles, &vectors) == 0)
    tiles = emulated
    tiles.conv_weights = { _, _, _, _ in }
    #expect(ck_agree(&tiles, &vectors) == 0)
  }

  /// On processors with AMX this runs the instructions.
  @Test func amxIsReadyOrSaysWhyNot() {
    #expect(AMX.here != .wrong, "\(AMX.here)")
    #expect((AMX.here == .absent) == (ck_has_amx_bfloat16() == 0))
  }
}
