// Sends requests, each by a fresh handle, and repeats what may be repeated.

import Foundation

/// How patient a client is, and whom it trusts.
public struct TransferSettings: Sendable {
  /// How often a request is sent at most.
  public var attempts = 5
  /// How often it is tried at most to find a server of which nothing was heard yet: the address may be wrong.
  public var firstAttempts = 2
  /// The wait before the second attempt, in seconds; it doubles with each further one.
  public var firstWait = 1.0
  /// The longest wait that is worth staying for, in seconds.
  public var longestWait = 120.0
  /// The time to connect, in milliseconds.
  public var connectMilliseconds = 30_000
  /// How long a server may be silent, in seconds.
  public var silentSeconds = 60
  /// The most bytes of an answer that is kept in memory.
  public var bodyLimit = 64 << 20
  /// A file of trusted certificates; nil for the system's.
  public var certificates: String?
  /// The address of a proxy for all but this machine, perhaps with a password; nil for the one of the environment.
  public var proxy: Secret?
  /// Where a proxy is said, for people; nil where none is.
  public var proxySource: String?
  /// What the client calls itself.
  public var userAgent = "work"

  /// The settings for ordinary use.
  /// - Parameter environment: CURL_CA_BUNDLE, else SSL_CERT_FILE, names the trusted certificates.
  ///   (libcurl itself takes https_proxy and no_proxy from the process's environment.)
  public init(environment: [String: String] = [:]) {
    certificates = [environment["CURL_CA_BUNDLE"], environment["SSL_CERT_FILE"]]
      .compactMap { $0 }.first { !$0.isEmpty }
    proxySource = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].first {
      environment[$0]?.isEmpty == false
    }
  }
}

/// A client for HTTP that neither follows redirects nor prints secrets.
///
/// A GET or PUT is repeated with growing waits when the connection fails, and after 429 and 5xx; a wait
/// that the server asks for by Retry-After is kept, unless it is longer than the longest wait.
public struct TransferClient: Sendable {
  /// Tells a person what goes on, such as a wait before the next attempt.
  public typealias Notice = @Sendable (String) -> Void

  let settings: TransferSettings
  private let notice: Notice
  private let sleep: @Sendable (Double) async throws -> Void
  /// Set when a server has been reached: one that is gone after that is worth waiting for.
  private let contact = OnceFlag()

  /// Makes a client.
  public init(
    _ settings: TransferSettings = TransferSettings(), notice: @escaping Notice = { _ in }
  ) {
    self.init(settings, notice: notice, sleepingBy: { try await Task.sleep(for: .seconds($0)) })
  }

  /// The waits, in seconds, go to `sleep`; for tests.
  package init(
    _ settings: TransferSettings, notice: @escaping Notice = { _ in },
    sleepingBy sleep: @escaping @Sendable (Double) async throws -> Void
  ) {
    self.settings = settings
    self.notice = notice
    self.sleep = sleep
  }

  /// Sends a request and gives back whatever the server answered, be it a redirect or an error.
  /// - Parameter sent: is told how many bytes of a PUT's file are on their way.
  /// - Throws: `TransferError` if there was no answer, `CancellationError` if the task is cancelled.
  public func send(
    _ request: Request, sent: @escaping @Sendable (Int64) -> Void = { _ in }
  ) async throws -> Response {
    let attempts = request.mayBeRepeated ? settings.attempts : 1
    do {
      return try await repeating(attempts) {
        try await offThePool { [settings] cancellation in
          let body = Body(limit: settings.bodyLimit, of: request)
          let handle = try EasyHandle(request, settings: settings, sent: sent)
          let (status, headers, wait) = try handle.perform(body, cancellation: cancellation)
          let response = Response(
            status: status, headers: headers, body: body.bytes, retryAfter: wait, to: request)
          guard !response.isTransient else { throw TransferError(response, to: request) }
          return response
        }
      }
    } catch let error as TransferError {
      if case .status(let response) = error.kind { return response }
      throw error
    }
  }

  /// Runs attempts until one succeeds, one fails for good, or there have been enough of them.
  /// - Parameter progress: a number that grows when an attempt, though it failed, got on; the
  ///   count of attempts then starts anew.
  func repeating<Result: Sendable>(
    _ attempts: Int, progress: () -> Int64 = { 0 },
    _ attempt: () async throws -> Result
  ) async throws -> Result {
    var count = 0
    var best = progress()
    while true {
      do {
        let result = try await attempt()
        contact.set()
        return result
      } catch let error as TransferError where error.isTransient {
        count += 1
        if error.kind != .noServer { contact.set() }
        if progress() > best { (best, count) = (progress(), 1) }
        var wait = min(settings.firstWait * pow(2, Double(count - 1)), settings.longestWait)
        if case .status(let response) = error.kind, let asked = response.retryAfter {
          wait = max(wait, Double(asked))
        }
        let limit = contact.isSet ? attempts : min(attempts, settings.firstAttempts)
        guard count < limit, wait <= settings.longestWait else { throw error }
        notice("\(error) Trying again in \(wait.formatted()) s.")
        try await sleep(wait)
      }
    }
  }

  /// Runs a blocking call on a thread that may block, and passes the task's cancellation on.
  func offThePool<Result: Sendable>(
    _ body: @escaping @Sendable (OnceFlag) throws -> Result
  ) async throws -> Result {
    try Task.checkCancellation()
    let flag = OnceFlag()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // A thread of its own: Dispatch's threads are the tasks' threads too, and blocked ones are
        // replaced only once a second.
        Thread.detachNewThread {
          blockBrokenPipeSignal()
          continuation.resume(with: Swift.Result { try body(flag) })
        }
      }
    } onCancel: {
      flag.set()
    }
  }
}

/// Keeps the calling thread from being ended, with the whole process, by writing to a connection
/// that the other side has closed: OpenSSL doesn't ask for an error instead, and libcurl sees to it
/// only where it may change the signals of the process.
private func blockBrokenPipeSignal() {
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &signals, nil)
}

extension TransferError {
  /// An answer that is no success.
  init(_ response: Response, to request: Request) {
    let advice =
      switch response.status {
      case 429: " The server wants fewer requests; try again later."
      case 500...599: " The fault is the server's; try again later."
      default: ""
      }
    let wait = response.retryAfter.map { " It asks to wait \($0) s." } ?? ""
    self.init(
      .status(response), request,
      "the server answered with status \(response.status).\(wait)\(advice)")
  }
}

/// Keeps an answer in memory, up to a limit.
final class Body: Receiver {
  private(set) var bytes = Data()
  private let limit: Int
  private let request: Request

  init(limit: Int, of request: Request) {
    self.limit = limit
    self.request = request
  }

  func begin(status: Int, headers: HeaderFields) {}

  func receive(_ piece: UnsafeRawBufferPointer) throws {
    guard bytes.count + piece.count <= limit else {
      throw TransferError(.tooLarge, request, "the answer is longer than \(limit) bytes.")
    }
    bytes.append(contentsOf: piece)
  }
}
