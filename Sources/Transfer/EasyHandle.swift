// The one owner of a libcurl easy handle: sends one request and hands on what comes back.
// It repeats nothing and follows no redirect.

import CCurl
import Foundation
import Synchronization

/// A switch that is thrown once, from any thread.
final class OnceFlag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .relaxed) }
  func set() { value.store(true, ordering: .relaxed) }
}

/// What takes an answer in. Throwing from it ends the transfer.
protocol Receiver: AnyObject {
  /// The status and the header fields, before the first byte of the content.
  func begin(status: Int, headers: HeaderFields) throws
  /// The next piece of the content; valid during the call only.
  func receive(_ bytes: UnsafeRawBufferPointer) throws
}

/// One request on its way. Used by one thread, once.
final class EasyHandle {
  private let handle: UnsafeMutableRawPointer
  private let request: Request
  private let redaction: Redaction
  private let proxySource: String?
  private let sent: (Int64) -> Void
  private var fields: UnsafeMutablePointer<curl_slist>?
  private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  private var receiver: (any Receiver)?
  private var outgoing: OutgoingFile?
  private var cancellation: OnceFlag?
  private var headers = HeaderFields()
  private var hasBegun = false
  private var failure: (any Error)?

  /// libcurl wants this once in a process, before anything else.
  private static let library: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  /// - Parameter sent: is told how many bytes of the outgoing file libcurl has taken.
  init(
    _ request: Request, settings: TransferSettings, sent: @escaping (Int64) -> Void = { _ in }
  ) throws {
    if let objection = request.objection {
      throw TransferError(.invalidRequest, request, "not sent: \(objection).")
    }
    guard Self.library == CURLE_OK, let handle = curl_easy_init() else {
      throw TransferError(.network, request, "libcurl can't be started.")
    }
    self.handle = handle
    self.request = request
    self.sent = sent
    redaction = Redaction(of: request)
    proxySource = request.url.isLoopback ? nil : settings.proxySource
    message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try configure(settings)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(fields)
    message.deallocate()
  }

  /// Sends the request and waits for the end of the answer.
  /// - Returns: the status and Retry-After in seconds, if the server named any.
  /// - Throws: `TransferError`, what the receiver throws, or `CancellationError`.
  func perform(
    _ receiver: any Receiver, cancellation: OnceFlag
  ) throws -> (status: Int, headers: HeaderFields, retryAfter: Int?) {
    self.receiver = receiver
    self.cancellation = cancellation
    // The callbacks run during curl_easy_perform only, so the reference need not be owned.
    let me = Unmanaged.passUnretained(self).toOpaque()
    try check(easy_set_pointer(handle, CURLOPT_WRITEDATA, me))
    try check(easy_set_pointer(handle, CURLOPT_HEADERDATA, me))
    try check(easy_set_pointer(handle, CURLOPT_READDATA, me))
    try check(easy_set_pointer(handle, CURLOPT_SEEKDATA, me))
    try check(easy_set_pointer(handle, CURLOPT_XFERINFODATA, me))
    let code = withExtendedLifetime(self) { curl_easy_perform(handle) }
    if let failure { throw failure }
    if cancellation.isSet { throw CancellationError() }
    try check(code)
    try beginOnce()
    var wait: curl_off_t = 0
    try check(easy_get_size(handle, CURLINFO_RETRY_AFTER, &wait))
    return (status, headers, wait > 0 ? Int(wait) : nil)
  }

