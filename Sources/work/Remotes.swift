// Which place a REMOTE on the command line means.

import ArgumentParser
import Foundation
import Pipeline

enum Remotes {
  /// - Parameter text: a folder's path, or `s3://bucket/prefix`.
  static func named(_ text: String) throws -> any CacheRemote {
    if let scheme = text.firstRange(of: "://") {
      throw ValidationError(
        "\(text): a remote is a folder; \(text[..<scheme.lowerBound]) is not known here")
    }
    return FolderRemote(
      URL(fileURLWithPath: (text as NSString).expandingTildeInPath, isDirectory: true))
  }
}
