// CSV on standard output.

extension Console {
  /// One record of CSV, as RFC 4180 has it.
  static func csv(_ fields: [String]) -> String {
    fields.map { field in
      field.contains(where: { ",\"".contains($0) || $0.isNewline })
        ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }.joined(separator: ",")
  }
}
