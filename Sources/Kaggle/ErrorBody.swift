// What stands in the body of an error: two styles of JSON, or a page for people.

import Foundation
import Transfer

enum ErrorBody {
  private struct REST: Decodable {
    var code: Int?
    var message: String?
  }
  private struct RPC: Decodable {
    var error: REST
  }

  /// What the server says in either style, or that it sent a web page; nil if it says nothing.
  static func message(of response: Response) -> String? {
    let decoder = JSONDecoder()
    let found =
      (try? decoder.decode(RPC.self, from: response.body))?.error.message
      ?? (try? decoder.decode(REST.self, from: response.body))?.message
    if let found, !found.isEmpty { return printable(response.hidingSecrets(in: found)) }
    return isWebPage(response) ? "(a web page instead of an answer of the API)" : nil
  }

  /// Whether it is an error in the style of RPC.
  static func isOfRPC(_ response: Response) -> Bool {
    (try? JSONDecoder().decode(RPC.self, from: response.body)) != nil
  }

  /// The status that a body states beside a message; older servers answer 200 and mean another.
  static func statedStatus(of response: Response) -> Int? {
    let body = try? JSONDecoder().decode(REST.self, from: response.body)
    return body?.message == nil ? nil : body?.code
  }

  static func isWebPage(_ response: Response) -> Bool {
    response.headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true
      || response.body.first == UInt8(ascii: "<")
  }

  /// A server's words made fit for a terminal: one line of moderate length.
  private static func printable(_ text: String) -> String {
    let safe = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
    return String(String.UnicodeScalarView(safe).prefix(300))
  }
}
