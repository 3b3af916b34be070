// Sends a file to Kaggle's storage: asks where to, sends it, and begins anew where storage has forgotten it.

import Basics
import Foundation
import Kaggle

/// One file for Kaggle, of whatever kind.
struct FileUpload: Sendable {
  let connection: KaggleConnection
  let file: URL
  /// What the file is called at Kaggle.
  let name: String
  /// Waits so many seconds.
  let sleep: @Sendable (Double) async throws -> Void

  /// Sends the file. What broke off goes on; what has expired begins anew.
  /// - Parameters:
  ///   - start: asks where to send a file of so many bytes, changed so many seconds after 1970.
  ///   - progress: is told how many bytes are on their way or there.
  /// - Returns: the token of the upload, which is a secret.
  /// - Throws: `KaggleError`.
  func send(
    _ progress: @escaping @Sendable (Int64) -> Void,
    start: (_ bytes: Int64, _ modified: Int64) async throws -> UploadAddress
  ) async throws -> String {
    let attributes: [FileAttributeKey: Any]
    do {
      attributes = try FileManager.default.attributesOfItem(
        atPath: file.resolvingSymlinksInPath().path)
    } catch {
      throw KaggleError(
        .fileSystem, "\(file.path): can't be read (\(systemReason(error)))")
    }
    let bytes = (attributes[.size] as? Int64) ?? Int64(attributes[.size] as? Int ?? 0)
    let modified = (attributes[.modificationDate] as? Date) ?? Date()
    var renewals = 2
    while true {
      let start = try await start(bytes, Int64(modified.timeIntervalSince1970))
      let what = "the upload of \(name)"
      guard let address = URL(string: start.createUrl), address.host != nil else {
        throw KaggleError(
          .unexpectedAnswer, "Kaggle gives no address for \(what). Try again later.")
      }
      try connection.check(storage: address, of: what)
      let upload = ResumableUpload(
        client: connection.client, address: address, file: file, name: name, bytes: bytes,
        sleep: sleep)
      do {
        try await upload.send(progress)
        return start.token
      } catch is ResumableUpload.Expired {
        guard renewals > 0 else {
          throw KaggleError(
            .server,
            "Kaggle's storage forgets \(what) each time it is begun. Nothing was submitted; try again later."
          )
        }
        renewals -= 1
      }
    }
  }
}
