// Values by their dotted keys.

import Basics

extension JSONValue {
  /// Every value with its dotted key, as JSON; an empty section counts as a value.
  var leaves: [(String, String)] {
    var leaves: [(String, String)] = []
    func walk(_ value: JSONValue, _ key: String) {
      if case .object(let members) = value, !members.isEmpty {
        for member in members {
          walk(member.value, key.isEmpty ? member.key : "\(key).\(member.key)")
        }
      } else if !key.isEmpty {
        leaves.append((key, value.canonical))
      }
    }
    walk(self, "")
    return leaves
  }
}
