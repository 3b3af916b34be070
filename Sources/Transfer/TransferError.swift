// What can go wrong between here and a server, in words for people and without secrets.

import Foundation

/// Why a request failed.
public struct TransferError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of failure, for a caller that acts on it.
  public enum Kind: Sendable, Equatable {
    /// The request may not be sent as it is.
    case invalidRequest
    /// The connection failed or broke.
    case network
    /// Nothing answers at the address, or its name isn't known; the machine may be offline.
    case noServer
    /// The server was silent for too long.
    case timeout
    /// The server's certificate is not trusted.
    case certificate
    /// A proxy between here and the server isn't there, or refuses.
    case proxy
    /// The server answered with a status that is no success.
    case status(Response)
    /// The answer is longer than it may be.
    case tooLarge
    /// What arrived is not what the server's checksum or length says.
    case corrupt
    /// The answer isn't what was asked for, and won't be the next time.
    case unexpected
    /// The disk or the user's quota is full.
    case diskFull
    /// Another failure of the file system.
    case fileSystem
  }

  /// The kind of failure.
  public let kind: Kind
  /// The method and the address without its query, or a file's path.
  public let subject: String
  /// What happened, and what to do next.
  public let reason: String

  /// The whole story on one line.
  public var description: String { "\(subject): \(reason)" }

  init(_ kind: Kind, _ subject: some CustomStringConvertible, _ reason: String) {
    self.kind = kind
    self.subject = subject.description
    self.reason = reason
  }

  /// Whether the same request may succeed a little later.
  var isTransient: Bool {
    switch kind {
    case .network, .noServer, .timeout, .corrupt: true
    case .status(let response): response.isTransient
    default: false
    }
  }

  /// The failure of a system call on a file.
  static func file(_ code: Int32, _ path: String, _ action: String) -> TransferError {
    let text = String(cString: strerror(code))
    return switch code {
    case ENOSPC, EDQUOT:
      TransferError(
        .diskFull, path,
        "the disk is full (\(text)). Make room and run it again: what has arrived "
          + "so far is kept.")
    default: TransferError(.fileSystem, path, "can't be \(action): \(text).")
    }
  }
}
