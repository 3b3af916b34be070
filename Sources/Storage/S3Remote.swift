// The run cache in a bucket: S3 as Amazon and others offer it.

import Basics
public import Foundation
public import Pipeline
public import Transfer

/// A bucket, or the names in it that begin alike, as a place for the run cache.
///
/// Requests are signed by libcurl (AWS Signature Version 4), with the SHA-256 of what they carry. Keys are
/// looked for as the AWS command line does. What fails for the moment is tried again.
public struct S3Remote: CacheRemote {
  let address: S3Address
  let settings: AWSSettings
  private let endpoint: S3Endpoint
  private let client: TransferClient

  /// The largest file that goes over in one request.
  package static let largestFile: Int64 = 5 << 30

  /// Whether a remote is to be looked for here.
  public static func isMeant(by text: String) -> Bool { text.hasPrefix("s3://") }

  /// Names a place; asks no server.
  ///
  /// - Parameters:
  ///   - text: `s3://BUCKET` or `s3://BUCKET/PREFIX`.
  ///   - environment: of the process; see docs/cache-remotes.md.
  ///   - client: how the bytes travel.
  /// - Throws: `PipelineError` where the address can't be meant, or there is no key.
  public init(
    _ text: String, environment: [String: String], client: TransferClient
  ) throws {
    address = try S3Address(text)
    settings = try AWSSettings(environment: environment)
    endpoint =
      if let (server, source) = settings.endpoint {
        try S3Endpoint(bucket: address.bucket, server: server, source: source)
      } else { S3Endpoint(bucket: address.bucket, region: settings.region) }
    self.client = client
  }

  /// The address, such as `s3://my-bucket/cache`.
  public var place: String { address.description }

  /// Lists a page of a thousand after the other.
  public func names(beginningWith prefix: String) async throws -> Set<String> {
    var names: Set<String> = []
    var token: String?
    var seen: Set<String> = []
    repeat {
      let page = try await page(prefix, after: token)
      for key in page.keys where key.hasPrefix(address.prefix) {
        names.insert(String(key.dropFirst(address.prefix.count)))
      }
      token = page.next
      if let token, !seen.insert(token).inserted {
        throw PipelineError(
          "\(place): the server repeats a page of its listing. Try again later", exit: .network)
      }
    } while token != nil
    return names
  }

  private func page(_ prefix: String, after token: String?) async throws -> S3Listing {
    let url = endpoint.listing(prefix: address.prefix + prefix, after: token)
    let response = try await send(request(url))
    guard response.status == 200 else {
      throw PipelineError(
        response, remote: self, action: "list what is there", permission: "s3:ListBucket")
    }
    guard let listing = S3Listing(response.body) else {
      throw PipelineError(
        "\(place): the answer to a listing isn't one of S3 storage. See whether AWS_ENDPOINT_URL_S3 or "
          + "AWS_ENDPOINT_URL names the right address", exit: .network)
    }
    return listing
  }

  /// Sends a file of at most 5 GiB in one request, which the server takes whole or not at all.
  public func put(_ file: URL, as name: String) async throws {
    if let bytes = size(of: file), bytes > Self.largestFile {
      throw PipelineError(
        "\(file.path): has \(bytes) bytes; no more than 5 GiB (\(Self.largestFile) bytes) go to S3 storage "
          + "in one piece, and sending in several isn't written yet. Use a folder as the remote")
    }
    let digest = try contentDigest(of: file)
    let request = request(
      endpoint.address(ofKey: try key(name)), method: .put, digest: digest, file: file)
    let response = try await send(request)
    guard (200...299).contains(response.status) else {
      throw PipelineError(
        response, remote: self, action: "keep \(name)", permission: "s3:PutObject")
    }
  }

  /// Fetches beside the file, resumes where the connection broke, and renames.
  public func get(_ name: String, to file: URL) async throws -> Bool {
    // What a killed process left under this name is overwritten; a `.partial` is resumed.
    let fetched = file.appendingPathExtension("fetched")
    unlink(fetched.path)
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      _ = try await client.download(request(endpoint.address(ofKey: try key(name))), to: fetched)
    } catch let error as TransferError {
      guard case .status(let response) = error.kind else {
        throw PipelineError(error, place: place)
      }
      if response.status == 404, S3Refusal(response.body)?.code == "NoSuchKey" { return false }
      throw PipelineError(
        response, remote: self, action: "give out \(name)", permission: "s3:GetObject")
    } catch let error as CocoaError {
      throw PipelineError(
        "\(file.path): can't be written (\(systemReason(error)))", exit: .failed)
    }
    guard rename(fetched.path, file.path) == 0 else {
      let reason = systemMessage(errno)
      unlink(fetched.path)
      throw PipelineError("\(file.path): can't be written (\(reason))", exit: .failed)
    }
    return true
  }

  /// The SHA-256 of no bytes.
  private static let emptyDigest =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  private func request(
    _ url: URL, method: Request.Method = .get, digest: String = Self.emptyDigest, file: URL? = nil
  ) -> Request {
    Request(
      url, method: method, headers: ["x-amz-content-sha256": digest],
      signature: RequestSignature(
        keyID: settings.keyID, key: settings.key, sessionToken: settings.sessionToken,
        region: settings.region, service: "s3"), file: file)
  }

  private func send(_ request: Request) async throws -> Response {
    do { return try await client.send(request) } catch let error as TransferError {
      throw PipelineError(error, place: place)
    }
  }

  /// The key of a name, which must be of those that a cache uses: libcurl would resolve `..`.
  private func key(_ name: String) throws -> String {
    // By bytes: with an accent behind it, a slash is another character.
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      throw PipelineError(
        "\(place): “\(name)” can't be the name of a file in the cache", exit: .failed)
    }
    return address.prefix + name
  }
}
