// Kaggle's API: lists the files of a competition and fetches them. RESTDialect knows the requests and
// answers, Transfer moves the bytes.

import Basics
public import Foundation
public import Transfer

/// A file of a competition, as Kaggle lists it.
public struct RemoteFile: Sendable, Hashable {
  /// Its name, perhaps with folders: `train.csv`, `images/1.png`.
  public let name: String
  /// Its size, if Kaggle says it. A file that arrives zipped has another one.
  public let bytes: Int64?

  /// Names a file.
  public init(name: String, bytes: Int64?) {
    self.name = name
    self.bytes = bytes
  }
}

extension [RemoteFile] {
  /// Two files whose names differ in their folders only, so that they can't lie in one folder.
  public var clash: (RemoteFile, RemoteFile)? {
    var seen: [Substring: RemoteFile] = [:]
    for file in self {
      let name = file.name.split(separator: "/").last ?? ""
      if let other = seen.updateValue(file, forKey: name) { return (other, file) }
    }
    return nil
  }
}

/// A file that has been fetched.
public struct LocalFile: Sendable, Equatable {
  /// Where it lies. Its name is that of the remote file, or that with `.zip` added.
  public let url: URL
  /// Its size.
  public let bytes: Int64
  /// Whether it was there before, whole.
  public let wasThere: Bool
}

/// Kaggle's API for one user.
public struct KaggleAPI: Sendable {
  /// Kaggle itself.
  public static let standardEndpoint = URL(string: "https://www.kaggle.com")!

  /// More can't be a competition's: what a server states is added up.
  private static let mostBytes: Int64 = 1 << 50
  /// Of a list, 200 files each.
  private static let mostPages = 1000

  private let dialect: RESTDialect
  private let credentials: Credentials
  private let client: TransferClient

  /// An API for a user.
  /// - Parameters:
  ///   - endpoint: scheme, host and port; `/api/v1` is added.
  ///   - client: how the bytes travel.
  public init(
    credentials: Credentials, endpoint: URL = Self.standardEndpoint,
    client: TransferClient = TransferClient()
  ) {
    dialect = RESTDialect(endpoint: endpoint, authorization: credentials.authorization)
    self.credentials = credentials
    self.client = client
  }

  /// The endpoint that KAGGLE_API_ENDPOINT names, else Kaggle itself.
  public static func endpoint(environment: [String: String]) throws -> URL {
    guard let text = environment["KAGGLE_API_ENDPOINT"], !text.isEmpty else {
      return standardEndpoint
    }
    guard let url = URL(string: text), ["http", "https"].contains(url.scheme ?? ""),
      url.host?.isEmpty == false, ["", "/"].contains(url.path), url.query == nil, url.user == nil
    else {
      throw KaggleError(
        .invalidRequest,
        "KAGGLE_API_ENDPOINT must be a scheme, a host and perhaps a port, such as "
          + "http://127.0.0.1:8080, without a path (/api/v1 is added).")
    }
    return url
  }

  /// Lists the files of a competition, all pages of it, in Kaggle's order.
  /// - Throws: `KaggleError`.
  public func listFiles(_ slug: String) async throws -> [RemoteFile] {
    try check(slug)
    let what = "the list of files of \(slug)"
    var files: [RemoteFile] = []
    var token: String?
    var seen: Set<String> = []
    repeat {
      let response = try await send(dialect.listFiles(slug, pageToken: token))
      guard response.status == 200, ErrorBody.statedStatus(of: response) ?? 200 == 200 else {
        throw refusal(response, what, slug)
      }
      let page = try decode(response, what)
      for file in page.files ?? [] {
        guard let name = file.name, !name.isEmpty else {
          throw KaggleError(
            .unexpectedAnswer, "Kaggle's answer has a file without a name in \(what).")
        }
        guard file.totalBytes.map({ (0...Self.mostBytes).contains($0) }) ?? true else {
          throw KaggleError(
            .unexpectedAnswer,
            "Kaggle's answer gives \(name) a size that can't be, \(file.totalBytes ?? 0) bytes, in \(what)."
          )
        }
        files.append(RemoteFile(name: name, bytes: file.totalBytes))
      }
      token = page.nextPageToken.flatMap { $0.isEmpty ? nil : $0 }
      if let token, !seen.insert(token).inserted || seen.count > Self.mostPages {
        throw KaggleError(
          .unexpectedAnswer,
          "Kaggle's answer repeats a page of \(what), or has more than \(Self.mostPages). Try again later."
        )
      }
    } while token != nil
    return files
  }

