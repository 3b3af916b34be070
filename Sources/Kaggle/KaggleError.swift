// What can go wrong with Kaggle, by kind, each with what to do next.

public import Basics
public import Foundation
import Transfer

/// Why something at Kaggle didn't work.
public struct KaggleError: Failing, Sendable, Equatable {
  /// The kind of failure, for a caller that acts on it.
  public enum Kind: Sendable, Equatable {
    /// No user name and key were found.
    case noCredentials
    /// A user name or key was found that can't be one.
    case malformedCredentials
    /// Kaggle doesn't accept the user name and key.
    case unauthorized
    /// The competition's rules must be accepted, at this address.
    case rulesNotAccepted(URL)
    /// Kaggle denies access: a misspelt slug, or a competition not entered.
    case forbidden
    /// There is no such file (or competition).
    case notFound
    /// Too many requests.
    case rateLimited
    /// The fault is Kaggle's.
    case server
    /// No connection, or it broke.
    case network
    /// An answer that isn't of the protocol.
    case unexpectedAnswer
    /// The request can't be made as asked.
    case invalidRequest
    /// The disk or the user's quota is full.
    case diskFull
    /// Another failure of the file system.
    case fileSystem
  }

  /// The kind of failure.
  public let kind: Kind
  /// What happened, where, and what to do next.
  public let description: String

  /// How the process should end.
  public var exit: ExitCode {
    switch kind {
    case .noCredentials, .malformedCredentials, .invalidRequest: .badInput
    case .diskFull, .fileSystem: .failed
    default: .network
    }
  }

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}

extension KaggleError {
  /// A failure on the way there or on this machine's disk.
  init(_ error: TransferError) {
    let kind: Kind =
      switch error.kind {
      case .network, .noServer, .timeout, .certificate, .corrupt: .network
      case .status: .server
      case .diskFull: .diskFull
      case .fileSystem: .fileSystem
      case .invalidRequest: .invalidRequest
      case .tooLarge, .unexpected: .unexpectedAnswer
      }
    self.init(kind, error.description)
  }

  /// An answer that is no success.
  /// - Parameters:
  ///   - what: what was asked for, such as `the list of files of salt`.
  ///   - source: where the credentials are from.
  init(_ response: Response, what: String, slug: String, source: String) {
    let said = ErrorBody.message(of: response)
    let quoted = said.map { " It says: “\($0)”" } ?? ""
    let competition = "https://www.kaggle.com/competitions/\(slug)"
    switch response.status {
    case 401:
      self.init(
        .unauthorized,
        "Kaggle doesn't accept the user name and key from \(source) (401).\(quoted) Make a new key "
          + "at https://www.kaggle.com/settings (API) and put the kaggle.json that you get there "
          + "into ~/.kaggle.")
    case 403 where said?.range(of: "rules", options: .caseInsensitive) != nil:
      let rules = URL(string: "\(competition)/rules")!  // a slug is letters, digits and hyphens
      self.init(
        .rulesNotAccepted(rules),
        "Kaggle doesn't give out \(what) before you accept the competition's rules (403). Do so in "
          + "a browser at \(rules.absoluteString), then run this again.")
    case 403:
      self.init(
        .forbidden,
        "Kaggle denies access to \(what) (403).\(quoted) Either the slug “\(slug)” is misspelt, or "
          + "you haven't joined the competition: see \(competition) and accept its rules at "
          + "\(competition)/rules.")
    case 404:
      self.init(
        .notFound,
        "Kaggle has no \(what) (404).\(quoted) Compare the names with \(competition)/data.")
    case 429:
      let wait = response.retryAfter.map { "in \($0) s or more" } ?? "in some minutes"
      self.init(
        .rateLimited,
        "Kaggle got too many requests and refuses \(what) for now (429). Run it again \(wait).")
    case 500...599:
      self.init(
        .server,
        "Kaggle failed to answer about \(what), also when asked again (\(response.status)).\(quoted) "
          + "Try again later; https://status.kaggle.com tells about outages.")
    default:
      self.init(
        .unexpectedAnswer,
        "Kaggle refuses \(what) (\(response.status)).\(quoted) See \(competition).")
    }
  }
}

/// The message inside an error's body.
enum ErrorBody {
  private struct REST: Decodable {
    var code: Int?
    var message: String?
  }
  private struct RPC: Decodable {
    var error: REST
  }

  /// What the server says in either form, or that it sent a web page; nil if it says nothing.
  static func message(of response: Response) -> String? {
    let decoder = JSONDecoder()
    let found =
      (try? decoder.decode(RPC.self, from: response.body))?.error.message
      ?? (try? decoder.decode(REST.self, from: response.body))?.message
    if let found, !found.isEmpty { return printable(found) }
    return isWebPage(response) ? "(a web page instead of an answer of the API)" : nil
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
