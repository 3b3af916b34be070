// How values become the JSON of a record, and back.

package import Foundation

extension JSONEncoder {
  /// An encoder with keys in order and plain slashes; numbers that aren't finite become "inf", "-inf" and
  /// "nan", since JSON has none for them.
  ///
  /// - Parameter isPretty: whether people are going to read it: over several lines.
  package static func ofRecords(isPretty: Bool = false) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}

extension JSONDecoder {
  /// A decoder for what `JSONEncoder.ofRecords` wrote.
  package static func ofRecords() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
