// Some of the parameters as sections within sections, for an order.

import Basics

extension Parameters {
  /// The declared keys as a tree.
  func tree(of keys: [String]) -> JSONValue {
    var tree = JSONValue.object([])
    for key in keys {
      if let value = self[key] {
        tree = Self.inserting(
          value, at: key.split(separator: ".").map(String.init)[...], into: tree)
      }
    }
    return tree
  }

  static func inserting(
    _ value: JSONValue, at path: ArraySlice<String>, into tree: JSONValue
  ) -> JSONValue {
    guard let key = path.first else { return value }
    guard case .object(var members) = tree else { return tree }
    let rest = path.dropFirst()
    if let index = members.firstIndex(where: { $0.key == key }) {
      members[index].value = inserting(value, at: rest, into: members[index].value)
    } else {
      members.append(.init(key, inserting(value, at: rest, into: .object([]))))
    }
    return .object(members)
  }
}
