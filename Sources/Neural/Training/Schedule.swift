// The learning rate as a function of the step.

import Foundation

/// A learning-rate schedule.
public indirect enum Schedule: Sendable, Equatable, Codable {
  /// The same rate at every step.
  case constant(rate: Float)
  /// Warm-up and annealing by cosines, as PyTorch's OneCycleLR (Smith and Topin, 2018): from
  /// peak / divisor up to peak during the `warmup` fraction of the steps, then down to
  /// peak / divisor / finalDivisor.
  case oneCycle(
    peak: Float, warmup: Double = 0.3, divisor: Double = 25, finalDivisor: Double = 1e4)
  /// From peak to `floor` by half a cosine (Loshchilov and Hutter, 2017).
  case cosine(peak: Float, floor: Float = 0)
  /// Half cosines from peak towards `floor`, one after the other (SGDR; Loshchilov and Hutter, 2017):
  /// the first takes `period` steps, at least 1, each further one `multiplier` times as many as the
  /// one before, at least 1. As PyTorch's CosineAnnealingWarmRestarts.
  case cosineRestarts(peak: Float, floor: Float = 0, period: Int, multiplier: Int = 1)
  /// In front of another schedule, which then has the remaining steps: `steps` steps of a linear rise
  /// from the `from`th part of that schedule's first rate up to it. As PyTorch's LinearLR.
  case warmup(steps: Int, from: Double = 0.01, then: Schedule)

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
    case .cosineRestarts(let peak, let floor, let period, let multiplier):
      var (place, length) = (at, Double(max(period, 1)))
      if multiplier <= 1 {
        place = place.truncatingRemainder(dividingBy: length)
      } else {
        while place >= length {
          place -= length
          length *= Double(multiplier)
        }
      }
      return Float(anneal(Double(peak), Double(floor), place / length))
    case .warmup(let steps, let from, let then):
      let rest = max(total - steps, 1)
      guard at < Double(steps) else { return then.rate(step: Int(at) - max(steps, 0), of: rest) }
      let share = from + (1 - from) * at / Double(steps)
      return Float(share * Double(then.rate(step: 0, of: rest)))
    }
  }
}
