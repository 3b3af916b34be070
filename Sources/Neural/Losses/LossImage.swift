// Losses as they are computed, image by image: in a plan, where the gradient stays, and apart from one.

import CKernels

/// One image's values.
struct LossImage {
  var kernels: Kernels
  var logits: UnsafeBufferPointer<Float>
  var targets: UnsafeBufferPointer<Float>
  /// As many as targets; nil for none.
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
  /// Room for one loss at a time.
  var own: UnsafeMutablePointer<Float> { scratch + 2 * logits.count }
}

extension Loss {
  /// How many targets an image has whose logits have this shape.
  func targetCount(_ logits: Shape) -> Int { function.isOfClasses ? logits.pixels : logits.count }

  /// Why logits of so many channels do not go with this loss, or nil.
  func problem(channels: Int) -> String? { function.problem(channels: channels) }

  /// Floats of scratch memory for an image of so many logits.
  func scratchCount(_ logits: Int) -> Int { 2 * logits + function.scratchCount(logits) }

  /// The loss of one image; adds the gradient of the mean over `images`.
  func add(_ image: LossImage, images: Int) -> Double {
    if function.needsProbabilities {
      image.kernels.call.sigmoid(
        image.logits.count, image.z, image.probabilities, image.softplus)
    }
    return function.add(image, LossShare(factor: 1, images: images))
  }

  /// - Parameter kernelLimit: the instruction set to stop at, for tests.
  package func evaluate(
    logits: [Float], targets: [Float], pixelWeights: [Float], count: Int, kernelLimit: Int = 2
  ) -> (value: Double, gradient: [Float]) {
    precondition(
      count > 0 && logits.count % count == 0 && targets.count % count == 0
        && (function.isOfClasses
          ? !targets.isEmpty && logits.count % targets.count == 0 : targets.count == logits.count)
        && (pixelWeights.isEmpty || pixelWeights.count == targets.count),
      "\(count) images, \(logits.count) logits, \(targets.count) targets and "
        + "\(pixelWeights.count) pixel weights do not go together")
    let kernels = Kernels(limit: kernelLimit)
    var gradient = [Float](repeating: 0, count: logits.count)
    let (each, pixels) = (logits.count / count, targets.count / count)
    let scratch = Floats(scratchCount(each))
    var values = [Double](repeating: 0, count: count)
    logits.withUnsafeBufferPointer { z in
      targets.withUnsafeBufferPointer { t in
        pixelWeights.withUnsafeBufferPointer { w in
          gradient.withUnsafeMutableBufferPointer { g in
            for image in 0..<count {
              let (logit, target) = (image * each, image * pixels)
              let x = LossImage(
                kernels: kernels,
                logits: .init(rebasing: z[logit..<(logit + each)]),
                targets: .init(rebasing: t[target..<(target + pixels)]),
                weights: w.isEmpty ? nil : w.baseAddress.map { $0 + target },
                gradient: .init(rebasing: g[logit..<(logit + each)]), scratch: scratch.pointer)
              values[image] = add(x, images: count)
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
