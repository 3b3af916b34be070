// A time as people write it: 45m, 2h, 90s.

/// A time that a training may take. In JSON a text such as "45m".
public struct TimeBudget: Sendable, Equatable, Codable, CustomStringConvertible {
  /// More than 0.
  public let seconds: Double
  /// As it was written.
  public let description: String

  /// Reads a number above 0 with its unit: s, m or h.
  public init?(_ text: String) {
    let units = ["s": 1.0, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[String($0)] }), let number = Double(text.dropLast()),
      number > 0, number.isFinite
    else { return nil }
    seconds = number * unit
    description = text
  }

  /// Reads a text such as "45m".
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try? container.decode(String.self)
    guard let budget = text.flatMap(TimeBudget.init) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "should be a time such as 90s, 45m or 2h, or null for none")
    }
    self = budget
  }

  /// Writes it as it was written.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
