// What a stage is told when it starts: the JSON file that WORK_ORDER names. docs/protocol.md describes
// it; the stage's side reads it with types of its own.

import Basics
import Foundation

/// The order for one run of one instance. All of it is JSON, whatever language the stage is in.
struct Order: Encodable, Sendable {
  static let currentProtocol = 1

  var `protocol` = Order.currentProtocol
  var stage: String
  var instance: String
  var item: JSONValue
  var root: String
  var script: String
  /// Declared keys only, as sections within sections.
  var params: JSONValue
  var overridden: [String]
  var inputs: [String]
  /// Folders among the inputs that stand for declared outputs below them.
  var expanded: [String: [String]]
  /// Declared outputs, and where to write them.
  var outputs: [String: String]
  var scratch: String
  var record: String
  var events: String
  /// A folder of values that the stage finds out once; see `PinnedValues`.
  var pinned: String
  var runtime: JSONValue
  var grant: Grant
  var environment: [String: String]
  /// What the outputs are a function of, for the record: the hash over all of it, those of the script and
  /// the modules it imports, and those of the inputs.
  var fingerprint: String?
  var code: [String: String] = [:]
  var data: [String: String] = [:]

  /// Threads while the stage runs: at first as `runtime.threads` says, then as the file does, since
  /// what runs side by side shares them.
  struct Grant: Encodable, Sendable {
    var file: String
    /// No more than these will be granted.
    var most: Int
  }
}

extension Parameters {
  /// The declared keys as a tree, for the order.
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

  private static func inserting(
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
