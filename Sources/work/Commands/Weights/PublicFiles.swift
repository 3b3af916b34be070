// Public files over HTTP: unlike Transfer itself, redirects are followed, since hosts of files use them.

import Foundation
import Transfer

/// Fetches what everybody may read.
struct PublicFiles {
  private let client: TransferClient

  init(_ environment: [String: String]) {
    client = TransferClient(
      TransferSettings(environment: environment), notice: { Console.warning($0) })
  }

  /// Sends a request.
  ///
  /// - Returns: the answer, and the address that gave it.
  /// - Throws: `TransferError` where there was no answer.
  func send(_ request: Request) async throws -> (response: Response, address: URL) {
    var request = request
    for _ in 0..<Self.mostRedirects {
      let response = try await client.send(request)
      guard let next = Self.redirect(response, request) else { return (response, request.url) }
      request = next
    }
    return (try await client.send(request), request.url)
  }

  /// Fetches a request's content into a file.
  ///
  /// - Throws: `TransferError`.
  func download(
    _ request: Request, to target: URL,
    progress: @escaping @Sendable (DownloadProgress) -> Void
  ) async throws {
    var request = request
    for count in 0... {
      do {
        _ = try await client.download(request, to: target, progress: progress)
        return
      } catch let error as TransferError {
        guard case .status(let response) = error.kind, count < Self.mostRedirects,
          let next = Self.redirect(response, request)
        else { throw error }
        request = next
      }
    }
  }

  private static let mostRedirects = 5

  /// The request that an answer asks for in place of the last one. What authorizes is for the first host only.
  private static func redirect(_ response: Response, _ request: Request) -> Request? {
    guard [301, 302, 303, 307, 308].contains(response.status),
      let location = response.headers["Location"],
      let url = URL(string: location, relativeTo: request.url)?.absoluteURL
    else { return nil }
    var next = request
    next.url = url
    let isSameHost =
      url.host == request.url.host && url.port == request.url.port
      && url.scheme == request.url.scheme
    if !isSameHost { next.authorization = nil }
    return next
  }
}
