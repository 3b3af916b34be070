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
  /// The API refuses every submission with a status and a message.
  case refusal(status: Int, message: String)
  /// The API refuses with what it was sent for authorization in its words.
  case echo(status: Int)
  /// The API makes the submission, but its answer is lost.
  case lostAnswer(count: Int)
  /// The API makes the submission, and its answer doesn't come for so many seconds.
  case stalledAnswer(count: Int, seconds: Double)
  /// The API's answer to an order for a submission is lost, and the order with it.
  case lostOrder(count: Int)
  /// Storage breaks off after half of what it should send, or take in.
  case brokenConnection(count: Int)
  /// Storage sends another byte in the middle.
  case corruptBody(count: Int)
  /// Storage states and sends half of the content as if it were all.
  case truncatedBody(count: Int)
  /// Storage sends half, and then nothing for so many seconds.
  case stalledBody(count: Int, seconds: Double)
  /// Storage answers with a status of its own.
  case storageStatus(count: Int, status: Int)
  /// Storage answers with a web page.
  case storageWebPage(count: Int)
  /// Storage sends elsewhere.
  case elsewhere(count: Int)
  /// The addresses that the API hands out have expired already.
  case expiredAddress(count: Int)

  /// How many requests it hits yet; nil for all of them.
  private var count: Int? {
    switch self {
    case .rulesNotAccepted, .webPage, .brokenJSON, .refusal, .echo: nil
    case .tooManyRequests(let count, _), .unavailable(let count), .lostAnswer(let count),
      .lostOrder(let count), .brokenConnection(let count), .corruptBody(let count),
      .truncatedBody(let count), .stalledBody(let count, _), .stalledAnswer(let count, _),
      .storageStatus(let count, _),
      .storageWebPage(let count), .elsewhere(let count), .expiredAddress(let count):
      count
    }
  }

  /// The fault after it has hit one more request; nil when it is over.
  var next: KaggleServerFault? {
    guard let count else { return self }
    guard count > 1 else { return nil }
    let left = count - 1
    return switch self {
    case .tooManyRequests(_, let retryAfter):
      .tooManyRequests(count: left, retryAfter: retryAfter)
    case .unavailable: .unavailable(count: left)
    case .lostAnswer: .lostAnswer(count: left)
    case .stalledAnswer(_, let seconds): .stalledAnswer(count: left, seconds: seconds)
    case .lostOrder: .lostOrder(count: left)
    case .brokenConnection: .brokenConnection(count: left)
    case .corruptBody: .corruptBody(count: left)
    case .truncatedBody: .truncatedBody(count: left)
    case .stalledBody(_, let seconds): .stalledBody(count: left, seconds: seconds)
    case .storageStatus(_, let status): .storageStatus(count: left, status: status)
    case .storageWebPage: .storageWebPage(count: left)
    case .elsewhere: .elsewhere(count: left)
    case .expiredAddress: .expiredAddress(count: left)
    case .rulesNotAccepted, .webPage, .brokenJSON, .refusal, .echo: self
    }
  }
}
