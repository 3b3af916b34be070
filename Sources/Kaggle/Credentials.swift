// Who asks: a user's name and key, or an access token, and where they were found.

import Foundation
public import Transfer

/// What a Kaggle user shows to be known by.
public struct Credentials: Sendable, Equatable, CustomStringConvertible {
  /// The user's name at Kaggle; nil for a token, which stands for its user.
  public let username: String?
  /// The key or the token, which prints as dots.
  public let key: Secret
  /// Where they were found, for people.
  public let source: String
  /// What is not as it should be, such as a file that others can read.
  public let warnings: [String]

  /// Takes a name and a key from elsewhere.
  public init(username: String, key: Secret, source: String, warnings: [String] = []) {
    (self.username, self.key) = (username, key)
    (self.source, self.warnings) = (source, warnings)
  }

  /// Takes an access token from elsewhere.
  public init(token: Secret, source: String, warnings: [String] = []) {
    (username, key) = (nil, token)
    (self.source, self.warnings) = (source, warnings)
  }

  /// The name and the source, without the key.
  public var description: String { "\(username ?? "an access token") (from \(source))" }

  /// How access tokens of the newer kind begin.
  static let tokenPrefix = "KGAT_"

  /// Whether they go as an access token (Bearer), not as a name and a key (Basic). A token that is pasted as the key
  /// of a kaggle.json is one all the same: Kaggle refuses it as a key.
  public var isToken: Bool { username == nil || key.revealed.hasPrefix(Self.tokenPrefix) }

  /// What they are called in an error.
  var kind: String { isToken ? "access token" : "user name and key" }

  /// The value of the Authorization field.
  package var authorization: Secret {
    if isToken { return Secret("Bearer \(key.revealed)") }
    let pair = Data("\(username ?? ""):\(key.revealed)".utf8)
    return Secret("Basic \(pair.base64EncodedString())")
  }
}
