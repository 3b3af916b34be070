// What the runner tells a stage: its name, parameters, inputs, and where to write. Read from the JSON
// file that the environment variable WORK_ORDER names; docs/protocol.md describes the format.

import Foundation
import Notebook

/// The runner's order for one run of one stage instance.
struct Order: Codable, Sendable {
  /// The protocol that this library speaks; an order of another one is refused.
  static let supportedProtocol = 1

  var `protocol`: Int
  var stage: String
  var instance: String
  var item: [String: JSONValue]
  var root: String
  var script: String
  var params: JSONValue
  var overridden: [String]
  var inputs: [String]
  var expanded: [String: [String]]
  var outputs: [String: String]
  var scratch: String
  var record: String
  var events: String
  var runtime: [String: JSONValue]
  var environment: [String: String]

  /// Reads the order that the environment names, or nil where the program was started by hand.
  ///
  /// - Throws: `StageFailure` where the order can't be read or is of another protocol.
  static func fromEnvironment() throws -> Order? {
    guard let path = ProcessInfo.processInfo.environment["WORK_ORDER"] else { return nil }
    let order: Order
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      struct Version: Decodable { var `protocol`: Int }
      let version = try JSONDecoder().decode(Version.self, from: data).protocol
      guard version == supportedProtocol else {
        throw StageFailure(
          "the installed `work` speaks protocol \(version), this workspace's sources protocol "
            + "\(supportedProtocol): run `make install` in the workspace",
          exit: .badInput)
      }
      order = try JSONDecoder().decode(Order.self, from: data)
    } catch let failure as StageFailure {
      throw failure
    } catch {
      throw StageFailure("\(path): not an order that a stage can read (\(error))", exit: .badInput)
    }
    return order
  }
}
