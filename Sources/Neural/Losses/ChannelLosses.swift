// Losses of several channels that each ask a question of their own.

import CKernels

extension Loss {
  /// Each channel's own loss, of sigmoids, and the weighted mean of them: sum(w l) / sum(w). Targets
  /// are [n, h, w, channels] in 0...1; a pixel's weight is that of all its channels.
  /// - Parameter channels: weight and loss of each channel, in order; weights 0 or more, and not all 0.
  public static func channels(_ channels: [Term]) -> Loss { Loss(ChannelLosses(terms: channels)) }
}

struct ChannelLosses: LossFunction {
  var terms: [Loss.Term]

  private var functions: [any LossFunction] { terms.map(\.loss.function) }

  var targetsPerWeight: Int { max(1, terms.count) }

  /// Planes of logits, targets and gradients, then what one channel needs, or its share of `add_planes`.
  func scratchCount(pixels: Int, channels: Int) -> Int {
    let each = functions.map { $0.allScratch(pixels: pixels, channels: 1) }.max() ?? 0
    return 3 * terms.count * planePitch(pixels) + max(each, planeScratch * terms.count)
  }

  func problem(channels: Int) -> String? {
    if channels != terms.count {
      return "losses of \(terms.count) channels do not go with the network's output of \(channels)"
    }
    if !(terms.allSatisfy { $0.weight >= 0 && $0.weight.isFinite }) || totalWeight <= 0 {
      return "the weights of channels should be 0 or more, and one of them above 0"
    }
    if functions.contains(where: { $0.isOfClasses || $0.targetsPerWeight > 1 }) {
      return "a channel's loss should be one of sigmoids"
    }
    return functions.lazy.compactMap { $0.problem(channels: 1) }.first
  }

  private var totalWeight: Float { terms.reduce(0) { $0 + $1.weight } }

  func add(_ image: LossImage, _ share: LossShare) -> Double {
    let count = terms.count
    let pixels = image.logits.count / count
    let (pitch, call) = (planePitch(pixels), image.kernels.call)
    let z = image.own
    let t = z + count * pitch
    let g = t + count * pitch
    let room = g + count * pitch
    call.transpose(pixels, count, image.z, count, z, pitch)
    call.transpose(pixels, count, image.t, count, t, pitch)
    g.update(repeating: 0, count: count * pitch)
    let total = totalWeight
    var sum = 0.0
    for (channel, term) in terms.enumerated() where term.weight > 0 {
      let at = channel * pitch
      let plane = LossImage(
        kernels: image.kernels, logits: .init(start: z + at, count: pixels),
        targets: .init(start: t + at, count: pixels), weights: image.weights,
        gradient: .init(start: g + at, count: pixels), scratch: room)
      sum += term.loss.function.addWhole(
        plane,
        LossShare(
          factor: share.factor * (term.weight / total), images: share.images, mass: share.mass))
    }
    call.add_planes(pixels, count, g, pitch, room, image.g)
    return sum
  }
}

/// Floats from a plane to the next: not a power of two, or the planes of a pixel would compete for
/// the same lines of the cache.
func planePitch(_ pixels: Int) -> Int { (pixels + 15) / 16 * 16 + 16 }

/// Floats a channel of `add_planes`.
private let planeScratch = 512
