// Where credentials are looked for, in the order of Kaggle's own client (version 2).

public import Foundation
import Transfer

extension Credentials {
  /// Finds the credentials for a process with this environment: home is HOME, where that is set.
  /// - Throws: `KaggleError`, saying where was looked and what to do.
  public static func find(environment: [String: String]) throws -> Credentials {
    try find(environment: environment, home: CredentialSearch.home(environment))
  }

  /// Finds the credentials: an access token in KAGGLE_API_TOKEN (or in the file that it names), in
  /// `~/.kaggle/access_token` or `access_token.txt`; else a name and a key in kaggle.json, in KAGGLE_CONFIG_DIR, else
  /// in `~/.kaggle`, else in `${XDG_CONFIG_HOME:-~/.config}/kaggle`, of which KAGGLE_USERNAME and KAGGLE_KEY each
  /// override a field.
  /// - Throws: `KaggleError`, saying where was looked and what to do.
  public static func find(environment: [String: String], home: URL) throws -> Credentials {
    try CredentialSearch(environment: environment, home: home).credentials()
  }
}

/// One look at an environment and a home.
struct CredentialSearch {
  let environment: [String: String]
  let home: URL

  static func home(_ environment: [String: String]) -> URL {
    environment["HOME"].map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? FileManager.default.homeDirectoryForCurrentUser
  }

  /// A variable's value; nil where it is missing or blank.
  func variable(_ name: String) -> String? { environment[name]?.trimmed }

  func credentials() throws -> Credentials {
    if let token = try token() { return token }
    let username = variable("KAGGLE_USERNAME")
    let key = variable("KAGGLE_KEY")
    if let username, let key {
      return try checked(username, key, source: "KAGGLE_USERNAME and KAGGLE_KEY")
    }
    guard let file = configurationFile else { throw nothing(username: username, key: key) }
    let found = try ConfigurationFile(file)
    let overridden =
      username != nil ? ", with KAGGLE_USERNAME" : key != nil ? ", with KAGGLE_KEY" : ""
    return try checked(
      username ?? found.required("username"), key ?? found.required("key"),
      source: file.path + overridden, warnings: SecretFile.warnings(about: file))
  }

  // MARK: Access tokens

  /// These two lie in `~/.kaggle`, whatever KAGGLE_CONFIG_DIR says: so Kaggle's own client has it.
  private var tokenFiles: [URL] {
    ["access_token", "access_token.txt"].map { home.appendingPathComponent(".kaggle/\($0)") }
  }

  private func token() throws -> Credentials? {
    if let text = variable("KAGGLE_API_TOKEN") {
      let name = "KAGGLE_API_TOKEN"
      if FileManager.default.fileExists(atPath: text) {
        let file = URL(fileURLWithPath: text)
        guard let token = try SecretFile.text(file) else {
          throw KaggleError(
            .malformedCredentials,
            "\(file.path), which KAGGLE_API_TOKEN names, is empty. Put an access token from "
              + "\(KaggleAddress.settings) into it.")
        }
        return try checked(
          token: token, source: "\(file.path) (\(name))", SecretFile.warnings(about: file))
      }
      // It isn't quoted: it may be a token after all.
      guard !["/", "./", "../", "~"].contains(where: text.hasPrefix) else {
        throw KaggleError(
          .malformedCredentials,
          "KAGGLE_API_TOKEN names a file that isn't there. Set it to an access token, or to the path of a file that "
            + "holds one.")
      }
      return try checked(token: text, source: name, [])
    }
    for file in tokenFiles where FileManager.default.fileExists(atPath: file.path) {
      guard let token = try SecretFile.text(file) else { continue }
      return try checked(token: token, source: file.path, SecretFile.warnings(about: file))
    }
    return nil
  }

  private func checked(token: String, source: String, _ warnings: [String]) throws -> Credentials {
    guard !token.contains(where: { $0.isWhitespace || $0 == "{" }) else {
      throw KaggleError(
        .malformedCredentials,
        "\(source) holds no access token, which is one word"
          + (token.hasPrefix("{") ? "; this looks like a kaggle.json, so name it so." : ".")
          + " Make a token at \(KaggleAddress.settings).")
    }
    var warnings = warnings
    if token.count == 32, token.allSatisfy({ $0.isHexDigit }) {
      warnings.append(
        "\(source) looks like the key of a kaggle.json, not like an access token. If Kaggle refuses it, set "
          + "KAGGLE_USERNAME and KAGGLE_KEY instead.")
    }
    return Credentials(token: Secret(token), source: source, warnings: warnings)
  }

  // MARK: Name and key

  /// The kaggle.json that counts.
  var configurationFile: URL? {
    configurationFiles.first { FileManager.default.fileExists(atPath: $0.path) }
  }

  private var configurationFiles: [URL] {
    func file(_ folder: String) -> URL {
      URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent("kaggle.json")
    }
    if let folder = variable("KAGGLE_CONFIG_DIR") { return [file(folder)] }
    let configuration =
      variable("XDG_CONFIG_HOME") ?? home.appendingPathComponent(".config").path
    return [file(home.appendingPathComponent(".kaggle").path), file(configuration + "/kaggle")]
  }

  private func checked(
    _ username: String, _ key: String, source: String, warnings: [String] = []
  ) throws -> Credentials {
    guard !username.contains("@") else {
      throw KaggleError(
        .malformedCredentials,
        "The user name from \(source) is an e-mail address. Kaggle wants the name in your profile's address, "
          + "https://www.kaggle.com/NAME; it stands in the kaggle.json that \(KaggleAddress.settings) gives out."
      )
    }
    var warnings = warnings
    if key.hasPrefix(Credentials.tokenPrefix) {
      warnings.append(
        "The key from \(source) is an access token, and goes to Kaggle as one. Put it into ~/.kaggle/access_token, or "
          + "into KAGGLE_API_TOKEN; other clients refuse it as a key.")
    }
    return Credentials(
      username: username, key: Secret(key), source: source, warnings: warnings)
  }

  private func nothing(username: String?, key: String?) -> KaggleError {
    let missing =
      username != nil
      ? "KAGGLE_USERNAME is set, but KAGGLE_KEY isn't. "
      : key != nil ? "KAGGLE_KEY is set, but KAGGLE_USERNAME isn't. " : ""
    let login = home.appendingPathComponent(".kaggle/credentials.json").path
    let hint =
      FileManager.default.fileExists(atPath: login)
      ? "The login in \(login) isn't used. " : ""
    let places = [tokenFiles[0]] + configurationFiles
    return KaggleError(
      .noCredentials,
      "No Kaggle credentials. \(missing)\(hint)Looked for KAGGLE_API_TOKEN and "
        + "\(places.map(\.path).joined(separator: " and ")). Make an access token at "
        + "\(KaggleAddress.settings) (API), put it into ~/.kaggle/access_token and run: chmod 600 "
        + "~/.kaggle/access_token (a kaggle.json from there does as well).")
  }
}

extension String {
  /// Without blanks and line breaks at both ends; nil if nothing is left.
  var trimmed: String? {
    let text = trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }
}
