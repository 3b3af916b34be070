// The files that hold secrets: kaggle.json, and files with an access token. What is in them is never quoted.

import Basics
import Foundation

/// A kaggle.json.
struct ConfigurationFile {
  let path: String
  private let fields: [String: Any]

  /// - Throws: `KaggleError` where it can't be read, or is no JSON object.
  init(_ url: URL) throws {
    path = url.path
    let data = try SecretFile.data(url)
    guard let fields = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
      throw KaggleError(
        .malformedCredentials,
        "\(url.path) is not a JSON object like {\"username\": …, \"key\": …}. Download it again "
          + "from \(KaggleAddress.settings) (API).")
    }
    self.fields = fields
  }

  /// A field that must be there.
  func required(_ name: String) throws -> String {
    guard let value = fields[name] else { throw malformed("has no “\(name)”") }
    guard let text = value as? String else { throw malformed("has a “\(name)” that is no text") }
    guard let text = text.trimmed else { throw malformed("has an empty “\(name)”") }
    return text
  }

  /// A field that may be missing, blank or null.
  func optional(_ name: String) throws -> String? {
    guard let value = fields[name], !(value is NSNull) else { return nil }
    guard let text = value as? String else { throw malformed("has a “\(name)” that is no text") }
    return text.trimmed
  }

  private func malformed(_ what: String) -> KaggleError {
    KaggleError(
      .malformedCredentials,
      "\(path) \(what). Download it again from \(KaggleAddress.settings) (API).")
  }
}

/// A file with a secret in it.
enum SecretFile {
  /// More can't be a token's, or a kaggle.json's: such a path names something else.
  private static let mostBytes = 64 << 10

  static func data(_ file: URL) throws -> Data {
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      let data = try handle.read(upToCount: mostBytes + 1) ?? Data()
      guard data.count <= mostBytes else {
        throw KaggleError(
          .malformedCredentials, "\(file.path) is too large to hold credentials.")
      }
      return data
    } catch let error as KaggleError {
      throw error
    } catch {
      throw KaggleError(
        .malformedCredentials, "\(file.path) can't be read: \(systemReason(error))")
    }
  }

  /// The text in it; nil where there is none.
  static func text(_ file: URL) throws -> String? {
    guard let text = String(data: try data(file), encoding: .utf8) else {
      throw KaggleError(
        .malformedCredentials, "\(file.path) is no text, so it holds no access token.")
    }
    return text.trimmed
  }

  /// What others may do with it that they shouldn't.
  static func warnings(about file: URL) -> [String] {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: file.resolvingSymlinksInPath().path)
    guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o044 != 0 else { return [] }
    return ["Others can read your Kaggle key. Run: chmod 600 \(file.path)"]
  }
}
