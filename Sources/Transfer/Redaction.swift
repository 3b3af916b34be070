// Takes the secrets of a request out of what others say: a server may repeat them in an error, a library in its words.

package import Foundation

/// Replaces secrets in texts, also where they stand as Base64 or percent-encoded.
package struct Redaction: Sendable, Equatable {
  /// What is put in a secret's place.
  package static let dots = "•••"
  /// Every form in which a secret may come back, the longest first.
  private let forms: [String]

  /// Knows secrets by themselves. One of fewer than four characters is left alone: it would be found everywhere.
  package init(_ secrets: [Secret]) {
    var forms: Set<String> = []
    for secret in secrets.map(\.revealed) where secret.utf8.count >= 4 {
      let base64 = Data(secret.utf8).base64EncodedString()
      let short = String(base64.prefix { $0 != "=" })
      forms.formUnion([secret, base64, short])
      forms.insert(
        short.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_"))
      if let encoded = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) {
        forms.insert(encoded)
      }
    }
    self.forms = forms.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }

  /// Knows the secrets of a request: what stands in its Authorization field, and the key behind that; the key and the
  /// token of its signature.
  init(of request: Request) {
    var secrets: [Secret] = []
    if let authorization = request.authorization?.revealed {
      let value = authorization.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
      secrets.append(Secret(value))
      // Of Basic, the key by itself (RFC 7617); the user's name is none.
      if authorization.lowercased().hasPrefix("basic "), let pair = Data(base64Encoded: value),
        let text = String(data: pair, encoding: .utf8)
      {
        secrets.append(Secret(text))
        secrets += text.split(separator: ":", maxSplits: 1).dropFirst().map { Secret(String($0)) }
      }
    }
    if let signature = request.signature {
      secrets += [signature.key] + (signature.sessionToken.map { [$0] } ?? [])
    }
    self.init(secrets)
  }

  /// A text without the secrets.
  package func clean(_ text: String) -> String {
    forms.reduce(text) { text, form in
      // Literally: a key with an accent behind it is the key all the same.
      text.replacingOccurrences(of: form, with: Self.dots, options: .literal)
    }
  }

  /// Bytes without the secrets.
  package func clean(_ bytes: Data) -> Data {
    forms.reduce(bytes) { bytes, form in
      var bytes = bytes
      let secret = Data(form.utf8)
      var start = bytes.startIndex
      while let found = bytes.range(of: secret, in: start..<bytes.endIndex) {
        let dots = Data(Self.dots.utf8)
        bytes.replaceSubrange(found, with: dots)
        start = found.lowerBound + dots.count
      }
      return bytes
    }
  }
}
