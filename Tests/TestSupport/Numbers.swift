// Comparison of many numbers at once.

/// The largest difference, relative to the largest expected value; infinite where a number is not
/// finite or the counts differ.
public func relativeError(_ got: [Float], _ expected: [Float]) -> Float {
  guard got.count == expected.count else { return .infinity }
  let largest = expected.map(abs).max() ?? 0
  let error = zip(got, expected).map { abs($0 - $1) }.max() ?? 0
  return got.allSatisfy(\.isFinite) ? error / max(largest, 1e-20) : .infinity
}

/// The norm of the difference, relative to the expected norm.
public func relativeNorm(_ got: [Float], _ expected: [Float]) -> Float {
  let difference = zip(got, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let norm = expected.reduce(0) { $0 + $1 * $1 }
  return (difference / max(norm, 1e-30)).squareRoot()
}
