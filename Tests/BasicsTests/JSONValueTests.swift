// JSON values: what is kept apart, what keeps its order.

import Basics
import Foundation
import Testing

struct JSONValueTests {
  let value: JSONValue = .object([
    .init("z", .int(3)), .init("a", .double(3)), .init("list", .array([.null, .bool(true)])),
    .init("text", .string("a\n\u{7}")),
  ])

  @Test func wholeNumbersAndFractionsStayApartThroughJSON() throws {
    let again = try JSONDecoder().decode(JSONValue.self, from: Data(JSON.line(value).utf8))
    #expect(again["z"] == .int(3))
    #expect(again["list"] == value["list"] && again["text"] == value["text"])
  }

  @Test func membersKeepTheirOrderAndTheCanonicalTextDoesNotDependOnIt() {
    guard case .object(let members) = value else { return #expect(Bool(false)) }
    #expect(members.keys == ["z", "a", "list", "text"])
    #expect(
      value.canonical
        == #"{"a": 3.0, "list": [null, true], "text": "a\n\u0007", "z": 3}"#)
    #expect(JSONValue.object(members.reversed()).canonical == value.canonical)
  }

  @Test func aMemberIsSetInItsPlaceAddedBehindOrTakenAway() {
    guard case .object(var members) = value else { return #expect(Bool(false)) }
    members["a"] = .int(1)
    members["new"] = .null
    members["list"] = nil
    #expect(members.keys == ["z", "a", "text", "new"])
    #expect(members["a"] == .int(1) && members["list"] == nil)
  }

  @Test func aDottedPathLeadsThroughObjectsOnly() {
    let tree = JSONValue.object(["train": .object(["epochs": .int(3)])])
    #expect(tree[path: "train.epochs"] == .int(3))
    #expect(tree[path: "train.epochs.more"] == nil && tree[path: "model"] == nil)
  }
}
