// Losses as they are computed, image by image: in a plan, where the gradient stays, and apart from one.

import CKernels

/// One image's values.
struct LossImage {
  var kernels: Kernels
  var logits: UnsafeBufferPointer<Float>
  var targets: UnsafeBufferPointer<Float>
  /// One for each `LossFunction.targetsPerWeight` targets; nil for none.
  var weights: UnsafePointer<Float>?
  var gradient: UnsafeMutableBufferPointer<Float>
  /// Room for `Loss.scratchCount` values.
  var scratch: UnsafeMutablePointer<Float>

  /// The logits.
  var z: UnsafePointer<Float>? { logits.baseAddress }
  /// The targets.
  var t: UnsafePointer<Float>? { targets.baseAddress }
  /// The gradient with respect to the logits.
  var g: UnsafeMutablePointer<Float>? { gradient.baseAddress }
  /// The sigmoid of every logit, for losses that need probabilities.
  var probabilities: UnsafeMutablePointer<Float> { scratch }
  /// log(1 + exp(z)), for the same.
  var softplus: UnsafeMutablePointer<Float> { scratch + logits.count }
  /// Room for one loss at a time: behind the probabilities where a loss needs them.
  var own: UnsafeMutablePointer<Float>

  init(
    kernels: Kernels, logits: UnsafeBufferPointer<Float>, targets: UnsafeBufferPointer<Float>,
    weights: UnsafePointer<Float>?, gradient: UnsafeMutableBufferPointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.kernels = kernels
    self.logits = logits
    self.targets = targets
    self.weights = weights
    self.gradient = gradient
    self.scratch = scratch
    own = scratch
  }
}

extension LossFunction {
  /// Floats of all scratch memory for an image.
  func allScratch(pixels: Int, channels: Int) -> Int {
    (needsProbabilities ? 2 * pixels * channels : 0)
      + scratchCount(pixels: pixels, channels: channels)
  }

  /// `add`, behind the sigmoids if it needs them.
  func addWhole(_ image: LossImage, _ share: LossShare) -> Double {
    var image = image
    if needsProbabilities {
      image.kernels.call.sigmoid(
        image.logits.count, image.z, image.probabilities, image.softplus)
      image.own = image.scratch + 2 * image.logits.count
    }
    return add(image, share)
  }
}

extension Loss {
  /// How many targets an image has whose logits have this shape.
  func targetCount(_ logits: Shape) -> Int {
    function.isOfClasses ? logits.pixels : logits.count / function.groups
  }

  /// How many pixel weights go with so many targets.
  func weightCount(targets: Int) -> Int { targets / function.targetsPerWeight }

  /// Why logits of so many channels do not go with this loss, or nil.
  func problem(channels: Int) -> String? { function.problem(channels: channels) }

  /// Floats of scratch memory for an image.
  func scratchCount(pixels: Int, channels: Int) -> Int {
    function.allScratch(pixels: pixels, channels: channels)
  }

  /// What the targets of an image weigh, in the mean over a batch of `images`; nil for their number.
  func mass(
    targets: UnsafeBufferPointer<Float>, weights: UnsafePointer<Float>?, images: Int
  ) -> Double? {
    function.mass(targets: targets, weights: weights).map { $0 / Double(images) }
  }

  /// The loss of one image; adds the gradient of the mean over `images`.
  func add(_ image: LossImage, images: Int, mass: Double?) -> Double {
    function.addWhole(image, LossShare(factor: 1, images: images, mass: mass))
  }

  /// - Parameter kernelLimit: the instruction set to stop at, for tests.
  package func evaluate(
    logits: [Float], targets: [Float], pixelWeights: [Float], count: Int, kernelLimit: Int = 2
  ) -> (value: Double, gradient: [Float]) {
    precondition(
      count > 0 && logits.count % count == 0 && targets.count % count == 0
        && (function.isOfClasses
          ? !targets.isEmpty && logits.count % targets.count == 0
          : targets.count * function.groups == logits.count)
        && targets.count % function.targetsPerWeight == 0
        && (pixelWeights.isEmpty || pixelWeights.count == weightCount(targets: targets.count)),
      "\(count) images, \(logits.count) logits, \(targets.count) targets and "
        + "\(pixelWeights.count) pixel weights do not go together")
    let kernels = Kernels(limit: kernelLimit)
    var gradient = [Float](repeating: 0, count: logits.count)
    let (each, pixels) = (logits.count / count, targets.count / count)
    let channels =
      function.isOfClasses ? each / pixels : function.targetsPerWeight * function.groups
    let scratch = Floats(scratchCount(pixels: each / channels, channels: channels))
    var values = [Double](repeating: 0, count: count)
    logits.withUnsafeBufferPointer { z in
      targets.withUnsafeBufferPointer { t in
        pixelWeights.withUnsafeBufferPointer { w in
          gradient.withUnsafeMutableBufferPointer { g in
            let weights = w.isEmpty ? nil : w.baseAddress
            let mass = mass(targets: t, weights: weights, images: count)
            for image in 0..<count {
              let (logit, target) = (image * each, image * pixels)
              let x = LossImage(
                kernels: kernels,
                logits: .init(rebasing: z[logit..<(logit + each)]),
                targets: .init(rebasing: t[target..<(target + pixels)]),
                weights: weights.map { $0 + weightCount(targets: target) },
                gradient: .init(rebasing: g[logit..<(logit + each)]), scratch: scratch.pointer)
              values[image] = add(x, images: count, mass: mass)
            }
          }
        }
      }
    }
    let value = values.withUnsafeMutableBufferPointer { values in
      values.baseAddress.map { treeSum($0, count) } ?? 0
    }
    return (value / Double(count), gradient)
  }
}
