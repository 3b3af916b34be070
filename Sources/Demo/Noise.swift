// Smooth random fields and wavelets: what synthetic images are made of. Sums and products only, so
// the same seed gives the same bytes on every machine.

import Imaging

/// A random field over a frame, smooth over patches of about `cellWidth` × `cellHeight` pixels,
/// with mean 0 and deviation about 1.
func smoothNoise(
  width: Int, height: Int, cellWidth: Double, cellHeight: Double,
  using generator: inout SeededGenerator
) -> [Float] {
  let columns = max(1, Int((Double(width) / cellWidth).rounded(.up)))
  let rows = max(1, Int((Double(height) / cellHeight).rounded(.up)))
  // Splines even out their points: their weights' squares sum to 0.48 along each axis on the mean.
  let points = (0..<SplineSurface.pointCount(columns: columns, rows: rows)).map { _ in
    Float(bell(using: &generator) / 0.48)
  }
  return SplineSurface.values(
    points: points, columns: columns, rows: rows, width: width, height: height)
}

/// A number of about the normal distribution (a sum of four uniform ones), deviation 1. Unlike the
/// exact one it takes no logarithm, whose last bits differ between machines.
func bell(using generator: inout SeededGenerator) -> Double {
  let sum = (0..<4).reduce(-2) { total, _ in total + generator.uniform() }
  return sum * 1.7320508075688772
}

/// Ricker's wavelet (the usual model of a seismic pulse) at a distance in units of 1 /
/// (π·frequency): 1 in the middle, negative lobes at both sides, nothing far off.
func ricker(_ distance: Float) -> Float {
  let square = distance * distance
  // exp(-x) by (1 + x/16)^-16.
  var power = 1 + square / 16
  for _ in 0..<4 { power *= power }
  return (1 - 2 * square) / power
}

/// From 0 to 1 between two ends, smooth at both.
func smoothstep(_ value: Float, from low: Float, to high: Float) -> Float {
  let t = max(0, min(1, (value - low) / (high - low)))
  return t * t * (3 - 2 * t)
}
