// Which addresses are meant, and who asks: nothing here asks a server.

import Foundation
import Pipeline
import Storage
import TestSupport
import Testing
import Transfer

@Suite struct AddressTests {
  @Test(arguments: [
    ("s3://salt", "salt", "", "s3://salt"), ("s3://salt/", "salt", "", "s3://salt"),
    ("s3://my.salt-1/a//b/", "my.salt-1", "a/b/", "s3://my.salt-1/a/b"),
  ])
  func addressesAreRead(_ text: String, _ bucket: String, _ prefix: String, _ shown: String) throws
  {
    let address = try S3Address(text)
    #expect((address.bucket, address.prefix, address.description) == (bucket, prefix, shown))
  }

  @Test(arguments: [
    "s3://", "s3:///a", "s3://ab", "s3://Salt", "s3://salt_", "s3://-salt", "s3://a..b",
    "s3://salt/../b",
    "s3://KEY:s3cret@salt/a", "s3://127.0.0.1:9000/salt", "http://salt",
  ])
  func otherAddressesAreRefused(_ text: String) throws {
    let error = try #require(throws: PipelineError.self) { try S3Address(text) }
    #expect(!error.description.contains("s3cret"))
  }

  @Test func amazonsAddresses() {
    func address(_ bucket: String, _ region: String) -> String {
      S3Endpoint(bucket: bucket, region: region).address(ofKey: "a b/train@0+é").absoluteString
    }
    let key = "a%20b/train%400%2B%C3%A9"
    #expect(address("salt", "eu-west-3") == "https://salt.s3.eu-west-3.amazonaws.com/\(key)")
    #expect(address("my.salt", "eu-west-3") == "https://s3.eu-west-3.amazonaws.com/my.salt/\(key)")
    #expect(address("salt", "cn-north-1") == "https://salt.s3.cn-north-1.amazonaws.com.cn/\(key)")
  }

  @Test func otherServersAddresses() throws {
    let endpoint = try S3Endpoint(
      bucket: "salt", server: "https://minio.example:9000/s3/", source: "X")
    #expect(endpoint.address(ofKey: "a").absoluteString == "https://minio.example:9000/s3/salt/a")
    #expect(
      endpoint.listing(prefix: "a/", after: "t+/=").absoluteString
        == "https://minio.example:9000/s3/salt/?continuation-token=t%2B%2F%3D&encoding-type=url"
        + "&list-type=2&prefix=a%2F")
  }

  @Test(arguments: [
    "minio.example", "http://minio.example:9000", "https://u:s3cret@minio.example",
    "https://a?b=s3cret",
    "ftp://127.0.0.1",
  ])
  func serversThatMustNotBeAskedAreRefused(_ server: String) throws {
    let error = try #require(throws: PipelineError.self) {
      try S3Endpoint(bucket: "salt", server: server, source: "AWS_ENDPOINT_URL")
    }
    #expect(error.description.hasPrefix("AWS_ENDPOINT_URL"))
    #expect(!error.description.contains("s3cret"))
  }
}

@Suite struct AWSSettingsTests {
  private let home: TemporaryFolder

  init() throws {
    home = try TemporaryFolder()
  }

  private func settings(_ environment: [String: String] = [:]) throws -> AWSSettings {
    try AWSSettings(environment: environment.merging(["HOME": home.url.path]) { $1 })
  }

  private func error(_ environment: [String: String] = [:]) throws -> String {
    try #require(throws: PipelineError.self) { try settings(environment) }.description
  }

  @Test func theEnvironmentComesFirst() throws {
    try home.write(
      "[default]\naws_access_key_id = F\naws_secret_access_key = G\n", to: ".aws/credentials")
    try home.write("[default]\nregion = eu-west-1\n", to: ".aws/config")
    let found = try settings([
      "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_SESSION_TOKEN": "C",
      "AWS_DEFAULT_REGION": "eu-west-2", "AWS_ENDPOINT_URL": "https://a",
    ])
    #expect(
      (found.keyID.revealed, found.key.revealed, found.sessionToken?.revealed) == ("A", "B", "C"))
    #expect(found.region == "eu-west-2")
    #expect(found.endpoint?.address == "https://a")
    #expect(try settings(["AWS_REGION": "r", "AWS_DEFAULT_REGION": "s"]).region == "r")
  }

  @Test func profilesAreRead() throws {
    try home.write(
      """
      # mine
      [default]
      aws_access_key_id=A
      aws_secret_access_key = B=/+
      [ salt ]
      aws_access_key_id = C
      aws_secret_access_key = D
      aws_session_token = E
      """, to: ".aws/credentials")
    try home.write(
      """
      [default]
      region = eu-west-1
      s3 =
        region = nonsense
      [profile salt]
      region = eu-west-2
      endpoint_url = https://minio.example
      [profile config-only]
      aws_access_key_id = K
      aws_secret_access_key = L
      [sso-session salt]
      region = eu-west-3
      """, to: ".aws/config")
    let plain = try settings(["AWS_ACCESS_KEY_ID": " "])
    #expect((plain.keyID.revealed, plain.key.revealed, plain.region) == ("A", "B=/+", "eu-west-1"))
    #expect(plain.sessionToken == nil)
    #expect(plain.endpoint == nil)
    let salt = try settings(["AWS_PROFILE": "salt"])
    #expect((salt.keyID.revealed, salt.key.revealed, salt.region) == ("C", "D", "eu-west-2"))
    #expect(salt.sessionToken?.revealed == "E")
    #expect(salt.endpoint?.address == "https://minio.example")
    #expect(try settings(["AWS_PROFILE": "config-only"]).keyID.revealed == "K")
    #expect(try error(["AWS_PROFILE": "pepper"]).contains("“pepper”"))
  }

  @Test func whatIsMissingIsSaid() throws {
    let none = try error()
    #expect(none.contains("\(home.url.path)/.aws/credentials"))
    #expect(none.contains("aws configure"))
    #expect(try error(["AWS_ACCESS_KEY_ID": "A"]).contains("AWS_SECRET_ACCESS_KEY isn't"))
    #expect(try error(["AWS_SECRET_ACCESS_KEY": "s3cret"]).contains("AWS_ACCESS_KEY_ID isn't"))
    try home.write("[default]\naws_access_key_id = A\n", to: ".aws/credentials")
    #expect(try error().contains("no aws_secret_access_key"))
    let odd = ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_REGION": "a:b"]
    #expect(try error(odd).contains("“a:b”"))
  }
}
