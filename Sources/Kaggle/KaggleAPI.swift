// Kaggle's API: lists the files of a competition and fetches them. KaggleCall knows the requests, KaggleConnection
// how the API is spoken, Transfer moves the bytes.

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
    var seen: [String: RemoteFile] = [:]
    for file in self {
      let name = file.name.lastPathName
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

/// The files of competitions, by Kaggle's API.
public struct KaggleAPI: Sendable {
  /// More can't be a competition's: what a server states is added up.
  private static let mostBytes: Int64 = 1 << 50
  /// Of a list, 200 files each.
  private static let mostPages = 1000

  private let connection: KaggleConnection

  /// An API over a connection.
  public init(_ connection: KaggleConnection) { self.connection = connection }

  /// A page of the list of files. Keys that aren't named here are ignored; each may be missing.
  private struct FilePage: Decodable {
    struct File: Decodable {
      var name: String?
      var totalBytes: Int64?
    }
    /// RPC leaves an empty list out.
    var files: [File]?
    var nextPageToken: String?
  }

  /// Lists the files of a competition, all pages of it, in Kaggle's order.
  /// - Throws: `KaggleError`.
  public func listFiles(_ slug: String) async throws -> [RemoteFile] {
    let what = "the list of files of \(slug)"
    var files: [RemoteFile] = []
    var token: String?
    var seen: Set<String> = []
    repeat {
      let page = try await connection.answer(
        .listFiles(slug, pageToken: token), FilePage.self, what: what, slug: slug)
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
    try KaggleConnection.check(slug)
    let plain = try place(of: file.name, in: folder)
    // A signed address lives for some minutes only, and storage answers 400 or 403 after that.
    var renewals = 2
    while true {
      let address = try await storageAddress(slug, file.name)
      let target = LocalName.target(asked: plain, address: address)
      do {
        let download = try await connection.client.download(
          Request(address), to: target,
          expecting: LocalName.expected(file.bytes, asked: plain, target: target),
          progress: progress)
        let url = try LocalName.settle(target)
        return LocalFile(url: url, bytes: download.bytes, wasThere: download.wasThere)
      } catch let error as TransferError {
        guard case .status(let response) = error.kind else { throw KaggleError(error) }
        guard [400, 403].contains(response.status), renewals > 0 else {
          throw KaggleError(ofStorage: response, "\(file.name) of \(slug)")
        }
        renewals -= 1
      }
    }
  }

  /// Asks where a file lies. The address is a secret: it needs no further key.
  private func storageAddress(_ slug: String, _ name: String) async throws -> URL {
    let what = "\(name) of \(slug)"
    let response = try await connection.send(.downloadFile(slug, name))
    if (400...599).contains(response.status) { throw connection.refusal(response, what, slug) }
    guard (300...399).contains(response.status), let location = response.headers["Location"],
      let address = URL(string: location, relativeTo: connection.settings.endpoint)?.absoluteURL
    else {
      if let stated = ErrorBody.statedStatus(of: response), stated != 200 {
        throw connection.refusal(response, what, slug)
      }
      throw connection.unexpected(response, what)
    }
    try connection.check(storage: address, of: what)
    return address
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
      throw KaggleError(.fileSystem, "\(folder.path) can't be made: \(systemReason(error))")
    }
    return place
  }
}
