// What a server answered.

public import Foundation

/// The header fields of an answer; names are compared without case.
public struct HeaderFields: Sendable, Equatable {
  private var fields: [(name: String, value: String)] = []

  /// All values of a field, in the order they came.
  public func all(_ name: String) -> [String] {
    fields.filter { $0.name == name.lowercased() }.map(\.value)
  }

  /// The field's first value.
  public subscript(name: String) -> String? { all(name).first }

  mutating func append(_ name: String, _ value: String) {
    fields.append((name.lowercased(), value))
  }

  /// Whether both hold the same fields in the same order.
  public static func == (a: HeaderFields, b: HeaderFields) -> Bool {
    a.fields.elementsEqual(b.fields, by: ==)
  }

  /// Content-Length, if it is a number.
  public var contentLength: Int64? {
    self["Content-Length"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// What a later request can say to mean just this content (RFC 9110, 13.1.5): the ETag unless
  /// it is a weak one, else Last-Modified.
  var validator: String? {
    if let tag = self["ETag"], !tag.hasPrefix("W/") { return tag }
    return self["Last-Modified"]
  }

  /// The content's MD5 from Google Cloud Storage's `x-goog-hash: crc32c=…,md5=<base64>`, which may
  /// come in one line or in two.
  var md5: [UInt8]? {
    for part in all("x-goog-hash").flatMap({ $0.split(separator: ",") }) {
      let part = part.trimmingCharacters(in: .whitespaces)
      if part.hasPrefix("md5="), let data = Data(base64Encoded: String(part.dropFirst(4))),
        data.count == 16
      {
        return Array(data)
      }
    }
    return nil
  }
}

/// One HTTP answer.
public struct Response: Sendable, Equatable, CustomStringConvertible {
  /// The status code, such as 200.
  public let status: Int
  /// The header fields. A redirect's Location may be a signed address: don't print it.
  public let headers: HeaderFields
  /// The content.
  public let body: Data
  /// The seconds that Retry-After asks to wait, however it was written.
  public let retryAfter: Int?

  /// The status alone.
  public var description: String { "status \(status)" }

  /// Whether the same request may succeed a little later.
  var isTransient: Bool { status == 429 || (500...599).contains(status) && status != 501 }
}
