// A loss as a value. What can be chosen is in the other files of this folder, a loss a file.

/// A loss of logits [n, h, w, channels], of which the mean over the batch's images is taken.
///
/// There are three kinds:
/// - of sigmoids (`bce`, `dice`, `lovaszHinge`, `focal`): targets t in 0...1 of the same shape, with p
///   the sigmoid of a logit z. All logits of an image are one list, whatever their channel.
/// - of channels (`channels`): each channel is a question of its own, and has a loss of sigmoids.
/// - of classes (`crossEntropy`, `softmaxDice`, `lovaszSoftmax`, `softmaxFocal`): one channel a class,
///   of which one is true; targets are the numbers of the true classes, [n, h, w].
///
/// A pixel may have a weight w; one of weight 0 counts for nothing. Means over pixels are over those of
/// the batch that count: their costs are multiplied by w, and divided by how many there are. In Dice and
/// the Lovász losses a pixel counts as w pixels. Where nothing counts, the loss is 0.
public struct Loss: Sendable, Equatable {
  let function: any LossFunction

  init(_ function: any LossFunction) { self.function = function }

  /// The target of a pixel that counts for nothing in losses of classes.
  public static let ignored: Float = 255

  /// The most classes, and the most channels, that losses take.
  public static let mostClasses = 255

  /// Whether both are the same loss with the same settings.
  public static func == (a: Loss, b: Loss) -> Bool { a.function.equals(b.function) }

  /// The loss of `count` images, averaged.
  /// - Parameters:
  ///   - logits: `count` images.
  ///   - targets: as many values, in 0...1; of classes, one class number a pixel.
  ///   - pixelWeights: one a pixel, 0 or more, which all channels share; empty for none. Losses of
  ///     sigmoids that aren't in `channels` take one a target.
  public func value(
    logits: [Float], targets: [Float], pixelWeights: [Float] = [], count: Int
  ) -> Double {
    evaluate(logits: logits, targets: targets, pixelWeights: pixelWeights, count: count).value
  }

  /// The loss of `count` images and its gradient with respect to the logits.
  public func valueAndGradient(
    logits: [Float], targets: [Float], pixelWeights: [Float] = [], count: Int
  ) -> (value: Double, gradient: [Float]) {
    evaluate(logits: logits, targets: targets, pixelWeights: pixelWeights, count: count)
  }
}

/// How a loss is computed, with its settings: what a new loss has to say.
protocol LossFunction: Sendable, Equatable {
  /// Whether targets are class numbers, one a pixel.
  var isOfClasses: Bool { get }
  /// Groups of logits that the same targets are compared with.
  var groups: Int { get }
  /// Targets that share a pixel weight: the number of channels, or 1.
  var targetsPerWeight: Int { get }
  /// Whether `LossImage.probabilities` and `softplus` are needed.
  var needsProbabilities: Bool { get }
  /// Floats of `LossImage.own` for an image.
  func scratchCount(pixels: Int, channels: Int) -> Int
  /// Why logits of so many channels do not go with this loss, or nil.
  func problem(channels: Int) -> String?
  /// What the targets weigh together by which means over pixels are divided; nil for their number.
  func mass(targets: UnsafeBufferPointer<Float>, weights: UnsafePointer<Float>?) -> Double?
  /// The loss of one image times `share.factor`; adds `share.gradient` times its gradient with respect
  /// to the logits to `image.g`.
  func add(_ image: LossImage, _ share: LossShare) -> Double
}

extension LossFunction {
  var isOfClasses: Bool { false }
  var groups: Int { 1 }
  var targetsPerWeight: Int { 1 }
  var needsProbabilities: Bool { false }
  func scratchCount(pixels: Int, channels: Int) -> Int { 0 }
  func problem(channels: Int) -> String? { nil }

  func mass(targets: UnsafeBufferPointer<Float>, weights: UnsafePointer<Float>?) -> Double? {
    weights.map { weights in
      let pixels = UnsafeBufferPointer(start: weights, count: targets.count / targetsPerWeight)
      return Double(pixels.reduce(0) { $0 + ($1 == 0 ? 0 : 1) })
    }
  }

  fileprivate func equals(_ other: any LossFunction) -> Bool { (other as? Self) == self }
}

/// What a loss of one image counts in the loss of a batch.
struct LossShare {
  /// The weight in a sum of losses.
  var factor: Float
  /// Images of the batch.
  let images: Int
  /// What the targets of an image weigh, in the mean over the batch; nil for their number.
  var mass: Double?

  /// The factor of an image's gradient: the batch's loss is a mean.
  var gradient: Float { factor / Float(images) }

  /// What divides a sum over so many pixels; nil where none of them counts.
  func divisor(_ pixels: Int) -> Double? {
    let mass = mass ?? Double(pixels)
    return mass > 0 || mass.isNaN ? mass : nil
  }
}
