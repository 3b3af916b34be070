// Groups that ids show: frames of one sequence, slices of one patient.

import Foundation

/// Ids that name a group and a number in it, such as "0016E5_07959".
struct IDGroups: Sendable, Equatable {
  /// As params.yaml has it, such as "{group}_*".
  var pattern: String
  /// Images of each group.
  var counts: [String: Int]

  /// The groups of ids; nil where they show none: every id is a text with a single separator and a number
  /// behind it, and a group has four images or more on average.
  init?(_ ids: [String]) {
    for separator in ["_", "-"] {
      var counts: [String: Int] = [:]
      let isEach = ids.allSatisfy { id in
        let parts = id.components(separatedBy: separator)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].contains(where: \.isNumber),
          parts[1].count(where: \.isLetter) <= 2
        else { return false }
        counts[parts[0], default: 0] += 1
        return true
      }
      guard isEach, counts.count > 1, counts.count * 4 <= ids.count else { continue }
      (pattern, self.counts) = ("{group}\(separator)*", counts)
      return
    }
    return nil
  }
}
