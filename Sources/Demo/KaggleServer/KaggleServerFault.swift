// Faults that the demo's server can be asked to show, as Kaggle and its storage show them.

/// One way to go wrong. A count says how many requests it hits before all is well again.
public enum KaggleServerFault: Sendable, Equatable {
  /// The API refuses downloads until the rules are accepted (403).
  case rulesNotAccepted
  /// The API gets too many requests (429), and asks to wait that many seconds.
  case tooManyRequests(count: Int, retryAfter: Int)
  /// The API is not available (503).
  case unavailable(count: Int)
  /// The API answers with a web page, as a proxy or a login page does.
  case webPage
  /// The API answers with JSON that ends too early.
  case brokenJSON
  /// Storage breaks off after half of what it should send.
  case brokenConnection(count: Int)
  /// The addresses that the API hands out have expired already.
  case expiredAddress(count: Int)

  /// The fault after it has hit one more request; nil when it is over.
  var next: KaggleServerFault? {
    switch self {
    case .tooManyRequests(let count, let retryAfter) where count > 1:
      .tooManyRequests(count: count - 1, retryAfter: retryAfter)
    case .unavailable(let count) where count > 1: .unavailable(count: count - 1)
    case .brokenConnection(let count) where count > 1: .brokenConnection(count: count - 1)
    case .expiredAddress(let count) where count > 1: .expiredAddress(count: count - 1)
    case .tooManyRequests, .unavailable, .brokenConnection, .expiredAddress: nil
    case .rulesNotAccepted, .webPage, .brokenJSON: self
    }
  }
}
