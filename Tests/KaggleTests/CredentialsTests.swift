// Where the user's name and key are looked for, and what is said when they aren't right.

import Foundation
import Kaggle
import TestSupport
import Testing
import Transfer

@Suite struct CredentialsTests {
  private let home: TemporaryFolder

  init() throws { home = try TemporaryFolder() }

  private func find(_ environment: [String: String] = [:]) throws -> Credentials {
    try Credentials.find(environment: environment, home: home.url)
  }

  private func write(_ text: String, to path: String, mode: Int = 0o600) throws {
    let file = try home.write(text, to: path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
  }

  private func json(_ username: String, _ key: String) -> String {
    #"{"username": "\#(username)", "key": "\#(key)", "proxy": "ignored"}"#
  }

  @Test func theFileIsFoundInKagglesOrder() throws {
    try write(json("xdg", "1"), to: ".config/kaggle/kaggle.json")
    #expect(try find().username == "xdg")
    try write(json("elsewhere", "2"), to: "conf/kaggle/kaggle.json")
    let configuration = home.url.appendingPathComponent("conf").path
    #expect(try find(["XDG_CONFIG_HOME": configuration]).username == "elsewhere")
    try write(json("dot", "3"), to: ".kaggle/kaggle.json")
    #expect(try find(["XDG_CONFIG_HOME": configuration]).username == "dot")
    let folder = ["KAGGLE_CONFIG_DIR": configuration + "/kaggle"]
    let found = try find(folder)
    #expect(found.username == "elsewhere")
    #expect(found.key.revealed == "2")
    #expect(found.source == configuration + "/kaggle/kaggle.json")
    #expect(found.warnings == [])
  }

  @Test func eachVariableOverridesItsField() throws {
    try write(json("file", "filekey"), to: ".kaggle/kaggle.json")
    let named = try find(["KAGGLE_USERNAME": "other"])
    #expect((named.username, named.key.revealed) == ("other", "filekey"))
    let keyed = try find(["KAGGLE_KEY": "otherkey\n"])
    #expect((keyed.username, keyed.key.revealed) == ("file", "otherkey"))
  }

  @Test func bothVariablesNeedNoFile() throws {
    try write("not even JSON", to: ".kaggle/kaggle.json")
    let found = try find(["KAGGLE_USERNAME": "ada", "KAGGLE_KEY": "k"])
    #expect((found.username, found.key.revealed) == ("ada", "k"))
  }

  @Test func nothingFoundSaysWhereAndWhatToDo() throws {
    let error = try #require(throws: KaggleError.self) { try find(["KAGGLE_KEY": "s3cret"]) }
    #expect(error.kind == .noCredentials)
    for part in [
      home.url.path + "/.kaggle/kaggle.json", home.url.path + "/.config/kaggle/kaggle.json",
      "KAGGLE_USERNAME isn't", "https://www.kaggle.com/settings",
    ] { #expect(error.description.contains(part)) }
    #expect(!error.description.contains("s3cret"))
  }

  @Test(arguments: [
    ("", "JSON object"), ("[1]", "JSON object"),
    (#"{"username": "a", "key": "s3cr"#, "JSON object"),
    (#"{"username": "a"}"#, "no “key”"), (#"{"key": "s3cret"}"#, "no “username”"),
    (#"{"username": "a", "key": ""}"#, "empty “key”"),
    (#"{"username": 7, "key": "s3cret"}"#, "“username” that is no text"),
  ])
  func aMalformedFileIsNamedWithoutItsContent(_ text: String, _ complaint: String) throws {
    try write(text, to: ".kaggle/kaggle.json")
    let error = try #require(throws: KaggleError.self) { try find() }
    #expect(error.kind == .malformedCredentials)
    #expect(error.description.contains(complaint))
    #expect(error.description.contains(home.url.path + "/.kaggle/kaggle.json"))
    #expect(!error.description.contains("s3cr"))
  }

  @Test(arguments: [(0o600, false), (0o640, true), (0o604, true), (0o611, false)])
  func aFileThatOthersCanReadIsWarnedAbout(_ mode: Int, _ warns: Bool) throws {
    try write(json("a", "k"), to: ".kaggle/kaggle.json", mode: mode)
    let warnings = try find().warnings
    #expect(warnings.isEmpty != warns)
    #expect(warnings.allSatisfy { $0.contains("chmod 600") })
  }

  @Test func theKeyIsNeverPrinted() throws {
    let found = Credentials(username: "ada", key: Secret("s3cret"), source: "the test")
    var dumped = ""
    dump(found, to: &dumped)
    dump(found.authorization, to: &dumped)
    for text in ["\(found)", String(reflecting: found), String(reflecting: found.key), dumped] {
      #expect(!text.contains("s3cret"))
      #expect(!text.contains(Data("ada:s3cret".utf8).base64EncodedString()))
    }
  }

  @Test func anAccessTokenGoesAsBearer() throws {
    // RFC 7617's own example of a user's name and password.
    let basic = Credentials(username: "Aladdin", key: Secret("open sesame"), source: "")
    #expect(basic.authorization.revealed == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    let token = Credentials(username: "ada", key: Secret("KGAT_1"), source: "")
    #expect(token.authorization.revealed == "Bearer KGAT_1")
  }
}
