// Under which name a file is kept: Kaggle zips a big `train.csv` on its own, says so only in the
// address that it redirects to, and perhaps not even there.

import Basics
import Foundation
import Transfer

enum LocalName {
  /// The place to download to: the asked one, with `.zip` if the address's last part has it added.
  static func target(asked: URL, address: URL) -> URL {
    let zipped = asked.appendingPathExtension("zip")
    if address.lastPathComponent == zipped.lastPathComponent { return zipped }
    // An earlier download that was found to be a zip only by its content.
    if size(of: asked) == nil, size(of: zipped) != nil { return zipped }
    return asked
  }

  /// Whether Kaggle may zip such a file on its own.
  static func isText(_ file: URL) -> Bool {
    let texts: Set<String> = ["csv", "tsv", "txt", "json", "jsonl", "md", "xml", "html", "sql"]
    return texts.contains(file.pathExtension.lowercased())
  }

  /// What has to arrive for a file that Kaggle lists with a size.
  static func expected(_ bytes: Int64?, asked: URL, target: URL) -> ExpectedContent {
    ExpectedContent(
      bytes: bytes, mayBeZipped: target != asked || isText(asked),
      mayBeWebPage: ["html", "htm", "xhtml"].contains(asked.pathExtension.lowercased()))
  }

  /// Adds `.zip` to the name of a text file that turns out to be a zip archive.
  static func settle(_ file: URL) throws -> URL {
    guard isText(file) else { return file }
    do { guard try beginsAsZip(file) else { return file } } catch let error as TransferError {
      throw KaggleError(error)
    }
    let zipped = file.appendingPathExtension("zip")
    guard rename(file.path, zipped.path) == 0 else {
      throw KaggleError(.fileSystem, "\(file.path) can't be renamed: \(systemMessage(errno))")
    }
    return zipped
  }
}
