// A connection to Kaggle's API: asks in the newer of its two styles, falls back to the older one where the server
// doesn't speak it, and remembers that.

package import Foundation
import Synchronization
public import Transfer

/// Talks to Kaggle's API for one user.
public final class KaggleConnection: Sendable {
  /// Who asks, which server, and how.
  public let settings: KaggleSettings
  /// How bytes travel, also those of storage.
  package let client: TransferClient
  /// The style that the server has answered in.
  private let style = Mutex<KaggleStyle?>(nil)

  /// A connection; nothing is sent yet.
  /// - Parameter notice: tells a person of waits before further attempts.
  public convenience init(
    _ settings: KaggleSettings, notice: @escaping TransferClient.Notice = { _ in }
  ) {
    self.init(settings, client: TransferClient(settings.transfer, notice: notice))
  }

  /// With a client of one's own; for tests.
  package init(_ settings: KaggleSettings, client: TransferClient) {
    (self.settings, self.client) = (settings, client)
  }

  /// The style that the server answers in; nil before the first answer.
  package var speaks: KaggleStyle? { style.withLock { $0 } }

  /// Sends a call and gives back whatever Kaggle answered.
  /// - Throws: `KaggleError` where there was no answer, or `CancellationError`.
  package func send(_ call: KaggleCall) async throws -> Response {
    if let known = style.withLock({ $0 }) { return try await send(call, known) }
    let first: Response
    do { first = try await send(call, .rpc) } catch let error as KaggleError {
      // RPC has a host of its own, which a firewall or a proxy may not let through.
      guard call.mayBeRepeated, settings.endpoint == KaggleSettings.standardEndpoint,
        [.noServer, .network, .proxy, .certificate].contains(error.kind),
        let second = try? await send(call, .rest), isSpoken(second, .rest)
      else { throw error }
      style.withLock { $0 = .rest }
      return second
    }
    if isSpoken(first, .rpc) {
      style.withLock { $0 = .rpc }
      return first
    }
    // An order that must not be given twice is given again only where the address itself is unknown.
    guard call.mayBeRepeated || [404, 405, 501].contains(first.status) else { return first }
    guard let second = try? await send(call, .rest) else { return first }
    if isSpoken(second, .rest), second.status != 401 {
      style.withLock { $0 = .rest }
      return second
    }
    return ErrorBody.isWebPage(second) ? first : second
  }

  private func send(_ call: KaggleCall, _ style: KaggleStyle) async throws -> Response {
    do { return try await client.send(call.request(style, settings)) } catch let error
      as TransferError
    {
      throw KaggleError(error)
    }
  }

  /// Whether an answer shows that the server speaks a style: anything but an unknown address, a page for people, and,
  /// of RPC, a refusal of a user's name and key, which are older than RPC is.
  private func isSpoken(_ response: Response, _ style: KaggleStyle) -> Bool {
    if ErrorBody.isWebPage(response) { return false }
    switch (style, response.status) {
    case (.rpc, 404), (.rpc, 405), (.rpc, 501): return ErrorBody.isOfRPC(response)
    case (.rpc, 401): return settings.credentials.isToken
    case (.rest, 405), (.rest, 501): return false
    default: return true
    }
  }

  // MARK: Answers

  /// Sends a call whose answer is JSON, and reads it.
  /// - Parameters:
  ///   - what: what is asked for, as in `the list of files of salt`.
  ///   - slug: of which competition.
  /// - Throws: `KaggleError` where Kaggle refuses, or answers in another form.
  package func answer<Value: Decodable>(
    _ call: KaggleCall, _ type: Value.Type, what: String, slug: String
  ) async throws -> Value {
    try Self.check(slug)
    let response = try await send(call)
    guard response.status == 200, ErrorBody.statedStatus(of: response) ?? 200 == 200 else {
      throw refusal(response, what, slug)
    }
    guard let value = try? JSONDecoder().decode(type, from: response.body) else {
      throw unexpected(response, what)
    }
    return value
  }

  package func refusal(_ response: Response, _ what: String, _ slug: String) -> KaggleError {
    KaggleError(response, what: what, slug: slug, credentials: settings.credentials)
  }

  package func unexpected(_ response: Response, _ what: String) -> KaggleError {
    let form = ErrorBody.isWebPage(response) ? "a web page" : "something else than its API's form"
    return KaggleError(
      .unexpectedAnswer,
      "Kaggle answered with \(form) about \(what) (\(response.status)). Something between here and "
        + "Kaggle may have answered instead (a proxy, a login page of the network), or "
        + "KAGGLE_API_ENDPOINT names another server.")
  }

  /// Refuses what can't be a competition's slug, before anything is sent.
  /// - Throws: `KaggleError`.
  package static func check(_ slug: String) throws {
    let isPlain = slug.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    guard isPlain, !slug.isEmpty else {
      throw KaggleError(
        .invalidRequest,
        "“\(slug)” can't be a competition's slug: that is the last part of the competition's "
          + "address, such as tgs-salt-identification-challenge.")
    }
  }

  /// Refuses an address of storage that isn't https, unless all of this goes on on one machine.
  /// - Throws: `KaggleError`.
  package func check(storage address: URL, of what: String) throws {
    guard address.scheme == "https" || settings.endpoint.isLoopback && address.isLoopback else {
      throw KaggleError(
        .unexpectedAnswer,
        "Kaggle sends \(what) to an address without https; nothing is sent there.")
    }
  }
}
