// A loss as a value. What can be chosen is in the other files of this folder, a loss a file.

/// A loss of logits [n, h, w, channels], of which the mean over the batch's images is taken.
///
/// Most are of targets t in 0...1 of the same shape, each channel a question of its own; with p the
/// sigmoid of a logit z. Cross entropy is of classes, one a channel, and its targets are the numbers
/// of the true classes, [n, h, w].
public struct Loss: Sendable, Equatable {
  let function: any LossFunction

  init(_ function: any LossFunction) { self.function = function }

  /// Whether both are the same loss with the same settings.
  public static func == (a: Loss, b: Loss) -> Bool { a.function.equals(b.function) }

  /// The loss of `count` images, averaged.
  /// - Parameters:
  ///   - logits: `count` images.
  ///   - targets: as many values, in 0...1; of cross entropy, one class number a pixel.
  ///   - pixelWeights: factors of BCE and cross entropy, as many as targets; empty for none.
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
  /// Whether `LossImage.probabilities` and `softplus` are needed.
  var needsProbabilities: Bool { get }
  /// Floats of `LossImage.own` for an image of so many logits.
  func scratchCount(_ logits: Int) -> Int
  /// Why logits of so many channels do not go with this loss, or nil.
  func problem(channels: Int) -> String?
  /// The loss of one image times `share.factor`; adds `share.gradient` times its gradient with respect
  /// to the logits to `image.g`.
  func add(_ image: LossImage, _ share: LossShare) -> Double
}

extension LossFunction {
  var isOfClasses: Bool { false }
  var needsProbabilities: Bool { false }
  func scratchCount(_ logits: Int) -> Int { 0 }
  func problem(channels: Int) -> String? { nil }

  fileprivate func equals(_ other: any LossFunction) -> Bool { (other as? Self) == self }
}

/// What a loss of one image counts in the loss of a batch.
struct LossShare {
  /// The weight in a sum of losses.
  var factor: Float
  /// Images of the batch.
  let images: Int

  /// The factor of an image's gradient: the batch's loss is a mean.
  var gradient: Float { factor / Float(images) }
}
