// Reads the runner's order from the JSON file that the environment variable WORK_ORDER names.

import Basics
import Foundation

extension Order {
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
