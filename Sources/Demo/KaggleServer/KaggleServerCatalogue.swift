// The files behind the demo's server: how they are listed, and how storage answers for one.

import FlyingFox
import Foundation

struct KaggleServerCatalogue: Sendable {
  let folder: URL
  /// Checksums in base64 by path.
  let md5: [String: String]

  /// How the path of an address at the storage begins.
  static let storagePrefix = "/kaggle-competitions-data/kaggle-v2/1/1/bundle/"

  struct File {
    /// The name in the list.
    let name: String
    /// The path below the folder.
    let path: String
    let bytes: Int
    let modified: Date
  }

  /// All files, by name. Looked up anew each time: a server is small, and its folder may change.
  func files() -> [File] {
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    return paths.sorted().compactMap { path in
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: folder.appendingPathComponent(path).path)
      guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular,
        let bytes = attributes[.size] as? Int, let modified = attributes[.modificationDate] as? Date
      else { return nil }
      let name = path.hasSuffix(".csv.zip") ? String(path.dropLast(4)) : path
      return File(name: name, path: path, bytes: bytes, modified: modified)
    }
  }

  /// The content, or the part from `bytes=N-` on if it is still the one that If-Range names.
  /// - Parameter fault: what goes wrong on the way.
  func answer(
    _ file: File, range: String?, ifRange: String?, fault: KaggleServerFault?
  ) throws -> HTTPResponse {
    let tag = "\"\(file.bytes)-\(Int(file.modified.timeIntervalSince1970 * 1000))\""
    var headers: HTTPHeaders = [
      .contentType: "application/octet-stream", .acceptRanges: "bytes", .eTag: tag,
      .lastModified: Self.httpDate(file.modified),
    ]
    if let digest = md5[file.path] { headers[HTTPHeader("x-goog-hash")] = "md5=\(digest)" }
    var status = HTTPStatusCode.ok
    var first = 0
    if let range, ifRange == nil || ifRange == tag,
      let asked = range.wholeMatch(of: /bytes=(\d+)-/).flatMap({ Int($0.1) })
    {
      guard asked < file.bytes else {
        let size: HTTPHeaders = [.contentRange: "bytes */\(file.bytes)"]
        return HTTPResponse(
          statusCode: .init(416, phrase: "Range Not Satisfiable"), headers: size)
      }
      status = .partialContent
      first = asked
      headers[.contentRange] = "bytes \(first)-\(file.bytes - 1)/\(file.bytes)"
    }
    headers[.contentLength] = "\(file.bytes - first)"
    let url = folder.appendingPathComponent(file.path)
    let count = file.bytes - first
    func half() throws -> Data { try Data(contentsOf: url)[first..<(first + count / 2)] }
    let body: HTTPBodySequence
    switch fault {
    case .brokenConnection:
      body = HTTPBodySequence(from: BrokenBody(bytes: try half()), count: count)
    case .stalledBody(_, let seconds):
      body = HTTPBodySequence(from: BrokenBody(bytes: try half(), silence: seconds), count: count)
    case .truncatedBody:
      headers[.contentLength] = "\(count / 2)"
      if status == .partialContent {
        headers[.contentRange] = "bytes \(first)-\(first + count / 2 - 1)/\(file.bytes)"
      }
      body = HTTPBodySequence(data: try half())
    case .corruptBody where count > 0:
      var data = Data(try Data(contentsOf: url)[first...])
      data[count / 2] ^= 0x20
      body = HTTPBodySequence(data: data)
    default:
      body =
        count == 0
        ? HTTPBodySequence()
        : try HTTPBodySequence(
          file: url, range: first..<file.bytes, suggestedBufferSize: 1 << 16)
    }
    return HTTPResponse(statusCode: status, headers: headers, body: body)
  }

  private static func httpDate(_ date: Date) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return format.string(from: date)
  }
}
