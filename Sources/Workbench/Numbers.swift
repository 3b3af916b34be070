// Numbers as pages and logs write them.

import Foundation

/// A share as a percentage for people: 0.3852 is "38.5 %".
public func percent(_ share: Double) -> String {
  String(format: share != 0 && abs(share) < 0.01 ? "%.2f %%" : "%.1f %%", share * 100)
}

/// A part of a whole as a percentage for people; 0 of nothing is "0.0 %".
public func percent(_ part: Int, of whole: Int) -> String {
  percent(whole == 0 ? 0 : Double(part) / Double(whole))
}

/// A score or a loss with four decimals, as competitions quote them: 0.7513.
public func decimal(_ value: Double) -> String { String(format: "%.4f", value) }

/// The mean of some of the values, by their indices; nil of nothing.
public func mean(of values: [Double], at indices: [Int]) -> Double? {
  guard !values.isEmpty, !indices.isEmpty else { return nil }
  return indices.reduce(0) { $0 + values[$1] } / Double(indices.count)
}
