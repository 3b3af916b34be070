// A loss whose targets several groups of logits are compared with, for networks with more than one head.

import CKernels
import Foundation

extension Loss {
  /// Deep supervision (Lee and others, 2015): of logits [n, h, w, groups * channels], each group of channels has the
  /// same targets and the same loss. The result is the weighted mean of the groups' losses, in which the first counts 1 and
  /// the others `weight` each.
  ///
  /// With `imageWeight`, one more group comes last, of logits that are the same at all pixels: whether the image holds
  /// a target of a half or more in each channel. It has binary cross entropy, the mean over channels, and counts so much.
  /// - Parameters:
  ///   - groups: 1 or more.
  ///   - channels: of a group.
  ///   - weight: 0 or more.
  ///   - imageWeight: above 0, for losses of sigmoids; nil: there is no such group.
  public static func deepSupervision(
    _ loss: Loss, groups: Int, channels: Int, weight: Float, imageWeight: Float? = nil
  ) -> Loss {
    groups == 1 && imageWeight == nil
      ? loss
      : Loss(
        DeepSupervision(
          loss: loss, alike: groups, channels: channels, weight: weight, imageWeight: imageWeight))
  }
}

struct DeepSupervision: LossFunction {
  var loss: Loss
  /// Groups with the targets of the loss.
  var alike: Int
  var channels: Int
  var weight: Float
  var imageWeight: Float?

  private var function: any LossFunction { loss.function }

  var groups: Int { alike + (imageWeight == nil ? 0 : 1) }
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
    if let imageWeight {
      guard imageWeight > 0, imageWeight.isFinite else {
        return "the weight of the images' own logits should be above 0"
      }
      guard !isOfClasses else {
        return "what an image holds is asked of sigmoids, not of classes that exclude each other"
      }
    }
    return function.problem(channels: channels)
  }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    let (own, all) = (channels, groups * channels)
    let pixels = image.logits.count / all
    let count = pixels * own
    let z = image.own
    let g = z + count
    let total = 1 + weight * Float(alike - 1) + (imageWeight ?? 0)
    guard let logits = image.z, let gradient = image.g else { return 0 }
    var sum = 0.0
    for group in 0..<alike {
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
    if let imageWeight {
      sum += addOfImage(
        image,
        LossShare(factor: share.factor * (imageWeight / total), images: share.images))
    }
    return sum
  }

  /// The cross entropy of the last group, whose gradient all pixels share.
  private func addOfImage(_ image: LossImage, _ share: LossShare) -> Double {
    let all = groups * channels
    let pixels = image.logits.count / all
    guard let logits = image.z, let gradient = image.g, let targets = image.t else { return 0 }
    var sum = 0.0
    for channel in 0..<channels {
      let place = alike * channels + channel
      let isHeld = (0..<pixels).contains { pixel in
        let at = pixel * channels + channel
        return targets[at] >= 0.5 && image.weights?[at / targetsPerWeight] != 0
      }
      let z = logits[place]
      let probability = 1 / (1 + exp(-z))
      // log(1 + e^z) - t z, without overflow.
      sum += Double(max(z, 0) + log1p(exp(-abs(z))) - (isHeld ? z : 0))
      let slope = share.gradient * (probability - (isHeld ? 1 : 0)) / Float(channels * pixels)
      for pixel in 0..<pixels { gradient[pixel * all + place] += slope }
    }
    return Double(share.factor) * sum / Double(channels)
  }
}
