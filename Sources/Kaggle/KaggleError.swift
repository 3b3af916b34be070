// What can go wrong with Kaggle, by kind, each with what to do next.

public import Basics
public import Foundation
package import Transfer

/// Why something at Kaggle didn't work.
public struct KaggleError: Failing, Sendable, Equatable {
  /// The kind of failure, for a caller that acts on it.
  public enum Kind: Sendable, Equatable {
    /// No user name and key, and no access token, were found.
    case noCredentials
    /// Credentials were found that can't be any, or settings beside them that can't be meant.
    case malformedCredentials
    /// Kaggle doesn't accept the credentials.
    case unauthorized
    /// The competition's rules must be accepted, at this address.
    case rulesNotAccepted(URL)
    /// The user has to verify a phone number first.
    case phoneNotVerified
    /// Kaggle denies access: a misspelt slug, or a competition not entered.
    case forbidden
    /// There is no such file (or competition).
    case notFound
    /// The competition takes no submissions any more, or none of files.
    case closed
    /// The day's submissions, or all that there are, are used up.
    case limitUsedUp
    /// Kaggle refuses for another reason.
    case refused
    /// A notebook at Kaggle ended with an error, or without its output.
    case notebookFailed
    /// Too many requests.
    case rateLimited
    /// The fault is Kaggle's.
    case server
    /// No connection, or it broke.
    case network
    /// Nothing answers, or there is no network.
    case noServer
    /// A proxy on the way isn't there, or refuses.
    case proxy
    /// A certificate isn't trusted.
    case certificate
    /// This machine's clock is wrong.
    case clock
    /// An answer that isn't of the protocol.
    case unexpectedAnswer
    /// It isn't known whether an order has had its effect.
    case uncertain
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
    case .diskFull, .fileSystem, .notebookFailed: .failed
    default: .network
    }
  }

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// A failure on the way there or on this machine's disk.
  package init(_ error: TransferError) {
    let kind: Kind =
      switch error.kind {
      case .network, .timeout, .corrupt: .network
      case .noServer: .noServer
      case .proxy: .proxy
      case .certificate: .certificate
      case .status: .server
      case .diskFull: .diskFull
      case .fileSystem: .fileSystem
      case .invalidRequest: .invalidRequest
      case .tooLarge, .unexpected: .unexpectedAnswer
      }
    self.init(kind, error.description)
  }
}
