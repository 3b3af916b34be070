// Layers without parameters that work on pixels one by one or on windows: forward and backward
// beside each other. Those that a plain U-Net needs are C kernels; the rest is plain Swift.

import CKernels
import Foundation

extension PlanBuilder {
  // MARK: Activations

  func activate(_ index: Int, _ activation: Activation) {
    if activation == .relu {
      clamp(index)
      return
    }
    let (x, y) = (value(network.steps[index].inputs[0]), result(index))
    slice([x, y]) { at in
      x.forEach(at, y) { x, y in y.pointee = activation(x.pointee) }
    }
  }

  func activateBackward(_ index: Int, _ activation: Activation, _ dy: View) {
    let input = network.steps[index].inputs[0]
    let x = value(input)
    let (dx, accumulate) = gradient(into: input)
    slice([x, dy, dx]) { at in
      let (from, gradient, to) = (x.at(at), dy.at(at), dx.at(at))
      for pixel in 0..<x.shape.pixels {
        for channel in 0..<x.shape.channels {
          let slope = activation.slope(from[pixel * x.pitch + channel])
          let value = slope * gradient[pixel * dy.pitch + channel]
          let place = pixel * dx.pitch + channel
          to[place] = accumulate ? to[place] + value : value
        }
      }
    }
  }

  // MARK: Pooling

  func pool(_ index: Int, _ kind: Pooling, _ size: Int) {
    switch kind {
    case .maximum: maxPool(index, size)
    case .average: averagePool(index, size)
    }
  }

  func poolBackward(_ index: Int, _ kind: Pooling, _ size: Int, _ dy: View) {
    switch kind {
    case .maximum: maxPoolBackward(index, size, dy)
    case .average: averagePoolBackward(index, size, dy)
    }
  }

  private func averagePool(_ index: Int, _ size: Int) {
    let (x, y) = (value(network.steps[index].inputs[0]), result(index))
    slice([x, y]) { at in
      y.forEachPixel { row, column, channel in
        var sum: Float = 0
        for i in 0..<size {
          for j in 0..<size {
            sum +=
              x.at(at)[(row * size + i) * x.rowPitch + (column * size + j) * x.pitch + channel]
          }
        }
        y.at(at)[row * y.rowPitch + column * y.pitch + channel] = sum / Float(size * size)
      }
    }
  }

  private func averagePoolBackward(_ index: Int, _ size: Int, _ dy: View) {
    let (dx, accumulate) = gradient(into: network.steps[index].inputs[0])
    slice([dy, dx]) { at in
      let to = dx.at(at)
      dx.forEachPixel { row, column, channel in
        let value =
          dy.at(at)[row / size * dy.rowPitch + column / size * dy.pitch + channel]
          / Float(size * size)
        let place = row * dx.rowPitch + column * dx.pitch + channel
        to[place] = accumulate ? to[place] + value : value
      }
    }
  }

  func globalAverage(_ index: Int) {
    let (x, y) = (value(network.steps[index].inputs[0]), result(index))
    let (kernels, c) = (kernels, x.shape.channels)
    let sums = doubles(batch * c)
    slice([x, y]) { at in
      let sum = sums.pointer + at.image * c
      sum.update(repeating: 0, count: c)
      kernels.call.channel_sums(x.shape.pixels, c, x.at(at), x.pitch, sum)
      for i in 0..<c { y.at(at)[i] = Float(sum[i] / Double(x.shape.pixels)) }
    }
  }

  func globalAverageBackward(_ index: Int, _ dy: View) {
    let (dx, accumulate) = gradient(into: network.steps[index].inputs[0])
    slice([dy, dx]) { at in
      let (from, to) = (dy.at(at), dx.at(at))
      for pixel in 0..<dx.shape.pixels {
        for channel in 0..<dx.shape.channels {
          let value = from[channel] / Float(dx.shape.pixels)
          let place = pixel * dx.pitch + channel
          to[place] = accumulate ? to[place] + value : value
        }
      }
    }
  }

  // MARK: Upsampling

  /// For each row or column of the result: two sources and the second's weight.
  private func taps(_ size: Int, _ factor: Int, _ interpolation: Network.Interpolation)
    -> [(Int, Int, Float)]
  {
    (0..<size * factor).map { i in
      switch interpolation {
      case .nearest: return (i / factor, i / factor, 0)
      case .bilinear:
        let at = max((Float(i) + 0.5) / Float(factor) - 0.5, 0)
        let low = min(Int(at), size - 1)
        return (low, min(low + 1, size - 1), at - Float(low))
      }
    }
  }

  func upsample(_ index: Int, _ factor: Int, _ interpolation: Network.Interpolation) {
    let (x, y) = (value(network.steps[index].inputs[0]), result(index))
    let rows = taps(x.shape.height, factor, interpolation)
    let columns = taps(x.shape.width, factor, interpolation)
    slice([x, y]) { at in
      let (from, to) = (x.at(at), y.at(at))
      for (i, (r0, r1, v)) in rows.enumerated() {
        for (j, (c0, c1, u)) in columns.enumerated() {
          let out = to + i * y.rowPitch + j * y.pitch
          let (a, b) = (
            from + r0 * x.rowPitch + c0 * x.pitch, from + r0 * x.rowPitch + c1 * x.pitch
          )
          let (c, d) = (
            from + r1 * x.rowPitch + c0 * x.pitch, from + r1 * x.rowPitch + c1 * x.pitch
          )
          for k in 0..<x.shape.channels {
            out[k] = (1 - v) * ((1 - u) * a[k] + u * b[k]) + v * ((1 - u) * c[k] + u * d[k])
          }
        }
      }
    }
  }

