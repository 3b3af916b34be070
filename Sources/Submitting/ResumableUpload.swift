// Sends a file to storage, and goes on where the connection broke: Google's protocol for resumable uploads
// (cloud.google.com/storage/docs/resumable-uploads).

import Foundation
import Kaggle
import Transfer

/// One file on its way to storage.
struct ResumableUpload: Sendable {
  let client: TransferClient
  let address: URL
  let file: URL
  /// What the file is called at Kaggle.
  let name: String
  let bytes: Int64
  /// Waits so many seconds.
  let sleep: @Sendable (Double) async throws -> Void

  /// Attempts without a byte more than before.
  private static let mostAttempts = 6

  /// Storage doesn't know the upload any more: begin a new one.
  struct Expired: Error {}

  /// Sends the file.
  /// - Parameter progress: is told how many bytes are on their way or there.
  /// - Throws: `Expired`; `KaggleError` where it can't be sent.
  func send(_ progress: @escaping @Sendable (Int64) -> Void) async throws {
    var offset: Int64 = 0
    var failures = 0
    while true {
      let problem: TransferError?
      do {
        let response = try await client.send(request(from: offset), sent: progress)
        if try isDone(response) { return }
        problem = nil
      } catch let error as TransferError {
        guard Self.mayPass(error.kind) else { throw KaggleError(error) }
        problem = error
      }
      failures += 1
      guard failures < Self.mostAttempts else { throw gaveUp(problem) }
      try await sleep(min(pow(2, Double(failures - 1)), 30))
      guard let there = try await received() else { return }
      if there > offset { failures = 0 }
      offset = there
      progress(offset)
    }
  }

  private func request(from offset: Int64) -> Request {
    var request = Request(address, method: .put, file: file, mayBeRepeated: false)
    request.offset = offset
    // A whole file that is sent for the first time needs no range.
    if offset > 0 {
      request.headers["Content-Range"] = "bytes \(offset)-\(bytes - 1)/\(bytes)"
    }
    return request
  }

  /// Asks how much is there.
  /// - Returns: the count of bytes; nil where all are.
  private func received() async throws -> Int64? {
    var request = Request(address, method: .put)
    request.headers["Content-Range"] = "bytes */\(bytes)"
    let response: Response
    do { response = try await client.send(request) } catch let error as TransferError {
      throw KaggleError(error)
    }
    if try isDone(response) { return nil }
    guard response.status == 308 else { throw refusal(response) }
    guard let range = response.headers["Range"] else { return 0 }
    guard let match = range.wholeMatch(of: /bytes=0-(\d+)/), let last = Int64(match.1),
      last < bytes
    else { throw refusal(response) }
    return last + 1
  }

  /// Whether all is there; false where it may go on.
  private func isDone(_ response: Response) throws -> Bool {
    switch response.status {
    case 200, 201: return true
    case 308, 429, 500...599: return false
    case 404, 410: throw Expired()
    default: throw refusal(response)
    }
  }

  private static func mayPass(_ kind: TransferError.Kind) -> Bool {
    switch kind {
    case .network, .noServer, .timeout: true
    default: false
    }
  }

  private func refusal(_ response: Response) -> KaggleError {
    KaggleError(ofStorage: response, "the upload of \(name)")
  }

  private func gaveUp(_ problem: TransferError?) -> KaggleError {
    problem.map { KaggleError($0) }
      ?? KaggleError(
        .server,
        "Kaggle's storage failed to take in \(name), also when asked again. Nothing was submitted; "
          + "try again later.")
  }
}
