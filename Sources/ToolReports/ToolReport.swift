// How a tool hands its findings to the command that started it: as a file of JSON.

public import Foundation

/// What a tool of Sources/work-tools found, as data.
public protocol ToolReport: Codable, Sendable {}

extension ToolReport {
  /// The name of the file, as the command's order asks for it.
  public static var fileName: String { "report.json" }

  /// Reads a report.
  ///
  /// - Throws: `DecodingError` where it isn't one.
  public init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    self = try decoder.decode(Self.self, from: json)
  }

  /// The report as JSON, keys sorted. A kernel that computes nonsense has an infinite difference, which is
  /// to be reported like any other.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(self)
  }
}
