// What the runner tells a stage: its name, parameters, inputs, and where to write. Read from the
// JSON file that the environment variable WORK_ORDER names; docs/protocol.md describes the format.

package import Basics
import Foundation

/// The runner's order for one run of one stage instance.
package struct Order: Codable, Sendable {
  /// The protocol that this library speaks; an order of another one is refused.
  package static let supportedProtocol = 1

  package var `protocol`: Int
  package var stage: String
  package var instance: String
  package var item: [String: JSONValue]
  package var root: String
  package var script: String
  package var params: JSONValue
  package var overridden: [String]
  package var inputs: [String]
  package var expanded: [String: [String]]
  package var outputs: [String: String]
  package var scratch: String
  package var record: String
  package var events: String
  /// A folder of values that the stage finds out once; see `Stage.pinned`.
  package var pinned: String
  package var runtime: [String: JSONValue]
  package var grant: Grant
  package var environment: [String: String]
  /// Hashes for the record, which an older runner doesn't tell.
  package var fingerprint: String?
  package var code: [String: String]?
  package var data: [String: String]?

  /// Where the runner says how many threads it grants while the stage runs, and at most how many.
  package struct Grant: Codable, Sendable {
    package var file: String
    package var most: Int
  }

  /// How many threads the runner grants now.
  package var threads: Int {
    if let text = try? String(contentsOfFile: grant.file, encoding: .utf8),
      let count = Int(text.filter(\.isNumber)), count > 0
    {
      return min(count, grant.most)
    }
    if case .int(let count)? = runtime["threads"], count > 0 { return count }
    return 1
  }

  /// Reads the order that the environment names, or nil where the program was started by hand.
  ///
  /// - Throws: `StageFailure` where the order can't be read or is of another protocol.
  static func fromEnvironment() throws -> Order? {
    try ProcessInfo.processInfo.environment["WORK_ORDER"].map(Order.init(contentsOf:))
  }

  /// Reads an order from its file.
  ///
  /// - Throws: `StageFailure` where it can't be read or is of another protocol.
  package init(contentsOf path: String) throws {
    struct Version: Decodable { var `protocol`: Int }
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      // The protocol is looked at alone, since a later one may have another shape.
      let version = try JSONDecoder().decode(Version.self, from: data).protocol
      guard version == Self.supportedProtocol else {
        throw StageFailure(
          "the installed `work` speaks protocol \(version), this workspace's sources protocol "
            + "\(Self.supportedProtocol): run `make install` in the workspace",
          exit: .badInput)
      }
      self = try JSONDecoder().decode(Order.self, from: data)
    } catch let failure as StageFailure {
      throw failure
    } catch {
      throw StageFailure("\(path): not an order that a stage can read (\(error))", exit: .badInput)
    }
  }
}
