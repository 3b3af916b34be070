// Which libcurl this program loads.

import CCurl

extension TransferClient {
  /// The library's version, as in "7.88.1".
  package static var libraryVersion: String {
    let words = String(cString: curl_version()).split(separator: " ")
    return words.first?.split(separator: "/").last.map(String.init) ?? "unknown"
  }
}
