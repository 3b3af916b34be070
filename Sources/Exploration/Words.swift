// Numbers as pages and logs write them.

import Foundation

/// A share as a percentage for people: 0.3852 is "38.5 %".
public func percent(_ share: Double) -> String {
  String(format: share != 0 && abs(share) < 0.01 ? "%.2f %%" : "%.1f %%", share * 100)
}

/// A score or a loss with four decimals, as competitions quote them: 0.7513.
public func decimal(_ value: Double) -> String { String(format: "%.4f", value) }
