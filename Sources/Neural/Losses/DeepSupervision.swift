// A loss whose targets several groups of logits are compared with, for networks with more than one head.

import CKernels

extension Loss {
  /// Deep supervision (Lee and others, 2015): of logits [n, h, w, groups * channels], each group of channels has the
  /// same targets and the same loss. The result is the weighted mean of the groups' losses, in which the first counts 1 and
  /// the others `weight` each.
  /// - Parameters:
  ///   - groups: 1 or more.
  ///   - channels: of a group.
  ///   - weight: 0 or more.
  public static func deepSupervision(
    _ loss: Loss, groups: Int, channels: Int, weight: Float
  ) -> Loss {
    groups == 1
      ? loss
      : Loss(DeepSupervision(loss: loss, groups: groups, channels: channels, weight: weight))
  }
}

struct DeepSupervision: LossFunction {
  var loss: Loss
  var groups: Int
  var channels: Int
  var weight: Float

  private var function: any LossFunction { loss.function }

  var isOfClasses: Bool { function.isOfClasses }
  var targetsPerWeight: Int { function.targetsPerWeight }

  /// A group's logits and their gradient, then what the loss needs.
  func scratchCount(pixels: Int, channels _: Int) -> Int {
    2 * pixels * channels + function.allScratch(pixels: pixels, channels: channels)
  }

  func mass(targets: UnsafeBufferPointer<Float>, weights: UnsafePointer<Float>?) -> Double? {
    function.mass(targets: targets, weights: weights)
  }

  func problem(channels all: Int) -> String? {
    guard all == groups * channels else {
      return "\(all) logits a pixel are no \(groups) groups of \(channels)"
    }
    guard weight >= 0, weight.isFinite else {
      return "the weight of the other groups should be 0 or more"
    }
    return function.problem(channels: channels)
  }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    let (own, all) = (channels, groups * channels)
    let pixels = image.logits.count / all
    let count = pixels * own
    let z = image.own
    let g = z + count
    let total = 1 + weight * Float(groups - 1)
    var sum = 0.0
    guard let logits = image.z, let gradient = image.g else { return 0 }
    for group in 0..<groups {
      let first = group * own
      for pixel in 0..<pixels {
        for channel in 0..<own { z[pixel * own + channel] = logits[pixel * all + first + channel] }
      }
      g.update(repeating: 0, count: count)
      let part = LossImage(
        kernels: image.kernels, logits: .init(start: z, count: count), targets: image.targets,
        weights: image.weights, gradient: .init(start: g, count: count), scratch: g + count)
      let factor = (group == 0 ? 1 : weight) / total
      sum += function.addWhole(
        part,
        LossShare(factor: share.factor * factor, images: share.images, mass: share.mass))
      for pixel in 0..<pixels {
        for channel in 0..<own {
          gradient[pixel * all + first + channel] += g[pixel * own + channel]
        }
      }
    }
    return sum
  }
}
