// What of everything a page shows: the address says it, so that it survives a reload and can be sent on.

import Foundation

/// A choice of what is shown.
struct View: Sendable, Equatable {
  /// Which runs the table has: an expression as `work runs --where` takes it.
  var filter = ""
  /// The run whose curves lie behind the present ones.
  var baseline = ""
  /// Runs that are compared.
  var compared: [String] = []
  /// The instance whose log is shown; empty for the one that runs.
  var log = ""
  /// Which step of the pictures is shown, from 1; 0 for the last.
  var step = 0
  /// Whether the buttons are there.
  var token: String?

  /// The most runs that are compared at once.
  static let mostCompared = 5

  init() {}

  /// Reads what an address says; what makes no sense there is left out.
  init(_ query: [(name: String, value: String)], token: String?) {
    self.token = token
    for (name, value) in query where value.utf8.count <= 400 {
      switch name {
      case "where": filter = value
      case "baseline": baseline = value
      case "compare" where !value.isEmpty && compared.count < Self.mostCompared:
        if !compared.contains(value) { compared.append(value) }
      case "log": log = value
      case "step": step = max(0, Int(value) ?? 0)
      default: break
      }
    }
  }
}