  private func configure(_ settings: TransferSettings) throws {
    try check(easy_set_pointer(handle, CURLOPT_ERRORBUFFER, message))
    try check(easy_set_string(handle, CURLOPT_URL, request.url.absoluteString))
    try check(easy_set_http_only(handle))
    try check(easy_set_long(handle, CURLOPT_FOLLOWLOCATION, 0))
    try check(easy_set_long(handle, CURLOPT_NOSIGNAL, 1))
    try check(easy_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, settings.connectMilliseconds))
    // A byte now and then isn't an answer either.
    try check(easy_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 100))
    try check(easy_set_long(handle, CURLOPT_LOW_SPEED_TIME, settings.silentSeconds))
    try check(easy_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1))
    try check(easy_set_string(handle, CURLOPT_USERAGENT, settings.userAgent))
    if let bundle = settings.certificates {
      try check(easy_set_string(handle, CURLOPT_CAINFO, bundle))
    }
    // A proxy of the environment is for the world outside, never for this machine.
    if request.url.isLoopback {
      try check(easy_set_string(handle, CURLOPT_PROXY, ""))
    } else if let proxy = settings.proxy {
      try check(easy_set_string(handle, CURLOPT_PROXY, proxy.revealed))
    }

    var lines = request.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    if let authorization = request.authorization {
      lines.append("Authorization: \(authorization.revealed)")
    }
    if request.method == .post {
      lines.append("Expect:")  // no pause for "100 Continue"
      try check(easy_set_long(handle, CURLOPT_POST, 1))
      try check(easy_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
      // Copied by the length set above. One byte too many, since no address means standard input.
      try (request.body + [0]).withUnsafeBytes { bytes in
        let start = bytes.bindMemory(to: CChar.self).baseAddress
        try check(easy_set_string(handle, CURLOPT_COPYPOSTFIELDS, start))
      }
    }
    if request.method == .put {
      try configureUpload()
      // A small file is sent at once. Not where the head is signed: an empty field would be signed, but not sent.
      if request.signature == nil, outgoing?.bytes ?? 0 < 1 << 20 { lines.append("Expect:") }
    }
    if let signature = request.signature { lines += try sign(by: signature) }
    for line in lines {
      guard let longer = curl_slist_append(fields, line) else {
        throw TransferError(.network, request, "out of memory.")
      }
      fields = longer
    }
    try check(easy_set_list(handle, CURLOPT_HTTPHEADER, fields))
    try configureCallbacks()
  }

  private func configureCallbacks() throws {
    try check(
      easy_set_mover(handle, CURLOPT_HEADERFUNCTION) { bytes, _, count, me in
        guard let me, let bytes else { return 0 }
        EasyHandle.from(me).header(UnsafeRawBufferPointer(start: bytes, count: count))
        return count
      })
    try check(
      easy_set_mover(handle, CURLOPT_WRITEFUNCTION) { bytes, _, count, me in
        guard let me, let bytes else { return 0 }
        let piece = UnsafeRawBufferPointer(start: bytes, count: count)
        // Any other number than the count ends the transfer.
        return EasyHandle.from(me).content(piece) ? count : 0
      })
    try check(
      easy_set_progress(handle) { me, _, _, _, _ in
        guard let me else { return 1 }
        return EasyHandle.from(me).cancellation?.isSet == true ? 1 : 0
      })
    try check(easy_set_long(handle, CURLOPT_NOPROGRESS, 0))
  }

  /// A PUT of more than a megabyte waits a moment for "100 Continue", libcurl's own way: a server that
  /// refuses it is then spared the content.
  private func configureUpload() throws {
    outgoing = try request.file.map { try OutgoingFile($0, from: request.offset) }
    try check(easy_set_long(handle, CURLOPT_UPLOAD, 1))
    try check(easy_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(outgoing?.bytes ?? 0)))
    try check(
      easy_set_mover(handle, CURLOPT_READFUNCTION) { bytes, _, count, me in
        guard let me, let bytes else { return Int(CURL_READFUNC_ABORT) }
        return EasyHandle.from(me).supply(UnsafeMutableRawBufferPointer(start: bytes, count: count))
      })
    // libcurl goes back to the start where it has to send the same once more.
    try check(
      easy_set_seeker(handle) { me, offset, origin in
        guard let me, origin == SEEK_SET, let outgoing = EasyHandle.from(me).outgoing else {
          return CURL_SEEKFUNC_CANTSEEK
        }
        outgoing.offset = Int64(offset)
        return CURL_SEEKFUNC_OK
      })
  }

  /// Has libcurl sign the request.
  ///
  /// libcurl signs the path and the query as they are written, up to 8.1 without sorting the query: so
  /// they have to be in the form that the signature's specification calls canonical. A field without
  /// a value would be signed, but not sent.
  /// - Returns: what else is to be sent, and signed.
  private func sign(by signature: RequestSignature) throws -> [String] {
    guard let version = curl_version_info(CURLVERSION_FIRST)?.pointee.version_num,
      version >= RequestSignature.leastVersion
    else {
      throw TransferError(
        .invalidRequest, request,
        "not sent: signing it needs libcurl 7.87 or newer, but this program has loaded libcurl "
          + "\(TransferClient.libraryVersion). Upgrade it.")
    }
    try check(easy_set_string(handle, CURLOPT_AWS_SIGV4, signature.scope))
    try check(easy_set_string(handle, CURLOPT_USERNAME, signature.keyID.revealed))
    try check(easy_set_string(handle, CURLOPT_PASSWORD, signature.key.revealed))
    return signature.sessionToken.map { ["X-Amz-Security-Token: \($0.revealed)"] } ?? []
  }

  private static func from(_ pointer: UnsafeMutableRawPointer) -> EasyHandle {
    Unmanaged<EasyHandle>.fromOpaque(pointer).takeUnretainedValue()
  }

  private var status: Int {
    var status = 0
    return easy_get_long(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0
  }

  private func header(_ bytes: UnsafeRawBufferPointer) {
    let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    // A status line begins a new head: what came before belonged to an interim answer.
    if line.hasPrefix("HTTP/") { headers = HeaderFields() }
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    headers.append(String(line[..<colon]), redaction.clean(value))
  }

  private func content(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      try beginOnce()
      try receiver?.receive(bytes)
      return true
    } catch {
      failure = error
      return false
    }
  }

  private func supply(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    do {
      let count = try outgoing?.read(into: buffer) ?? 0
      sent(request.offset + (outgoing?.offset ?? 0))
      return count
    } catch {
      failure = error
      return Int(CURL_READFUNC_ABORT)
    }
  }

  private func beginOnce() throws {
    guard !hasBegun else { return }
    hasBegun = true
    try receiver?.begin(status: status, headers: headers)
  }

  private func check(_ code: CURLcode) throws {
    guard code != CURLE_OK else { return }
    var detail = String(cString: message)
    if detail.isEmpty { detail = String(cString: curl_easy_strerror(code)) }
    var tunnel = 0
    let isAsked = easy_get_long(handle, CURLINFO_HTTP_CONNECTCODE, &tunnel) == CURLE_OK
    throw TransferError(
      code, redaction.clean(detail), request,
      proxy: (proxySource, status: isAsked && tunnel >= 400 ? tunnel : nil))
  }
}
