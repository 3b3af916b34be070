// What a REMOTE on the command line means: a folder, or S3 storage.

import ArgumentParser
import Foundation
import Pipeline
import Storage
import Transfer

enum RemoteAddress {
  /// - Parameters:
  ///   - text: a folder's path, or `s3://bucket/prefix`.
  ///   - mustExist: whether the command reads from it, so that a folder has to be there.
  /// - Throws: `ValidationError` or `PipelineError` for an address of another kind, a folder that isn't there,
  ///   or a bucket without a key.
  static func remote(_ text: String, mustExist: Bool = false) throws -> any CacheRemote {
    if S3Remote.isMeant(by: text) {
      let environment = ProcessInfo.processInfo.environment
      return try S3Remote(
        text, environment: environment,
        client: TransferClient(
          TransferSettings(environment: environment), notice: { Console.warning($0) }))
    }
    if let scheme = text.firstRange(of: "://") {
      throw ValidationError(
        "\(text): a remote is a folder or s3://bucket/prefix; "
          + "\(text[..<scheme.lowerBound]):// is not supported")
    }
    return try FolderRemote(path: text, mustExist: mustExist)
  }
}