  func upsampleBackward(
    _ index: Int, _ factor: Int, _ interpolation: Network.Interpolation, _ dy: View
  ) {
    let (dx, accumulate) = gradient(into: network.steps[index].inputs[0])
    let rows = taps(dx.shape.height, factor, interpolation)
    let columns = taps(dx.shape.width, factor, interpolation)
    slice([dy, dx]) { at in
      let (from, to) = (dy.at(at), dx.at(at))
      if !accumulate {
        for pixel in 0..<dx.shape.pixels {
          (to + pixel * dx.pitch).update(repeating: 0, count: dx.shape.channels)
        }
      }
      for (i, (r0, r1, v)) in rows.enumerated() {
        for (j, (c0, c1, u)) in columns.enumerated() {
          let g = from + i * dy.rowPitch + j * dy.pitch
          for k in 0..<dx.shape.channels {
            to[r0 * dx.rowPitch + c0 * dx.pitch + k] += (1 - v) * (1 - u) * g[k]
            to[r0 * dx.rowPitch + c1 * dx.pitch + k] += (1 - v) * u * g[k]
            to[r1 * dx.rowPitch + c0 * dx.pitch + k] += v * (1 - u) * g[k]
            to[r1 * dx.rowPitch + c1 * dx.pitch + k] += v * u * g[k]
          }
        }
      }
    }
  }

  // MARK: Sums and products of images

  func join(_ index: Int) {
    let inputs = network.steps[index].inputs
    let (a, b, y) = (value(inputs[0]), value(inputs[1]), result(index))
    let isProduct = network.steps[index].layer == .multiply
    let second = b.spread(over: y.shape)
    slice([a, b, y]) { at in
      let (p, q, to) = (a.at(at), b.at(at), y.at(at))
      y.forEachPixel { row, column, channel in
        let pixel = row * y.shape.width + column
        let left = p[pixel * a.pitch + channel]
        let right = q[pixel * second.pixel + channel * second.channel]
        to[pixel * y.pitch + channel] = isProduct ? left * right : left + right
      }
    }
  }

  func joinBackward(_ index: Int, _ dy: View) {
    let inputs = network.steps[index].inputs
    let (a, b) = (value(inputs[0]), value(inputs[1]))
    let isProduct = network.steps[index].layer == .multiply
    for side in 0..<2 where isTrained[inputs[side]] {
      let (dx, accumulate) = gradient(into: inputs[side])
      let other = side == 0 ? b : a
      let (own, across) = (dx.spread(over: dy.shape), other.spread(over: dy.shape))
      slice([a, b, dy, dx]) { at in
        let (g, factor, to) = (dy.at(at), other.at(at), dx.at(at))
        if !accumulate {
          for pixel in 0..<dx.shape.pixels {
            (to + pixel * dx.pitch).update(repeating: 0, count: dx.shape.channels)
          }
        }
        dy.forEachPixel { row, column, channel in
          let pixel = row * dy.shape.width + column
          var value = g[pixel * dy.pitch + channel]
          if isProduct { value *= factor[pixel * across.pixel + channel * across.channel] }
          to[pixel * own.pixel + channel * own.channel] += value
        }
      }
    }
  }
}

extension View {
  /// Floats between pixels and between channels when read over a larger shape; 0 where repeated.
  func spread(over shape: Shape) -> (pixel: Int, channel: Int) {
    (
      self.shape.pixels == 1 && shape.pixels > 1 ? 0 : pitch,
      self.shape.channels == 1 && shape.channels > 1 ? 0 : 1
    )
  }

  @inline(__always)
  func forEachPixel(_ body: (_ row: Int, _ column: Int, _ channel: Int) -> Void) {
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        for channel in 0..<shape.channels { body(row, column, channel) }
      }
    }
  }

  /// Calls `body` with every value's place here and in `other` of the same shape.
  @inline(__always)
  func forEach(
    _ at: Position, _ other: View,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let (from, to) = (self.at(at), other.at(at))
    for pixel in 0..<shape.pixels {
      for channel in 0..<shape.channels {
        body(from + pixel * pitch + channel, to + pixel * other.pitch + channel)
      }
    }
  }
}

extension Activation {
  func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .relu: x <= 0 ? 0 : x
    case .elu: x > 0 ? x : expm1(x)
    case .silu: x / (1 + exp(-x))
    case .sigmoid: 1 / (1 + exp(-x))
    }
  }

  /// The derivative at `x`.
  func slope(_ x: Float) -> Float {
    let q = 1 / (1 + exp(-x))
    switch self {
    case .relu: return x > 0 ? 1 : 0
    case .elu: return x > 0 ? 1 : exp(x)
    case .silu: return q * (1 + x * (1 - q))
    case .sigmoid: return q * (1 - q)
    }
  }
}
