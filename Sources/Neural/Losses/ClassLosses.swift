// Losses of a softmax over classes that exclude each other.

import CKernels

extension Loss {
  /// Cross entropy over two or more classes: the mean over pixels of -log softmax(z)[t], multiplied
  /// by the pixel's weight if the batch comes with weights. Targets are 0, 1 … as `Float`, or
  /// `ignored`; one that is no class makes the loss NaN.
  public static let crossEntropy = crossEntropy(weights: nil)

  /// Cross entropy with weights of classes, as PyTorch's: sum(v w l) / sum(v) over the pixels that
  /// count, with v the weight of the true class and w the pixel's.
  public static func crossEntropy(weights: [Float]?) -> Loss {
    Loss(ClassLoss(crossEntropy: 1, weights: weights))
  }

  /// Soft Dice of the softmax's probabilities, class by class: of each image the weighted mean, over the
  /// classes that it holds, of 1 - (2 sum(p) where true + smooth) / (sum(p) + pixels that are true +
  /// smooth). A class that isn't there has no Dice: whatever little is predicted of it would be as bad
  /// as all (as in segmentation_models_pytorch).
  public static func softmaxDice(smooth: Float = 1, weights: [Float]? = nil) -> Loss {
    Loss(ClassLoss(dice: 1, smooth: smooth, weights: weights))
  }

  /// Lovász-softmax (Berman et al., 2018): of each image the weighted mean, over the classes that it
  /// holds, of the Lovász extension of the Jaccard loss at the errors 1 - p where the class is true and p
  /// elsewhere.
  public static func lovaszSoftmax(weights: [Float]? = nil) -> Loss {
    Loss(ClassLoss(lovasz: 1, weights: weights))
  }

  /// The focal loss of a softmax (Lin et al., 2017): as cross entropy, of (1 - q)^gamma (-log q) with q
  /// the probability of the true class.
  public static func softmaxFocal(gamma: Float = 2, weights: [Float]? = nil) -> Loss {
    Loss(ClassLoss(focal: 1, gamma: gamma, weights: weights))
  }
}

/// A weighted sum of losses of classes, which share one softmax.
struct ClassLoss: LossFunction {
  var crossEntropy: Float = 0
  var dice: Float = 0
  var lovasz: Float = 0
  var focal: Float = 0
  /// Of Dice; nil where there is none.
  var smooth: Float?
  /// Of the focal loss; nil where there is none.
  var gamma: Float?
  /// One a class.
  var weights: [Float]?

  /// The sum of terms as one loss; nil where they are of other kinds or have other settings.
  static func merging(_ terms: [Loss.Term]) -> ClassLoss? {
    guard let first = terms.first?.loss.function as? ClassLoss else { return nil }
    var sum = ClassLoss(weights: first.weights)
    for term in terms {
      guard let own = term.loss.function as? ClassLoss, own.weights == sum.weights,
        own.smooth == sum.smooth || own.smooth == nil || sum.smooth == nil,
        own.gamma == sum.gamma || own.gamma == nil || sum.gamma == nil
      else { return nil }
      sum.crossEntropy += term.weight * own.crossEntropy
      sum.dice += term.weight * own.dice
      sum.lovasz += term.weight * own.lovasz
      sum.focal += term.weight * own.focal
      sum.smooth = sum.smooth ?? own.smooth
      sum.gamma = sum.gamma ?? own.gamma
    }
    return sum
  }

  var isOfClasses: Bool { true }

  /// Pixels that are worked on at once: all where Dice or Lovász sum over them, else as many as stay in
  /// the second-level cache.
  private func piece(_ pixels: Int) -> Int {
    dice != 0 || lovasz != 0 ? pixels : min(pixels, 1024)
  }

  func scratchCount(pixels: Int, channels: Int) -> Int {
    let pitch = planePitch(piece(pixels))
    return channels * pitch * (lovasz != 0 ? 2 : 1) + (lovasz != 0 ? 4 * pitch : 0) + 3 * pitch
      + gradientScratch * channels
  }

  func problem(channels: Int) -> String? {
    if channels < 2 {
      return "cross entropy needs two classes or more, the network's output has \(channels) channel"
    }
    if channels > Loss.mostClasses {
      return
        "losses of classes take at most \(Loss.mostClasses), the network's output has \(channels)"
    }
    if let weights {
      if weights.count != channels {
        return "\(weights.count) weights of classes do not go with the network's output of "
          + "\(channels) channels"
      }
      if !weights.allSatisfy({ $0 >= 0 && $0.isFinite }) || weights.reduce(0, +) <= 0 {
        return "the weights of classes should be 0 or more, and one of them above 0"
      }
    }
    return nil
  }

