// What S3 storage answers, taken out of its XML.

package import Foundation

/// A page of a bucket's listing.
package struct S3Listing: Equatable {
  package var keys: [String] = []
  /// What to ask the next page with; nil on the last one.
  package var next: String?

  /// Reads a listing by the answer's XML (ListObjectsV2); nil where it is something else.
  package init?(_ xml: Data) {
    guard let root = XMLElement.read(xml), root.name == "ListBucketResult" else { return nil }
    let isEncoded = root["EncodingType"]?.text == "url"
    for object in root.children where object.name == "Contents" {
      guard let key = object["Key"]?.text else { return nil }
      guard isEncoded else {
        keys.append(key)
        continue
      }
      // As in a form: a plus is a blank.
      let blanks = key.replacingOccurrences(of: "+", with: " ")
      guard let plain = blanks.removingPercentEncoding else { return nil }
      keys.append(plain)
    }
    guard root["IsTruncated"]?.text == "true" else { return }
    guard let token = root["NextContinuationToken"]?.text, !token.isEmpty else { return nil }
    next = token
  }
}

/// What storage says when it refuses. (It may also hold the key's name, what was signed, and a temporary key's
/// token; nothing of that is kept.)
package struct S3Refusal: Equatable {
  package var code: String
  /// In the server's words, one line of moderate length; empty if it says nothing.
  package var message: String
  /// The bucket's region, where it is another one than the request was signed for.
  package var region: String?

  /// Reads a refusal by the answer's XML; nil where it is something else.
  package init?(_ xml: Data) {
    guard let root = XMLElement.read(xml), root.name == "Error", root["Code"] != nil else {
      return nil
    }
    func line(_ name: String) -> String {
      let safe = (root[name]?.text ?? "").unicodeScalars.map {
        $0.properties.generalCategory == .control ? " " : $0
      }
      return String(String.UnicodeScalarView(safe).prefix(300))
    }
    code = line("Code")
    message = line("Message")
    region = root["Region"] == nil ? nil : line("Region")
  }
}
