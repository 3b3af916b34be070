// Who asks: the user name and key, from the environment or from kaggle.json.

public import Foundation
public import Transfer

/// A Kaggle user's name and key.
public struct Credentials: Sendable, Equatable, CustomStringConvertible {
  /// The user's name at Kaggle.
  public let username: String
  /// The key, which prints as dots.
  public let key: Secret
  /// Where they were found, for people.
  public let source: String
  /// What is not as it should be, such as a file that others can read.
  public let warnings: [String]

  /// Takes a name and a key from elsewhere.
  public init(username: String, key: Secret, source: String, warnings: [String] = []) {
    self.username = username
    self.key = key
    self.source = source
    self.warnings = warnings
  }

  /// The name and the source, without the key.
  public var description: String { "\(username) (from \(source))" }

  /// The value of the Authorization field.
  package var authorization: Secret {
    // A token of the newer kind is sometimes pasted as the key; Kaggle takes it as Bearer only.
    if key.revealed.hasPrefix("KGAT_") { return Secret("Bearer \(key.revealed)") }
    let pair = Data("\(username):\(key.revealed)".utf8)
    return Secret("Basic \(pair.base64EncodedString())")
  }

  /// Finds the credentials for a process with this environment: home is HOME, where that is set.
  /// - Throws: `KaggleError`, saying where was looked and what to do.
  public static func find(environment: [String: String]) throws -> Credentials {
    try find(
      environment: environment,
      home: environment["HOME"].map { URL(fileURLWithPath: $0, isDirectory: true) }
        ?? FileManager.default.homeDirectoryForCurrentUser)
  }

  /// Finds the credentials as Kaggle's own client does: kaggle.json in KAGGLE_CONFIG_DIR, else in
  /// `~/.kaggle`, else in `${XDG_CONFIG_HOME:-~/.config}/kaggle`; KAGGLE_USERNAME and KAGGLE_KEY
  /// each override the file's field.
  /// - Throws: `KaggleError`, saying where was looked and what to do.
  public static func find(environment: [String: String], home: URL) throws -> Credentials {
    let username = environment["KAGGLE_USERNAME"]?.trimmed
    let key = environment["KAGGLE_KEY"]?.trimmed
    if let username, let key {
      return Credentials(
        username: username, key: Secret(key), source: "KAGGLE_USERNAME and KAGGLE_KEY")
    }
    let places = candidates(environment: environment, home: home)
    guard let file = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      let missing =
        username != nil
        ? "KAGGLE_USERNAME is set, but KAGGLE_KEY isn't. "
        : key != nil ? "KAGGLE_KEY is set, but KAGGLE_USERNAME isn't. " : ""
      throw KaggleError(
        .noCredentials,
        "No Kaggle credentials. \(missing)Looked for \(places.map(\.path).joined(separator: " and ")). "
          + "Make a key at https://www.kaggle.com/settings (API), put the kaggle.json that you get "
          + "there into ~/.kaggle and run: chmod 600 ~/.kaggle/kaggle.json")
    }
    let found = try File(file)
    let overridden =
      username != nil ? ", with KAGGLE_USERNAME" : key != nil ? ", with KAGGLE_KEY" : ""
    return Credentials(
      username: try username ?? found.field("username"),
      key: Secret(try key ?? found.field("key")),
      source: file.path + overridden, warnings: warnings(about: file))
  }

  private static func candidates(environment: [String: String], home: URL) -> [URL] {
    func file(_ folder: String) -> URL {
      URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent("kaggle.json")
    }
    if let folder = environment["KAGGLE_CONFIG_DIR"]?.trimmed { return [file(folder)] }
    let configuration =
      environment["XDG_CONFIG_HOME"]?.trimmed ?? home.appendingPathComponent(".config").path
    return [file(home.appendingPathComponent(".kaggle").path), file(configuration + "/kaggle")]
  }

  private static func warnings(about file: URL) -> [String] {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o044 != 0 else { return [] }
    return ["Others can read your Kaggle key. Run: chmod 600 \(file.path)"]
  }

  /// A kaggle.json. Its content is never quoted in an error, since it is a secret.
  private struct File {
    let path: String
    let fields: [String: Any]

    init(_ url: URL) throws {
      path = url.path
      let data: Data
      do { data = try Data(contentsOf: url) } catch {
        throw KaggleError(
          .malformedCredentials, "\(url.path) can't be read: \(error.localizedDescription)")
      }
      guard let fields = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
        throw KaggleError(
          .malformedCredentials,
          "\(url.path) is not a JSON object like {\"username\": …, \"key\": …}. Download it again "
            + "from https://www.kaggle.com/settings (API).")
      }
      self.fields = fields
    }

    func field(_ name: String) throws -> String {
      guard let value = fields[name] else { throw malformed("has no “\(name)”") }
      guard let text = value as? String else { throw malformed("has a “\(name)” that is no text") }
      guard let text = text.trimmed else { throw malformed("has an empty “\(name)”") }
      return text
    }

    private func malformed(_ what: String) -> KaggleError {
      KaggleError(
        .malformedCredentials,
        "\(path) \(what). Download it again from https://www.kaggle.com/settings (API).")
    }
  }
}

extension String {
  /// Without blanks and line breaks at both ends; nil if nothing is left.
  fileprivate var trimmed: String? {
    let text = trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }
}
