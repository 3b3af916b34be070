// Comparison of many numbers at once.

/// The largest difference, relative to the largest expected value; infinite where a number is not
/// finite or the counts differ.
public func relativeError(_ got: [Float], _ expected: [Float]) -> Float {
  guard got.count == expected.count else { return .infinity }
  let largest = expected.map(abs).max() ?? 0
  let error = zip(got, expected).map { abs($0 - $1) }.max() ?? 0
  return got.allSatisfy(\.isFinite) ? error / max(largest, 1e-20) : .infinity
}
