// What a download has to be, as far as that is known before it is asked for.

/// What is known of a content before its first byte: a server that sends something else is not believed.
public struct ExpectedContent: Sendable, Equatable {
  /// Its size; nil where nobody knows.
  public var bytes: Int64?
  /// Whether a zip archive of it may come in its place, which then has another size.
  public var mayBeZipped: Bool
  /// Whether it may be a web page: what proxies and login pages of networks answer with, too.
  public var mayBeWebPage: Bool

  /// Nothing is known, unless said otherwise.
  public init(bytes: Int64? = nil, mayBeZipped: Bool = false, mayBeWebPage: Bool = true) {
    self.bytes = bytes
    self.mayBeZipped = mayBeZipped
    self.mayBeWebPage = mayBeWebPage
  }

  /// The most bytes that are taken in: an archive of what can't be made smaller is a little larger.
  var most: Int64 {
    guard let bytes else { return .max }
    return mayBeZipped ? bytes.addingReportingOverflow(bytes / 64 + 65_536).partialValue : bytes
  }
}

extension ExpectedContent {
  /// Refuses an answer by its head.
  /// - Throws: `TransferError`.
  func check(_ headers: HeaderFields, of request: Request) throws {
    if let encoding = headers["Content-Encoding"]?.lowercased(), encoding != "identity",
      encoding != ""
    {
      throw TransferError(
        .unexpected, request,
        "the server sent the content compressed (\(encoding.prefix(20))), which nobody asked for. Nothing was kept."
      )
    }
    let type = headers["Content-Type"]?.lowercased() ?? ""
    guard mayBeWebPage || !type.hasPrefix("text/html") else {
      throw TransferError(
        .unexpected, request,
        "a web page came in place of the file. Something between here and the server may have answered "
          + "instead: a proxy, or a login page of the network. Nothing was kept.")
    }
    if let stated = headers.contentLength { try check(stated, of: request, isStated: true) }
  }

  /// Refuses a size that can't be that of the content.
  /// - Throws: `TransferError`.
  func check(_ count: Int64, of request: Request, isStated: Bool = false) throws {
    guard let bytes else { return }
    let isRight = mayBeZipped ? count <= most : isStated ? count == bytes : count <= bytes
    guard isRight else {
      throw TransferError(
        .corrupt, request,
        "\(isStated ? "the server states" : "at least") \(count) bytes in place of \(bytes). Nothing was kept."
      )
    }
  }
}
