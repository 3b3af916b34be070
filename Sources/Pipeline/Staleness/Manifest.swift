// Everything that an instance's outputs depend on, as one ordered list. Its hash decides whether the
// instance is stale, and the difference of two such lists says why: the two can't drift apart.

import Basics
import Foundation
import Hashing
import Notebook

/// The ordered list of what an instance is made of.
struct Manifest: Sendable, Equatable {
  enum Kind: Int, Sendable, Comparable {
    case item, output, code, parameter, input, course
    static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
  }

  struct Entry: Sendable, Equatable {
    var kind: Kind
    var key: String
    var value: String
  }

  /// Sorted by kind and key.
  private(set) var entries: [Entry]

  /// - Parameters:
  ///   - parameters: declared keys with their values.
  ///   - inputs: paths with content hashes; none may be missing.
  ///   - course: how it went, where that isn't as planned.
  init(
    item: [JSONValue.Member], outputs: [String], code: [String: String],
    parameters: [JSONValue.Member], inputs: [String: String], course: Course? = nil
  ) {
    var entries: [Entry] = []
    if !item.isEmpty {
      let text = item.map { "\($0.key) \($0.value.canonical)" }.joined(separator: ", ")
      entries.append(Entry(kind: .item, key: "", value: text))
    }
    entries += outputs.map { Entry(kind: .output, key: $0, value: "") }
    entries += code.map { Entry(kind: .code, key: $0.key, value: $0.value) }
    var leaves: [String: String] = [:]
    for member in parameters { Self.flatten(member.value, at: member.key, into: &leaves) }
    entries += leaves.map { Entry(kind: .parameter, key: $0.key, value: $0.value) }
    entries += inputs.map { Entry(kind: .input, key: $0.key, value: $0.value) }
    if let course { entries.append(Entry(kind: .course, key: "", value: course.value.canonical)) }
    self.entries = entries.sorted {
      $0.kind != $1.kind ? $0.kind < $1.kind : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }
  }

  private static func flatten(
    _ value: JSONValue, at key: String, into leaves: inout [String: String]
  ) {
    if case .object(let members) = value, !members.isEmpty {
      for member in members { flatten(member.value, at: "\(key).\(member.key)", into: &leaves) }
    } else {
      leaves[key] = value.canonical
    }
  }

  /// SHA-256 over the list, as hex.
  var fingerprint: String {
    let digest = Digest()
    digest.update("work manifest 1\n")
    for entry in entries {
      digest.update(
        "\(entry.kind) \(JSONValue.quoted(entry.key)) \(JSONValue.quoted(entry.value))\n")
    }
    return digest.hex()
  }

  /// What changed from `old` to this one, in the list's order; empty where the fingerprints are equal.
  ///
  /// - Parameter dropped: whether a parameter was overridden then and isn't now.
  func reasons(since old: Manifest, dropped: (String) -> Bool) -> [Reason] {
    var reasons: [Reason] = []
    var (i, j) = (0, 0)
    while i < old.entries.count || j < entries.count {
      let before = i < old.entries.count ? old.entries[i] : nil
      let after = j < entries.count ? entries[j] : nil
      switch (before, after) {
      case (let a?, let b?) where a.kind == b.kind && a.key == b.key:
        if a.value != b.value {
          reasons.append(Self.reason(a.kind, a.key, a.value, b.value, dropped))
        }
        i += 1
        j += 1
      case (let a?, let b) where b.map({ Self.precedes(a, $0) }) ?? true:
        reasons.append(Self.reason(a.kind, a.key, a.value, nil, dropped))
        i += 1
      case (_, let b?):
        reasons.append(Self.reason(b.kind, b.key, nil, b.value, dropped))
        j += 1
      case (_, nil): return reasons
      }
    }
    return reasons
  }

  private static func precedes(_ a: Entry, _ b: Entry) -> Bool {
    a.kind != b.kind ? a.kind < b.kind : a.key.utf8.lexicographicallyPrecedes(b.key.utf8)
  }

  private static func reason(
    _ kind: Kind, _ key: String, _ old: String?, _ new: String?, _ dropped: (String) -> Bool
  ) -> Reason {
    switch kind {
    case .item: return .itemChanged(old: old ?? "none", new: new ?? "none")
    case .output: return old == nil ? .outputDeclared(key) : .outputUndeclared(key)
    case .parameter:
      return dropped(key)
        ? .overrideDropped(key: key, old: old, new: new)
        : .parameterChanged(key: key, old: old, new: new)
    case .input:
      if old == nil { return .inputAdded(key) }
      return new == nil ? .inputRemoved(key) : .inputChanged(key)
    case .code:
      if key.hasPrefix("stages/") { return .scriptChanged(key) }
      if old == nil { return .moduleAdded(key) }
      return new == nil ? .moduleRemoved(key) : .moduleChanged(key)
    case .course:
      let course = old.flatMap { try? JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) }
        .flatMap { Course($0) }
      return .courseDeparted(course ?? Course(planned: 0))
    }
  }
}
