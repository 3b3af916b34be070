// Which place a REMOTE on the command line means.

import ArgumentParser
import Foundation
import Pipeline
import Storage
import Transfer

enum Remotes {
  /// - Parameters:
  ///   - text: a folder's path, or `s3://bucket/prefix`.
  ///   - mustExist: whether something is to be fetched from it, so that a folder has to be there.
  /// - Throws: `PipelineError` where an address can't be meant, or there is no key for a bucket.
  static func named(_ text: String, mustExist: Bool = false) throws -> any CacheRemote {
    if S3Remote.isMeant(by: text) {
      let environment = ProcessInfo.processInfo.environment
      return try S3Remote(
        text, environment: environment,
        client: TransferClient(
          TransferSettings(environment: environment), notice: { Console.warning($0) }))
    }
    if let scheme = text.firstRange(of: "://") {
      throw ValidationError(
        "\(text): a remote is a folder or s3://bucket/prefix; \(text[..<scheme.lowerBound]) is not "
          + "known here")
    }
    return try FolderRemote(path: text, mustExist: mustExist)
  }
}
