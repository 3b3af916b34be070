// Who asks for storage, where it is and in which region: from the environment, or from the files that
// the AWS command line keeps.

import Basics
import Foundation
import Pipeline
package import Transfer

/// What the environment and the files in `~/.aws` say.
package struct AWSSettings: Sendable {
  package let keyID: Secret
  package let key: Secret
  package let sessionToken: Secret?
  /// Where the key was found, for people.
  package let source: String
  package let region: String
  /// Another server than Amazon's, and where it is said.
  package let endpoint: (address: String, source: String)?

  /// Looks for the key in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, else in the
  /// profile AWS_PROFILE of `~/.aws/credentials` and `~/.aws/config`; for the region in AWS_REGION and
  /// AWS_DEFAULT_REGION, else in the profile; for the server in AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL,
  /// else in the profile.
  ///
  /// - Parameter environment: HOME says where `~` is.
  /// - Throws: `PipelineError`, saying where was looked and what to do.
  package init(environment: [String: String]) throws {
    func value(_ name: String) -> String? {
      let text = environment[name]?.trimmingCharacters(in: .whitespacesAndNewlines)
      return text?.isEmpty == false ? text : nil
    }
    let home = value("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path
    let name = value("AWS_PROFILE") ?? "default"
    let credentials = try ProfileFile(
      value("AWS_SHARED_CREDENTIALS_FILE") ?? home + "/.aws/credentials", prefix: "")
    let configuration = try ProfileFile(
      value("AWS_CONFIG_FILE") ?? home + "/.aws/config", prefix: "profile ")
    let profile = [credentials, configuration].compactMap { $0.profiles[name] }
    if value("AWS_PROFILE") != nil, profile.isEmpty {
      throw PipelineError(
        "AWS_PROFILE names “\(name)”, but neither \(credentials.path) nor \(configuration.path) has "
          + "such a profile")
    }
    func setting(_ name: String) -> String? { profile.lazy.compactMap { $0[name] }.first }

    switch (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY")) {
    case (let keyID?, let key?):
      self.keyID = Secret(keyID)
      self.key = Secret(key)
      sessionToken = value("AWS_SESSION_TOKEN").map { Secret($0) }
      source = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    case (nil, nil):
      // The three of one key are taken from one file.
      guard
        let (file, fields) = [credentials, configuration].lazy.compactMap({ file in
          file.profiles[name].map { (file, $0) }
        }).first(where: { $0.1["aws_access_key_id"] != nil }),
        let keyID = fields["aws_access_key_id"]
      else {
        throw PipelineError(
          "No key for S3 storage. Looked for AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and for the "
            + "profile “\(name)” in \(credentials.path) and \(configuration.path). Set the two, or run "
            + "`aws configure`. Where you are signed in otherwise (SSO, a role), this sets them for some "
            + "hours: eval \"$(aws configure export-credentials --format env)\"")
      }
      guard let key = fields["aws_secret_access_key"] else {
        throw PipelineError(
          "\(file.path): the profile “\(name)” has an aws_access_key_id, but no aws_secret_access_key"
        )
      }
      self.keyID = Secret(keyID)
      self.key = Secret(key)
      sessionToken = fields["aws_session_token"].map { Secret($0) }
      source = "the profile “\(name)” in \(file.path)"
    case (_?, nil):
      throw PipelineError("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY isn't; set both")
    case (nil, _?):
      throw PipelineError("AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID isn't; set both")
    }

    region =
      value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? setting("region") ?? "us-east-1"
    guard region.utf8.allSatisfy({ $0 < 0x80 && ($0 == 0x2D || isalnum(Int32($0)) != 0) }) else {
      throw PipelineError(
        "the region for S3 storage can't be “\(region)”; it is a name such as eu-central-1")
    }
    endpoint =
      ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].lazy.compactMap { name in
        value(name).map { ($0, name) }
      }.first ?? setting("endpoint_url").map { ($0, "endpoint_url of the profile “\(name)”") }
  }
}

/// A file of `[profile]` and `name = value` lines. Its values are never quoted in an error.
private struct ProfileFile {
  let path: String
  private(set) var profiles: [String: [String: String]] = [:]

  /// Reads a file; one that is missing has no profiles.
  /// - Parameter prefix: what stands before a profile's name in brackets, but before `default`.
  init(_ path: String, prefix: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else { return }
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw PipelineError("\(path): can't be read (\(systemReason(error)))")
    }
    var section: String?
    for line in text.split(whereSeparator: \.isNewline) {
      // What is indented belongs to the setting before it, such as `s3 =`; none of them is used here.
      guard line.first?.isWhitespace == false, line.first != "#", line.first != ";" else {
        continue
      }
      if line.hasPrefix("[") {
        let name = line.dropFirst().prefix { $0 != "]" }.trimmingCharacters(in: .whitespaces)
        section =
          name == "default"
          ? name : name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
        section = section?.trimmingCharacters(in: .whitespaces)
        if let section { profiles[section, default: [:]] = profiles[section] ?? [:] }
      } else if let section, let equals = line.firstIndex(of: "=") {
        let value = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
        if !value.isEmpty {
          profiles[section]?[line[..<equals].trimmingCharacters(in: .whitespaces)] = value
        }
      }
    }
  }
}