  /// Fetches a file into a folder, which is made if it is missing. What is there already, with the size and
  /// checksum that storage states, isn't fetched again; what broke off is resumed.
  /// - Throws: `KaggleError`, or `CancellationError`.
  public func download(
    _ slug: String, _ file: RemoteFile, to folder: URL,
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws -> LocalFile {
    try check(slug)
    let plain = try place(of: file.name, in: folder)
    // A signed address lives for some minutes only, and storage answers 400 or 403 after that.
    var renewals = 2
    while true {
      let address = try await storageAddress(slug, file.name)
      let target = LocalName.target(asked: plain, address: address)
      do {
        let download = try await client.download(
          Request(address), to: target,
          expecting: LocalName.expected(file.bytes, asked: plain, target: target),
          progress: progress)
        let url = try LocalName.settle(target)
        return LocalFile(url: url, bytes: download.bytes, wasThere: download.wasThere)
      } catch let error as TransferError {
        guard case .status(let response) = error.kind else { throw KaggleError(error) }
        guard [400, 403].contains(response.status), renewals > 0 else {
          throw KaggleError(
            .server,
            "Kaggle's storage refuses \(file.name) of \(slug) (\(response.status)). Try again later."
          )
        }
        renewals -= 1
      }
    }
  }

  /// Asks where a file lies. The address is a secret: it needs no further key.
  private func storageAddress(_ slug: String, _ name: String) async throws -> URL {
    let what = "\(name) of \(slug)"
    let request = dialect.downloadFile(slug, name)
    let response = try await send(request)
    if (400...599).contains(response.status) { throw refusal(response, what, slug) }
    guard (300...399).contains(response.status), let location = response.headers["Location"],
      let address = URL(string: location, relativeTo: request.url)?.absoluteURL
    else {
      if let stated = ErrorBody.statedStatus(of: response), stated != 200 {
        throw refusal(response, what, slug)
      }
      throw unexpected(response, what)
    }
    guard address.scheme == "https" || dialect.endpoint.isLoopback else {
      throw KaggleError(
        .unexpectedAnswer, "Kaggle redirects \(what) to an address without https; not followed.")
    }
    return address
  }

  private func send(_ request: Request) async throws -> Response {
    do { return try await client.send(request) } catch let error as TransferError {
      throw KaggleError(error)
    }
  }

  private func refusal(_ response: Response, _ what: String, _ slug: String) -> KaggleError {
    KaggleError(response, what: what, slug: slug, source: credentials.source)
  }

  private func unexpected(_ response: Response, _ what: String) -> KaggleError {
    let form = ErrorBody.isWebPage(response) ? "a web page" : "something else than its API's form"
    return KaggleError(
      .unexpectedAnswer,
      "Kaggle answered with \(form) about \(what) (\(response.status)). Something between here and "
        + "Kaggle may have answered instead (a proxy, a login page of the network), or "
        + "KAGGLE_API_ENDPOINT names another server.")
  }

  private func decode(_ response: Response, _ what: String) throws -> RESTDialect.FilePage {
    guard let page = try? JSONDecoder().decode(RESTDialect.FilePage.self, from: response.body),
      page.files != nil
    else { throw unexpected(response, what) }
    return page
  }

  private func check(_ slug: String) throws {
    let isPlain = slug.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    guard isPlain, !slug.isEmpty else {
      throw KaggleError(
        .invalidRequest,
        "“\(slug)” can't be a competition's slug: that is the last part of the competition's "
          + "address, such as tgs-salt-identification-challenge.")
    }
  }

  /// Where a file goes, with its folders; a name from a server is not trusted.
  private func place(of name: String, in folder: URL) throws -> URL {
    let path: SafePath
    do { path = try SafePath(name) } catch {
      throw KaggleError(
        .unexpectedAnswer, "Kaggle lists a file under \(error.what), “\(name)”; it isn't written.")
    }
    let place = path.components.reduce(folder) { $0.appendingPathComponent($1) }
    do {
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw KaggleError(.fileSystem, "\(folder.path) can't be made: \(error.localizedDescription)")
    }
    return place
  }
}
