// Runtime parameters: recorded with a run, given to every stage, in no fingerprint, since they may change
// how fast a result comes about but never the result.

import Basics

/// The section `runtime` of params.yaml with a command's options on top.
struct RuntimeOptions {
  /// All of them, for orders and records.
  let values: JSONValue

  /// - Parameters:
  ///   - section: what params.yaml says; nil where it has no such section.
  ///   - options: what the command says.
  init(section: JSONValue? = nil, options: [JSONValue.Member]) {
    var values = JSONValue.object([])
    if case .object? = section, let section { values = section }
    for option in options { values = values.setting(option.key, option.value) }
    self.values = Self.withoutAddress(values)
  }

  /// Where a run's end is told. Who knows the address of a webhook can write there, so that neither records nor
  /// stages get it.
  static let notifyKey = "notify"

  private static func withoutAddress(_ section: JSONValue) -> JSONValue {
    guard case .object(var members) = section else { return section }
    members[notifyKey] = nil
    return .object(members)
  }

  /// All parameters as a record may have them.
  static func recorded(_ parameters: JSONValue) -> JSONValue {
    guard let section = parameters[Parameters.runtimeKey] else { return parameters }
    return parameters.setting(Parameters.runtimeKey, withoutAddress(section))
  }

  /// Whether something is switched on, as it is where nothing is said of it.
  ///
  /// - Throws: `PipelineError` where it is neither true nor false.
  func isOn(_ key: String) throws -> Bool {
    switch values[key] {
    case nil, .null?: return true
    case .bool(let flag)?: return flag
    case let value?:
      throw PipelineError("runtime.\(key) is \(value.canonical), but should be true or false")
    }
  }

  /// A whole number.
  ///
  /// - Throws: `PipelineError` where it is no whole number, or less than `least`.
  func number(_ key: String, least: Int, ifMissing: Int) throws -> Int {
    switch values[key] {
    case nil, .null?: return ifMissing
    case .int(let number)? where number >= least: return number
    case let value?:
      throw PipelineError(
        "runtime.\(key) is \(value.canonical), but should be a whole number of \(least) or more")
    }
  }
}