  /// With class weights, the sum of those of the pixels that count; else the number of these.
  func mass(targets: UnsafeBufferPointer<Float>, weights: UnsafePointer<Float>?) -> Double? {
    var sum = 0.0
    for (pixel, target) in targets.enumerated() {
      if target == Loss.ignored || weights?[pixel] == 0 { continue }
      guard let classes = self.weights else {
        sum += 1
        continue
      }
      // What is no class makes the loss NaN anyway.
      guard target >= 0, let number = Int(exactly: target), number < classes.count else {
        return .nan
      }
      sum += Double(classes[number])
    }
    return sum
  }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    let pixels = image.targets.count
    let room = Room(image, pixels: piece(pixels), channels: image.logits.count / pixels)
    var sum = 0.0
    for first in stride(from: 0, to: pixels, by: piece(pixels)) {
      sum += add(image, share, first..<min(first + piece(pixels), pixels), room)
    }
    return Double(share.factor) * sum
  }

  /// Where intermediate values of an image, or of a piece of it, lie.
  private struct Room {
    let channels: Int
    let pitch: Int
    /// Planes of probabilities.
    let p: UnsafeMutablePointer<Float>
    /// Of each pixel: -log p of the true class, its weight, and the gradient by the former.
    let cost, weight, slope: UnsafeMutablePointer<Float>
    let scratch: UnsafeMutablePointer<Float>
    /// What a sort needs, and planes of the gradient by probabilities; for Lovász alone.
    let sorting, dp: UnsafeMutablePointer<Float>

    init(_ image: LossImage, pixels: Int, channels: Int) {
      self.channels = channels
      pitch = planePitch(pixels)
      p = image.own
      cost = p + channels * pitch
      weight = cost + pitch
      slope = weight + pitch
      scratch = slope + pitch
      sorting = scratch + gradientScratch * channels
      dp = sorting + 4 * pitch
    }
  }

  /// The losses of some pixels, without the share's factor.
  private func add(_ image: LossImage, _ share: LossShare, _ range: Range<Int>, _ room: Room)
    -> Double
  {
    guard let t = image.t.map({ $0 + range.lowerBound }), let z = image.z, let g = image.g else {
      return 0
    }
    let (count, first, call) = (range.count, range.lowerBound * room.channels, image.kernels.call)
    call.softmax(
      count, room.channels, z + first, t, image.weights.map { $0 + range.lowerBound }, room.p,
      room.pitch, room.cost, room.weight)
    // Without a loss of pixels the sum is 0, and NaN where something is no number or class.
    let divisor = share.divisor(image.targets.count) ?? 1
    var loss =
      (weights ?? []).withUnsafeBufferPointer {
        call.class_costs(
          count, room.cost, room.weight, t, $0.isEmpty ? nil : $0.baseAddress, crossEntropy, focal,
          gamma ?? 2,
          share.gradient / Float(divisor), room.slope)
      } / divisor
    var region: [Float]?
    if dice != 0 || lovasz != 0 {
      let parts = addRegions(image, share, t, count, room)
      loss += parts.loss
      region = parts.region
    }
    (region ?? []).withUnsafeBufferPointer { region in
      call.softmax_gradient(
        count, room.channels, room.p, room.pitch, t, room.weight, room.slope,
        region.isEmpty ? nil : region.baseAddress, lovasz != 0 ? room.dp : nil, room.scratch,
        g + first)
    }
    return loss
  }

  /// Dice and Lovász of a whole image, and what `softmax_gradient` wants of the former.
  private func addRegions(
    _ image: LossImage, _ share: LossShare, _ t: UnsafePointer<Float>, _ count: Int, _ room: Room
  ) -> (loss: Double, region: [Float]?) {
    let (channels, call) = (room.channels, image.kernels.call)
    var sums = [Double](repeating: 0, count: 3 * channels)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      call.class_sums(
        count, channels, room.p, room.pitch, t, room.weight, sums, sums + channels,
        sums + 2 * channels)
    }
    let shares = (0..<channels).map { sums[2 * channels + $0] > 0 ? weights?[$0] ?? 1 : 0 }
    let total = shares.reduce(0, +)
    var region: [Float]? = dice != 0 ? Array(repeating: 0, count: 2 * channels) : nil
    var loss = 0.0
    if lovasz != 0 { room.dp.update(repeating: 0, count: channels * room.pitch) }
    for channel in 0..<channels where shares[channel] > 0 {
      let factor = shares[channel] / total
      if dice != 0 {
        let smooth = Double(smooth ?? 1)
        let top = 2 * sums[channel] + smooth
        let bottom = sums[channels + channel] + sums[2 * channels + channel] + smooth
        loss += Double(dice * factor) * (1 - top / bottom)
        let scale = Double(share.gradient * dice * factor)
        region?[2 * channel] = Float(scale * top / (bottom * bottom))
        region?[2 * channel + 1] = Float(-2 * scale / bottom)
      }
      if lovasz != 0 {
        let own = call.lovasz_class(
          count, room.p + channel * room.pitch, t, room.weight, Float(channel),
          image.weights == nil ? 0 : 1, share.gradient * lovasz * factor, room.sorting,
          room.dp + channel * room.pitch)
        loss += Double(lovasz * factor) * own
      }
    }
    return (loss, region)
  }
}

/// Floats a channel of `softmax_gradient`.
private let gradientScratch = 1024
