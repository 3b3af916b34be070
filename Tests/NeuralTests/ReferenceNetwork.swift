// A network's loss in Double, written as plainly as the definitions: what the engine must agree with.

import Foundation
import Neural

struct ReferenceNetwork {
  let network: Network
  let shapes: [Shape]
  let batch: Int

  init(_ network: Network, batch: Int, height: Int, width: Int) throws {
    self.network = network
    self.batch = batch
    shapes = try network.shapes(height: height, width: width)
  }

  /// The result of the output layer in training, [batch][height][width][channels].
  func output(_ tensors: [String: [Double]], images: [Double], features: [Double]) -> [Double] {
    var values: [[Double]] = []
    for (index, step) in network.steps.enumerated() {
      let inputs = step.inputs.map { (values[$0], shapes[$0]) }
      values.append(
        layer(step, shapes[index], inputs, tensors, images: images, features: features))
    }
    return values[network.outputIndex!]
  }

  private func layer(
    _ step: Network.Step, _ y: Shape, _ inputs: [([Double], Shape)], _ tensors: [String: [Double]],
    images: [Double], features: [Double]
  ) -> [Double] {
    let (x, s) = inputs.first ?? ([], y)
    func tensor(_ suffix: String) -> [Double]? { tensors["\(step.name).\(suffix)"] }
    func at(_ n: Int, _ i: Int, _ j: Int, _ c: Int) -> Double {
      i < 0 || j < 0 || i >= s.height || j >= s.width
        ? 0 : x[((n * s.height + i) * s.width + j) * s.channels + c]
    }
    func each(_ value: (_ n: Int, _ i: Int, _ j: Int, _ c: Int) -> Double) -> [Double] {
      var all: [Double] = []
      for n in 0..<batch {
        for i in 0..<y.height {
          for j in 0..<y.width { for c in 0..<y.channels { all.append(value(n, i, j, c)) } }
        }
      }
      return all
    }
    switch step.layer {
    case .image: return images
    case .features: return features
    case .reflectPad(let top, _, let left, _):
      func mirror(_ i: Int, _ n: Int) -> Int { i < 0 ? -i : i >= n ? 2 * n - 2 - i : i }
      return each { at($0, mirror($1 - top, s.height), mirror($2 - left, s.width), $3) }
    case .crop(let top, let left, _, _): return each { at($0, $1 + top, $2 + left, $3) }
    case .convolution(let layer):
      let w = tensor("weight")!
      let b = tensor("bias")
      let k = layer.kernel
      let (perGroup, filters) = (s.channels / layer.groups, layer.filters / layer.groups)
      return each { n, i, j, f in
        var sum = b?[f] ?? 0
        for c in 0..<perGroup {
          for u in 0..<k {
            for v in 0..<k {
              sum +=
                w[((f * perGroup + c) * k + u) * k + v]
                * at(
                  n, i * layer.stride + (u - k / 2) * layer.dilation,
                  j * layer.stride + (v - k / 2) * layer.dilation, f / filters * perGroup + c)
            }
          }
        }
        return sum
      }
    case .transposedConvolution(let filters, let k, _, _):
      let w = tensor("weight")!
      let b = tensor("bias")
      return each { n, i, j, f in
        (0..<s.channels).reduce(b?[f] ?? 0) {
          $0 + at(n, i / k, j / k, $1) * w[(($1 * filters + f) * k + i % k) * k + j % k]
        }
      }
    case .dense(let units, _):
      let w = tensor("weight")!
      let b = tensor("bias")
      let count = s.count
      return (0..<batch).flatMap { n in
        (0..<units).map { u in
          (0..<count).reduce(b?[u] ?? 0) { $0 + x[n * count + $1] * w[u * count + $1] }
        }
      }
    case .batchNorm(_, let epsilon):
      let total = Double(batch * s.pixels)
      let (gamma, beta) = (tensor("weight")!, tensor("bias")!)
      let moments = (0..<s.channels).map { c in
        let channel = stride(from: c, to: x.count, by: s.channels).map { x[$0] }
        let mean = channel.reduce(0, +) / total
        return (mean, channel.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / total)
      }
      return each { n, i, j, c in
        (at(n, i, j, c) - moments[c].0) / (moments[c].1 + Double(epsilon)).squareRoot() * gamma[c]
          + beta[c]
      }
    case .groupNorm(let groups, let epsilon):
      let (gamma, beta) = (tensor("weight")!, tensor("bias")!)
      let size = s.channels / groups
      return each { n, i, j, c in
        let group = (0..<s.pixels).flatMap { pixel in
          (0..<size).map { at(n, pixel / s.width, pixel % s.width, c / size * size + $0) }
        }
        let mean = group.reduce(0, +) / Double(group.count)
        let variance =
          group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(group.count)
        return (at(n, i, j, c) - mean) / (variance + Double(epsilon)).squareRoot() * gamma[c]
          + beta[c]
      }
    case .activation(let activation):
      return x.map {
        switch activation {
        case .relu: max($0, 0)
        case .relu6: min(max($0, 0), 6)
        case .elu: $0 > 0 ? $0 : exp($0) - 1
        case .silu: $0 / (1 + exp(-$0))
        case .sigmoid: 1 / (1 + exp(-$0))
        }
      }
    case .pool(let kind, let size):
      return each { n, i, j, c in
        let window = (0..<size * size).map { at(n, i * size + $0 / size, j * size + $0 % size, c) }
        return kind == .maximum ? window.max()! : window.reduce(0, +) / Double(size * size)
      }
    case .slidingPool(let kind, let window):
      return each { n, i, j, c in
        var inside: [Double] = []
        for u in 0..<window.size {
          for v in 0..<window.size {
            let (row, column) = (
              i * window.stride + u - window.padding, j * window.stride + v - window.padding
            )
            if (0..<s.height).contains(row), (0..<s.width).contains(column) {
              inside.append(at(n, row, column, c))
            }
          }
        }
        return kind == .maximum
          ? inside.max()! : inside.reduce(0, +) / Double(window.size * window.size)
      }
    case .adaptiveAveragePool(let height, let width):
      return each { n, i, j, c in
        var inside: [Double] = []
        for row in 0..<s.height where row * height < (i + 1) * s.height {
          for column in 0..<s.width where column * width < (j + 1) * s.width {
            // The first pixel is that in which the window begins.
            if row >= i * s.height / height, column >= j * s.width / width {
              inside.append(at(n, row, column, c))
            }
          }
        }
        return inside.reduce(0, +) / Double(inside.count)
      }
    case .globalAveragePool:
      return each { n, _, _, c in
        (0..<s.pixels).reduce(0) { $0 + at(n, $1 / s.width, $1 % s.width, c) } / Double(s.pixels)
      }
    case .upsample(let factor, let interpolation):
      if interpolation == .nearest { return each { at($0, $1 / factor, $2 / factor, $3) } }
      return each { n, i, j, c in
        let v = max((Double(i) + 0.5) / Double(factor) - 0.5, 0)
        let u = max((Double(j) + 0.5) / Double(factor) - 0.5, 0)
        let (r, q) = (Int(v), Int(u))
        let (r1, q1) = (min(r + 1, s.height - 1), min(q + 1, s.width - 1))
        let (a, b) = (v - Double(r), u - Double(q))
        return (1 - a) * ((1 - b) * at(n, r, q, c) + b * at(n, r, q1, c)) + a
          * ((1 - b) * at(n, r1, q, c) + b * at(n, r1, q1, c))
      }
    case .concatenate:
      return each { n, i, j, c in
        var c = c
        for (values, shape) in inputs {
          if c < shape.channels {
            return values[((n * shape.height + i) * shape.width + j) * shape.channels + c]
          }
          c -= shape.channels
        }
        return .nan
      }
    case .coordinates:
      return each { _, i, j, c in
        let (at, count) = c == 0 ? (i, y.height) : (j, y.width)
        return count == 1 ? 0 : -1 + 2 * Double(at) / Double(count - 1)
      }
    case .add, .multiply, .broadcast, .conjunction:
      let (other, t) = step.layer == .broadcast ? inputs[0] : inputs[1]
      return each { n, i, j, c in
        let b =
          other[
            ((n * t.height + min(i, t.height - 1)) * t.width + min(j, t.width - 1)) * t.channels
              + min(c, t.channels - 1)]
        switch step.layer {
        case .add: return at(n, i, j, c) + b
        case .multiply: return at(n, i, j, c) * b
        case .conjunction:
          let p = 1 / (1 + exp(-at(n, i, j, c))) / (1 + exp(-b))
          return log(p / (1 - p))
        default: return b
        }
      }
    case .dropout: return x
    }
  }
}
