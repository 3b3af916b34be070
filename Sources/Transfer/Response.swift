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

  /// Content-Length, if it is a number. Beside Transfer-Encoding it means nothing (RFC 9112, 6.3).
  public var contentLength: Int64? {
    guard self["Transfer-Encoding"] == nil else { return nil }
    return self["Content-Length"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// What a later request can say to mean just this content (RFC 9110, 13.1.5): the ETag unless
  /// it is a weak one, else Last-Modified.
  var validator: String? {
    if let tag = self["ETag"], !tag.hasPrefix("W/") { return tag }
    return self["Last-Modified"]
  }

  /// The content's checksum from Google Cloud Storage's `x-goog-hash: crc32c=…,md5=<base64>`, which may
  /// come in one line or in two. Objects that were composed of others have no MD5.
  var checksum: Checksum? {
    let parts = all("x-goog-hash").flatMap { $0.split(separator: ",") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
    func value(_ name: String, _ count: Int) -> [UInt8]? {
      parts.lazy.filter { $0.hasPrefix("\(name)=") }
        .compactMap { Data(base64Encoded: String($0.dropFirst(name.count + 1))) }
        .first { $0.count == count }.map(Array.init)
    }
    return value("md5", 16).map(Checksum.md5) ?? value("crc32c", 4).map(Checksum.crc32c)
  }

  /// All but Content-Length, which is that of a part where a part was sent.
  var withoutLength: HeaderFields {
    var fields = self
    fields.fields.removeAll { $0.name == "content-length" }
    return fields
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
  /// The secrets of the request, which the content doesn't hold any more.
  private let redaction: Redaction

  /// An answer to a request, without that request's secrets.
  init(
    status: Int, headers: HeaderFields, body: Data, retryAfter: Int?, to request: Request
  ) {
    redaction = Redaction(of: request)
    self.status = status
    self.headers = headers
    self.body = redaction.clean(body)
    self.retryAfter = retryAfter
  }

  /// A text out of the content, without the request's secrets, were they written there in some other way.
  package func hidingSecrets(in text: String) -> String { redaction.clean(text) }

  /// The status alone.
  public var description: String { "status \(status)" }

  /// Whether the same request may succeed a little later.
  var isTransient: Bool { status == 429 || (500...599).contains(status) && status != 501 }
}
