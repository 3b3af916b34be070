// Where the user's name and key are looked for, and what is said when they aren't right.

import Basics
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
    #"{"username": "\#(username)", "key": "\#(key)", "path": "ignored"}"#
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

  // MARK: Access tokens

  @Test func aTokenComesBeforeANameAndAKey() throws {
    try write(json("file", "filekey"), to: ".kaggle/kaggle.json")
    try write("KGAT_txt\n", to: ".kaggle/access_token.txt")
    let keyed = ["KAGGLE_USERNAME": "ada", "KAGGLE_KEY": "k"]
    #expect(try find(keyed).key.revealed == "KGAT_txt")
    try write("KGAT_file\n", to: ".kaggle/access_token")
    let found = try find(keyed)
    #expect((found.username, found.key.revealed) == (nil, "KGAT_file"))
    #expect(found.source == home.url.path + "/.kaggle/access_token")
    #expect(found.isToken && found.warnings == [])
    let named = try find(keyed.merging(["KAGGLE_API_TOKEN": " KGAT_variable "]) { $1 })
    #expect((named.key.revealed, named.source) == ("KGAT_variable", "KAGGLE_API_TOKEN"))
    // The two files lie in ~/.kaggle, whatever KAGGLE_CONFIG_DIR says.
    let elsewhere = try find(["KAGGLE_CONFIG_DIR": home.url.path])
    #expect(elsewhere.key.revealed == "KGAT_file")
  }

  @Test func theVariableMayNameAFile() throws {
    try write("KGAT_far\n", to: "far", mode: 0o644)
    let path = home.url.appendingPathComponent("far").path
    let found = try find(["KAGGLE_API_TOKEN": path])
    #expect(found.key.revealed == "KGAT_far" && found.source.contains(path))
    #expect(found.warnings.first?.contains("chmod 600 \(path)") == true)
    let error = try #require(throws: KaggleError.self) {
      try find(["KAGGLE_API_TOKEN": path + "-not"])
    }
    #expect(error.kind == .malformedCredentials)
    #expect(error.description.contains("KAGGLE_API_TOKEN names a file that isn't there"))
  }

  @Test func anEmptyTokenFileIsPassedBy() throws {
    try write("\n", to: ".kaggle/access_token")
    try write(json("ada", "k"), to: ".kaggle/kaggle.json")
    #expect(try find().username == "ada")
  }

  @Test func aKaggleJSONIsNoToken() throws {
    try write(json("ada", "s3cret"), to: ".kaggle/access_token")
    let error = try #require(throws: KaggleError.self) { try find() }
    #expect(error.description.contains("looks like a kaggle.json"))
    #expect(!error.description.contains("s3cret"))
  }

  @Test func theWrongKindIsToldAndNeverShown() throws {
    let token = try find(["KAGGLE_USERNAME": "ada", "KAGGLE_KEY": "KGAT_0123"])
    #expect(token.isToken)
    #expect(token.warnings.first?.contains("is an access token") == true)
    let key = try find(["KAGGLE_API_TOKEN": "0123456789abcdef0123456789abcdef"])
    #expect(key.warnings.first?.contains("looks like the key of a kaggle.json") == true)
    #expect(!(token.warnings + key.warnings).joined().contains("0123"))
    let mail = try #require(throws: KaggleError.self) {
      try find(["KAGGLE_USERNAME": "ada@example.org", "KAGGLE_KEY": "s3cret"])
    }
    #expect(mail.kind == .malformedCredentials)
    #expect(mail.description.contains("is an e-mail address"))
    #expect(!mail.description.contains("s3cret"))
  }

  @Test func aLoginOfAnotherClientIsNamed() throws {
    try write("{}", to: ".kaggle/credentials.json")
    let error = try #require(throws: KaggleError.self) { try find() }
    #expect(error.description.contains("/.kaggle/credentials.json isn't used"))
  }

  // MARK: The way there

  private func settings(_ environment: [String: String] = [:]) throws -> TransferSettings {
    try KaggleSettings.find(environment: ["HOME": home.url.path].merging(environment) { $1 })
      .transfer
  }

  @Test func proxyAndCertificatesOfTheFileCount() throws {
    try write("-----", to: "own.pem")
    let pem = home.url.appendingPathComponent("own.pem").path
    try write(
      #"{"username": "a", "key": "k", "proxy": "http://u:pa55word@proxy:3128", "ssl_ca_cert": "\#(pem)"}"#,
      to: ".kaggle/kaggle.json")
    let found = try settings()
    #expect(found.proxy?.revealed == "http://u:pa55word@proxy:3128")
    #expect(found.proxySource == "“proxy” in \(home.url.path)/.kaggle/kaggle.json")
    #expect(found.certificates == pem)
    #expect(!"\(found)".contains("pa55word"))
    // A variable overrides a field; a token needs no kaggle.json, and has its proxy all the same.
    let other = try settings(["KAGGLE_PROXY": "other:80", "KAGGLE_API_TOKEN": "KGAT_1"])
    #expect((other.proxy?.revealed, other.proxySource) == ("other:80", "KAGGLE_PROXY"))
    #expect(other.certificates == pem)
    #expect(
      try settings(["KAGGLE_API_TOKEN": "KGAT_1", "KAGGLE_CONFIG_DIR": "/none"]).proxy == nil)
  }

  @Test(arguments: [
    (#""proxy": "::""#, "is no address"), (#""proxy": "ftp://a""#, "is no address"),
    (#""proxy": 7"#, "that is no text"), (#""ssl_ca_cert": "/no/such.pem""#, "aren't there"),
  ])
  func whatCantBeMeantIsTold(_ field: String, _ complaint: String) throws {
    try write(#"{"username": "a", "key": "s3cret", \#(field)}"#, to: ".kaggle/kaggle.json")
    let error = try #require(throws: KaggleError.self) { try settings() }
    #expect(error.exit == .badInput)
    #expect(error.description.contains(complaint) && !error.description.contains("s3cret"))
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
