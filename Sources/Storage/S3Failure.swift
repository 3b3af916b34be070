// Why storage refuses, in words, each with what to do next.

import Basics
import Foundation
import Pipeline
import Transfer

extension PipelineError {
  /// A failure on the way to storage or on this machine's disk.
  init(_ error: TransferError, place: String) {
    switch error.kind {
    case .diskFull, .fileSystem: self.init(error.description, exit: .failed)
    case .invalidRequest: self.init("\(place): \(error)", exit: .badInput)
    default: self.init("\(place): \(error)", exit: .network)
    }
  }

  /// An answer of storage that is no success.
  ///
  /// - Parameters:
  ///   - action: what was being done, such as `list what is there`.
  ///   - permission: what the key's owner needs for that, such as `s3:ListBucket`.
  init(
    _ response: Response, remote: S3Remote, action: String, permission: String
  ) {
    let place = remote.place
    let refusal = S3Refusal(response.body)
    let said =
      refusal.map {
        " (\(response.status) \($0.code)\($0.message.isEmpty ? "" : ": \($0.message)")"
      }
      ?? " (\(response.status)"
    let head = "\(place): the server refuses to \(action)\(said))."
    let key = remote.settings.source
    let region = response.headers["x-amz-bucket-region"] ?? refusal?.region

    if let region, region != remote.settings.region, !(200...299).contains(response.status) {
      self.init(
        "\(place): the bucket is in the region \(region), but the request went to "
          + "\(remote.settings.region). Run: export AWS_REGION=\(region)", exit: .badInput)
      return
    }
    switch (response.status, refusal?.code ?? "") {
    case (300...399, _):
      self.init(
        "\(place): the server sends to another address (\(response.status)), which isn't followed with a "
          + "signed request. The bucket may be in another region (set AWS_REGION), or was made some "
          + "minutes ago (try again later)", exit: .badInput)
    case (_, "NoSuchBucket"):
      self.init(
        "\(head) There is no such bucket: compare its name, and AWS_ENDPOINT_URL_S3 where that is set, "
          + "or make it first", exit: .badInput)
    case (_, "InvalidAccessKeyId"), (_, "InvalidToken"), (_, "InvalidClientTokenId"):
      self.init(
        "\(head) It doesn't know the key from \(key): set another one. A temporary key needs "
          + "AWS_SESSION_TOKEN too", exit: .badInput)
    case (_, "ExpiredToken"), (_, "TokenRefreshRequired"):
      self.init(
        "\(head) The key from \(key) was a temporary one and has expired: get a new one",
        exit: .badInput)
    case (_, "SignatureDoesNotMatch"):
      self.init(
        "\(head) The secret key from \(key) doesn't belong to that key's name, or the region isn't "
          + "\(remote.settings.region): compare both. A proxy that changes requests does the same",
        exit: .badInput)
    case (_, "RequestTimeTooSkewed"), (_, "RequestExpired"):
      let here = Date().formatted(.iso8601)
      let there = response.headers["Date"].map { "; the server's says \($0)" } ?? ""
      self.init(
        "\(head) This machine's clock is wrong: it says \(here)\(there). Set it right "
          + "(timedatectl set-ntp true)", exit: .failed)
    case (_, "XAmzContentSHA256Mismatch"), (_, "BadDigest"), (_, "IncompleteBody"):
      self.init(
        "\(head) The file changed while it was sent, or was damaged on the way: run it again",
        exit: .network)
    case (_, "EntityTooLarge"):
      self.init("\(head) The server takes no files of that size", exit: .badInput)
    case (507, _), (_, "QuotaExceeded"), (_, "XMinioStorageFull"):
      self.init("\(head) The storage is full: make room there", exit: .network)
    case (401, _), (403, _):
      self.init(
        "\(head) The key from \(key) lacks the permission \(permission) for this bucket: ask its owner",
        exit: .badInput)
    case (429, _), (500, _), (502...599, _):
      self.init(
        "\(place): the server failed to \(action), also when asked again\(said)). Try again later",
        exit: .network)
    case (_, "") where response.status == 404 || response.status == 405 || response.status == 501:
      self.init(
        "\(head) The server's answer isn't one of S3 storage: see whether AWS_ENDPOINT_URL_S3 or "
          + "AWS_ENDPOINT_URL names the right address", exit: .badInput)
    default:
      self.init(head, exit: .network)
    }
  }
}
