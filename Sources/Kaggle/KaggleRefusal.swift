// Why Kaggle or its storage refuses, by the status and by what is said, each with what to do next.

package import Foundation
package import Transfer

extension KaggleError {
  /// An answer of the API that is no success.
  /// - Parameters:
  ///   - what: what was asked for, such as `the list of files of salt`.
  ///   - credentials: whose request it was.
  init(_ response: Response, what: String, slug: String, credentials: Credentials) {
    let said = ErrorBody.message(of: response)
    let quoted = said.map { " It says: “\($0)”" } ?? ""
    let competition = KaggleAddress.competition(slug)
    if let known = KaggleError(known: said ?? "", response.status, what: what, slug: slug) {
      self = known
      return
    }
    switch response.status {
    case 401:
      self.init(
        .unauthorized,
        "Kaggle doesn't accept the \(credentials.kind) from \(credentials.source) (401).\(quoted) "
          + Self.remedy(credentials))
    case 403:
      self.init(
        .forbidden,
        "Kaggle denies access to \(what) (403).\(quoted) Either the slug “\(slug)” is misspelt, or "
          + "you haven't joined the competition: see \(competition) and accept its rules at "
          + "\(KaggleAddress.rules(slug)).")
    case 404:
      self.init(
        .notFound,
        "Kaggle has no \(what) (404).\(quoted) Compare the names with \(competition)/data.")
    case 429:
      let wait = response.retryAfter.map { "in \($0) s or more" } ?? "in some minutes"
      self.init(
        .rateLimited,
        "Kaggle got too many requests and refuses \(what) for now (429). Run it again \(wait).")
    case 500...599:
      self.init(
        .server,
        "Kaggle failed to answer about \(what) (\(response.status)).\(quoted) "
          + "Try again later; https://status.kaggle.com tells about outages.")
    case 400..<500:
      self.init(
        .refused,
        "Kaggle refuses \(what) (\(response.status)).\(quoted) See \(competition).")
    default:
      self.init(
        .unexpectedAnswer,
        "Kaggle refuses \(what) (\(response.status)).\(quoted) See \(competition).")
    }
  }

  /// A refusal that is known by its words; nil for any other. Kaggle promises none of these words.
  private init?(known said: String, _ status: Int, what: String, slug: String) {
    let words = said.lowercased()
    func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
    guard [400, 403, 409, 429].contains(status) else { return nil }
    let page = KaggleAddress.competition(slug)
    if says("rules") {
      let rules = URL(string: KaggleAddress.rules(slug))!  // a slug is letters, digits and hyphens
      self.init(
        .rulesNotAccepted(rules),
        "Kaggle refuses \(what) before you accept the competition's rules (\(status)). Do so in "
          + "a browser at \(rules.absoluteString), then run this again.")
    } else if says("phone", "identity verif", "verify your") {
      self.init(
        .phoneNotVerified,
        "Kaggle refuses \(what) before your phone number is verified (\(status)). Do so in a browser at "
          + "\(KaggleAddress.settings) (Phone Verification), then run this again.")
    } else if says("kernels-only", "notebooks only", "code competition", "kernel submissions only")
    {
      self.init(
        .closed,
        "\(slug) takes submissions from notebooks at Kaggle only, and no files (\(status)). It says: “\(said)” See "
          + "\(page).")
    } else if says(
      "submission limit", "daily limit", "daily submission", "maximum number of submissions")
      || says("submissions") && says("per day", "used up", "allotted", "remaining")
    {
      self = .limitUsedUp("It says: “\(said)”", slug)
    } else if says(
      "closed", "has ended", "is over", "deadline", "not accepting", "no longer accept", "disabled")
    {
      self.init(
        .closed,
        "\(slug) takes no submissions any more, or not yet (\(status)). It says: “\(said)” See \(page)."
      )
    } else {
      return nil
    }
  }

  /// No submission is left for now.
  package static func limitUsedUp(_ detail: String, _ slug: String) -> KaggleError {
    KaggleError(
      .limitUsedUp,
      "No submission to \(slug) is left for now. \(detail) A new day begins at 00:00 UTC; your submissions are at "
        + "\(KaggleAddress.competition(slug))/submissions.")
  }

  /// What to do where Kaggle doesn't know a user.
  private static func remedy(_ credentials: Credentials) -> String {
    credentials.isToken
      ? "Make a new token at \(KaggleAddress.settings) (API) and put it there. A key of 32 digits is no token: it "
        + "belongs into a kaggle.json, with the user name."
      : "Make a new access token at \(KaggleAddress.settings) (API) and put it into ~/.kaggle/access_token, or a new "
        + "kaggle.json into ~/.kaggle. An access token doesn't do as the key of a kaggle.json."
  }

  /// An answer of storage that is no success.
  /// - Parameter what: what was asked for, such as `train.csv of salt`.
  package init(ofStorage response: Response, _ what: String) {
    let refuses = "Kaggle's storage refuses \(what) (\(response.status))."
    switch response.status {
    case 400, 401, 403:
      if let off = Self.clockDifference(response.headers["Date"]) {
        self.init(
          .clock,
          "\(refuses) This machine's clock is off by \(off): set it right (timedatectl set-ntp true), and run this again."
        )
      } else {
        self.init(
          .server,
          "\(refuses) It was asked with a fresh address each time. Something on the way may change requests, such as a "
            + "proxy; else try again later.")
      }
    case 404, 410:
      self.init(
        .notFound,
        "Kaggle lists \(what), but its storage doesn't have it (\(response.status)). Trying again won't help at once: "
          + "look at the competition's page, and tell its host.")
    case 204, 304, 300...399:
      self.init(
        .unexpectedAnswer,
        "Kaggle's storage answered \(response.status) in place of \(what), which wasn't asked for. Something between "
          + "here and the storage may have answered instead, such as a proxy that caches; go round it."
      )
    case 416:
      self.init(
        .unexpectedAnswer,
        "Kaggle's storage has no such part of \(what) (416), although the whole was asked for. The file there may be "
          + "empty: compare it with the competition's page.")
    case 429:
      let wait = response.retryAfter.map { "in \($0) s or more" } ?? "in some minutes"
      self.init(.rateLimited, "\(refuses) It got too many requests. Run it again \(wait).")
    case 500...599:
      self.init(
        .server, "\(refuses) The fault is the server's, also when asked again. Try again later.")
    default:
      self.init(.server, "\(refuses) Try again later.")
    }
  }

  /// How far this machine's clock is from a server's, in words; nil where that is less than five minutes, or unknown.
  package static func clockDifference(_ date: String?, now: Date = Date()) -> String? {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    guard let there = date.flatMap(format.date(from:)) else { return nil }
    let seconds = abs(now.timeIntervalSince(there))
    guard seconds >= 300 else { return nil }
    return seconds < 7200
      ? "\(Int(seconds / 60)) minutes" : "\(Int(min(seconds, 1e9) / 3600)) hours"
  }
}
