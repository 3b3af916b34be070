// JSON as this project writes it: the same value gives the same bytes.

package import Foundation

/// How values become JSON.
package enum JSON {
  /// A value as indented JSON with sorted keys, without a newline at the end.
  package static func pretty(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// A value as JSON in one line, with sorted keys and no newline.
  package static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
