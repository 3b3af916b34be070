// Fetches content into a file: resumed where it broke off, checked, and under its name only when
// it is whole.

public import Foundation
import Synchronization

/// How a download ended.
public struct Download: Sendable, Equatable {
  /// The file's size.
  public let bytes: Int64
  /// Whether the file was there already, with the size and checksum that the server states.
  public let wasThere: Bool
  /// Bytes of an earlier attempt, in this process or before it, that were not fetched again.
  public let resumedFrom: Int64
}

/// How far a download is.
public struct DownloadProgress: Sendable, Equatable {
  /// Bytes in the file so far.
  public let bytes: Int64
  /// The size of the whole, if the server said it.
  public let total: Int64?
}

extension TransferClient {
  /// Fetches a request's content into a file.
  ///
  /// It is written to `target` + `.partial`, flushed, compared with what is expected, with Content-Length
  /// and with the MD5, else the CRC, in x-goog-hash where the server states them, and renamed. What a broken or killed download
  /// left is resumed by Range and If-Range (RFC 9110, 14.2 and 13.1.5), if the server still has the
  /// same content. A file of that name with the stated length and checksum isn't fetched again.
  ///
  /// - Throws: `TransferError` (with `.status` for an answer that is no success), or
  ///   `CancellationError`. `target` is then as it was before.
  public func download(
    _ request: Request, to target: URL, expecting expected: ExpectedContent = ExpectedContent(),
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws -> Download {
    let partial = PartialFile(target: target)
    return try await repeating(settings.attempts, progress: { partial.kept?.count ?? 0 }) {
      do { return try await fetch(request, partial, expected, progress) } catch is StartOver {
        // Without the bytes so far there is no second reason to start over.
        partial.discard()
        return try await fetch(request, partial, expected, progress)
      }
    }
  }

  private func fetch(
    _ request: Request, _ partial: PartialFile, _ expected: ExpectedContent,
    _ progress: @escaping @Sendable (DownloadProgress) -> Void
  ) async throws -> Download {
    try await offThePool { [settings] cancellation in
      let kept = partial.kept
      var request = request
      if let kept {
        request.headers["Range"] = "bytes=\(kept.count)-"
        request.headers["If-Range"] = kept.origin.validator
      }
      let receiver = FileReceiver(request, partial, kept, expected, progress)
      do {
        let handle = try EasyHandle(request, settings: settings)
        let (status, headers, wait) = try handle.perform(receiver, cancellation: cancellation)
        guard receiver.isSuccess else {
          throw TransferError(
            Response(
              status: status, headers: headers, body: receiver.refusal, retryAfter: wait,
              to: request),
            to: request)
        }
      } catch is AlreadyThere {
        let bytes = size(of: partial.target) ?? 0
        partial.discard()
        return Download(bytes: bytes, wasThere: true, resumedFrom: 0)
      }
      return try receiver.finish()
    }
  }
}

/// The bytes so far belong to something else: fetch all.
private struct StartOver: Error {}
/// The target is what would be fetched.
private struct AlreadyThere: Error {}

/// Writes an answer to the partial file.
private final class FileReceiver: Receiver {
  private let request: Request
  private let partial: PartialFile
  private let kept: (origin: PartialFile.Origin, count: Int64)?
  private let expected: ExpectedContent
  private let report: (DownloadProgress) -> Void

  private var writer: PartialFile.Writer?
  private var count: Int64 = 0
  private var resumedFrom: Int64 = 0
  private var total: Int64?
  private var checksum: Checksum?
  /// The beginning of an answer that is no success.
  private(set) var refusal = Data()
  private static let refusalLimit = 64 << 10

  var isSuccess: Bool { writer != nil }

  init(
    _ request: Request, _ partial: PartialFile,
    _ kept: (origin: PartialFile.Origin, count: Int64)?, _ expected: ExpectedContent,
    _ report: @escaping (DownloadProgress) -> Void
  ) {
    self.request = request
    self.partial = partial
    self.kept = kept
    self.expected = expected
    self.report = report
  }

  func begin(status: Int, headers: HeaderFields) throws {
    switch status {
    case 200:
      try expected.check(headers, of: request)
      total = headers.contentLength
      checksum = headers.checksum
      if let total, total == size(of: partial.target),
        try checksum?.fits(partial.target) ?? true
      {
        throw AlreadyThere()
      }
      // The data is emptied before the note about it is written: never the new note on old bytes.
      partial.discard()
      writer = try partial.open(appending: false)
      try partial.note(
        headers.validator.map { PartialFile.Origin(validator: $0, bytes: headers.contentLength) })
    case 206:
      guard let kept, let range = ContentRange(headers["Content-Range"] ?? ""),
        range.first == kept.count,
        range.total == nil || range.total == kept.origin.bytes ?? range.total,
        // RFC 9110, 15.3.7: a part states the validator that the whole would. Without the same one, it may be
        // a part of another content.
        headers.validator == kept.origin.validator
      else {
        guard kept != nil else {
          throw TransferError(
            .unexpected, request, "the server sent a part (206) where the whole was asked for.")
        }
        throw StartOver()
      }
      try expected.check(headers.withoutLength, of: request)
      total = range.total ?? kept.origin.bytes
      checksum = headers.checksum
      writer = try partial.open(appending: true)
      count = kept.count
      resumedFrom = kept.count
    case 416 where kept != nil:
      throw StartOver()
    default:
      return
    }
    report(DownloadProgress(bytes: count, total: total))
  }

  func receive(_ bytes: UnsafeRawBufferPointer) throws {
    guard let writer else {
      refusal.append(contentsOf: bytes.prefix(Self.refusalLimit - refusal.count))
      return
    }
    count += Int64(bytes.count)
    do { try expected.check(count, of: request) } catch {
      partial.discard()
      throw error
    }
    try writer.write(bytes)
    report(DownloadProgress(bytes: count, total: total))
  }

  /// Checks the file, flushes it and gives it its name.
  func finish() throws -> Download {
    if let total, count != total {
      partial.discard()
      throw TransferError(
        .corrupt, request, "\(count) bytes arrived instead of \(total). Nothing was kept.")
    }
    if let bytes = expected.bytes, count != bytes,
      try !(expected.mayBeZipped && beginsAsZip(partial.data))
    {
      partial.discard()
      throw TransferError(
        .corrupt, request, "\(count) bytes arrived in place of \(bytes). Nothing was kept.")
    }
    if let checksum, try !checksum.fits(partial.data) {
      partial.discard()
      throw TransferError(
        .corrupt, request,
        "what arrived doesn't match the server's checksum. Nothing was kept; try again.")
    }
    try writer?.synchronize()
    try partial.promote()
    return Download(bytes: count, wasThere: false, resumedFrom: resumedFrom)
  }
}

/// `bytes FIRST-LAST/TOTAL`, the total perhaps `*` (RFC 9110, 14.4).
struct ContentRange: Equatable {
  let first: Int64
  let total: Int64?

  init?(_ text: String) {
    let parts = text.split(whereSeparator: { " -/".contains($0) })
    guard parts.count == 4, parts[0].lowercased() == "bytes", let first = Int64(parts[1]),
      let last = Int64(parts[2]), 0 <= first, first <= last
    else { return nil }
    let total = Int64(parts[3])
    guard total != nil || parts[3] == "*", last < total ?? .max else { return nil }
    self.first = first
    self.total = total
  }
}
