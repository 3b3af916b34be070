// libcurl's codes in words for people, each with what to do next.

import CCurl
import Foundation

extension TransferError {
  /// The one place where libcurl's codes become errors.
  ///
  /// - Parameters:
  ///   - detail: libcurl's own words.
  ///   - proxy: where a proxy is said that the request goes through, and with what status it refuses.
  init(
    _ code: CURLcode, _ detail: String, _ request: Request, proxy: (source: String?, status: Int?)
  ) {
    let way = proxy.source.map { " The request goes through the proxy of \($0)." } ?? ""
    if let status = proxy.status {
      let advice =
        status == 407
        ? "It wants a user name and a password: write them into its address, as in http://USER:PASSWORD@HOST:PORT."
        : "Ask who runs it whether it lets you through to this server."
      self.init(
        .proxy, request,
        "the proxy of \(proxy.source ?? "the environment") refuses (\(status)). \(advice)")
      return
    }
    switch code {
    case CURLE_OPERATION_TIMEDOUT:
      self.init(
        .timeout, request, "the server was silent for too long (\(detail)).\(way) Try again later.")
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
      let advice =
        detail.contains("not yet valid") || detail.contains("has expired")
        ? "This machine's clock may be wrong: it says \(Date().formatted(.iso8601)). Set it right "
          + "(timedatectl set-ntp true)."
        : "Behind a company's proxy, point CURL_CA_BUNDLE to a file with its certificate."
      self.init(
        .certificate, request, "the server's certificate is not trusted (\(detail)). \(advice)")
    case CURLE_SSL_CACERT_BADFILE:
      self.init(
        .certificate, request,
        "the file of trusted certificates can't be used (\(detail)). Compare CURL_CA_BUNDLE, SSL_CERT_FILE and "
          + "ssl_ca_cert of kaggle.json with what is there.")
    case CURLE_UNSUPPORTED_PROTOCOL where detail.contains("HTTP/0.9"):
      self.init(
        .unexpected, request,
        "what answers there doesn't speak HTTP. Compare the address and its port.")
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT,
      CURLE_UNKNOWN_OPTION:
      self.init(.invalidRequest, request, "not sent: \(detail).")
    case CURLE_PARTIAL_FILE:
      self.init(
        .network, request, "the connection ended before the whole answer was there (\(detail)).")
    case CURLE_COULDNT_RESOLVE_PROXY:
      self.init(
        .proxy, request,
        "the proxy's name isn't known (\(detail)). Compare its address in \(proxy.source ?? "https_proxy"), and "
          + "check the network.")
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT:
      self.init(
        .noServer, request,
        "no server is there, or there is no network (\(detail)).\(way) Check the address and the network."
      )
    default:
      self.init(
        .network, request, "no connection, or it broke (\(detail)).\(way) Check the network.")
    }
  }
}
