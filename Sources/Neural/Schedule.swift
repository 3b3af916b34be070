// The learning rate as a function of the step.

import Foundation

/// A learning-rate schedule.
public enum Schedule: Sendable, Equatable, Codable {
  /// The same rate at every step.
  case constant(rate: Float)
  /// Warm-up and annealing by cosines, as PyTorch's OneCycleLR (Smith and Topin, 2018): from
  /// peak / divisor up to peak during the `warmup` fraction of the steps, then down to
  /// peak / divisor / finalDivisor.
  case oneCycle(
    peak: Float, warmup: Double = 0.3, divisor: Double = 25, finalDivisor: Double = 1e4)
  /// From peak to `floor` by half a cosine (Loshchilov and Hutter, 2017).
  case cosine(peak: Float, floor: Float = 0)

  /// The rate for `step` (from 0) of `total` steps; steps beyond the last have the last's rate.
  public func rate(step: Int, of total: Int) -> Float {
    let last = Double(max(total - 1, 1))
    let at = min(max(Double(step), 0), last)
    func anneal(_ from: Double, _ to: Double, _ fraction: Double) -> Double {
      to + (from - to) / 2 * (1 + cos(.pi * fraction))
    }
    switch self {
    case .constant(let rate): return rate
    case .cosine(let peak, let floor):
      return Float(anneal(Double(peak), Double(floor), at / last))
    case .oneCycle(let peak, let warmup, let divisor, let finalDivisor):
      let peak = Double(peak)
      let start = peak / divisor
      let turn = warmup * Double(total) - 1
      if at <= turn { return Float(anneal(start, peak, at / turn)) }
      let from = max(turn, 0)
      return Float(
        anneal(peak, start / finalDivisor, last > from ? (at - from) / (last - from) : 1))
    }
  }
}
