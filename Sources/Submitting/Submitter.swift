// Submitting a file: send it, then say that it is a submission. Each submission counts against the day's limit, so
// that an answer that was lost is looked for before anything is said twice.

public import Foundation
import Kaggle

/// Submits files to one competition.
public struct Submitter: Sendable {
  private let account: KaggleAccount
  private let sleep: @Sendable (Double) async throws -> Void

  /// How often the order is given at most, where each time nothing came of it.
  private static let mostOrders = 3

  /// A submitter for an account.
  public init(_ account: KaggleAccount) {
    self.init(account) { try await Task.sleep(for: .seconds($0)) }
  }

  /// The waits, in seconds, go to `sleep`; for tests.
  package init(
    _ account: KaggleAccount, sleepingBy sleep: @escaping @Sendable (Double) async throws -> Void
  ) {
    (self.account, self.sleep) = (account, sleep)
  }

  // MARK: May it be?

  /// Looks whether a submission would be taken.
  /// - Parameter fromNotebook: whether it is a notebook's output, and no file.
  /// - Returns: how many may follow; nil where Kaggle doesn't say.
  /// - Throws: `KaggleError` that says why not.
  public func check(fromNotebook: Bool = false) async throws -> SubmissionLimits? {
    let slug = account.slug
    let facts = try await account.facts()
    if facts.userHasEntered == false {
      let rules = URL(string: KaggleAddress.rules(slug))!  // a slug is letters, digits and hyphens
      throw KaggleError(
        .rulesNotAccepted(rules),
        "You haven't joined \(slug): accept its rules in a browser at \(rules.absoluteString), then run this again."
      )
    }
    if facts.isKernelsSubmissionsOnly == true, !fromNotebook {
      throw KaggleError(
        .closed,
        "\(slug) takes submissions from notebooks at Kaggle only, and no files: `work bundle` makes what a notebook needs, "
          + "and `work submit --notebook` submits it (\(KaggleAddress.competition(slug))).")
    }
    if facts.submissionsDisabled == true {
      throw KaggleError(
        .closed,
        "\(slug) takes no submissions any more, or not yet: see \(KaggleAddress.competition(slug))"
      )
    }
    // Older servers don't know the question; that is no reason not to try.
    guard let limits = try? await account.limits() else { return nil }
    if let left = limits.numAllowedNow, left <= 0 {
      let used =
        limits.limitedByTotal == true
        ? "All \(limits.numTotal ?? 0) of the competition are used up."
        : "Today's \(limits.numToday ?? 0) are used up."
      throw KaggleError.limitUsedUp(used, slug)
    }
    return limits
  }

  // MARK: Sending

  /// What marks a submission as one's own, so that it is found again.
  public struct Mark: Sendable, Equatable {
    /// The name of the file at Kaggle.
    public let name: String
    /// What is said of it.
    public let message: String
    /// Submissions of that name and message that there were before.
    public let before: Set<Int>

    /// A mark that was kept.
    public init(name: String, message: String, before: Set<Int>) {
      (self.name, self.message, self.before) = (name, message, before)
    }
  }

  /// Looks which submissions of a name and message there are, to know a new one from them.
  /// - Throws: `KaggleError`.
  public func mark(name: String, message: String) async throws -> Mark {
    let mark = Mark(name: name, message: message, before: [])
    let refs = try await account.submissions().filter(mark.fits).map(\.ref)
    return Mark(name: name, message: message, before: Set(refs))
  }

  /// The submission of a mark, if Kaggle has it.
  /// - Throws: `KaggleError`.
  public func find(_ mark: Mark) async throws -> RemoteSubmission? {
    try await account.submissions(pages: 3).first(where: mark.fits)
  }

  /// Sends a file, without making it a submission yet. What broke off goes on; what has expired begins anew.
  /// - Parameter progress: is told how many bytes are on their way or there.
  /// - Returns: the token of the upload, which is a secret.
  /// - Throws: `KaggleError`.
  public func upload(
    _ file: URL, name: String, progress: @escaping @Sendable (Int64) -> Void = { _ in }
  ) async throws -> String {
    try await FileUpload(
      connection: account.connection, file: file, name: name, sleep: sleep
    ).send(progress) { try await start(name, $0, $1) }
  }

  private func start(_ name: String, _ bytes: Int64, _ modified: Int64) async throws
    -> UploadAddress
  {
    func ask(_ call: KaggleCall) async throws -> UploadAddress {
      try await account.connection.answer(
        call, UploadAddress.self, what: "a submission to \(account.slug)", slug: account.slug)
    }
    do {
      return try await ask(
        .startUpload(account.slug, name: name, bytes: bytes, modified: modified))
    } catch let error as KaggleError
      where error.kind == .notFound && account.connection.speaks == .rest
    {
      return try await ask(
        .startUploadAtOlderServers(account.slug, name: name, bytes: bytes, modified: modified))
    }
  }

  // MARK: The order

  /// Makes a submission of an upload. Where the answer is lost, it looks whether the submission is there before it
  /// gives the order once more.
  /// - Returns: its number at Kaggle; nil where Kaggle doesn't say it and it isn't listed yet.
  /// - Throws: `KaggleError`; `.uncertain` where it can't be found out whether there is a submission.
  public func create(_ token: String, _ mark: Mark) async throws -> Int? {
    try await order(
      KaggleCall.create(account.slug, token: token, description: mark.message), mark)
  }

  /// The same of the output of a notebook's version.
  /// - Throws: as for an upload.
  public func create(_ notebook: NotebookVersion, _ mark: Mark) async throws -> Int? {
    try await order(
      KaggleCall.create(account.slug, notebook, file: mark.name, description: mark.message), mark)
  }

  private func order(_ call: KaggleCall, _ mark: Mark) async throws -> Int? {
    var orders = 0
    while true {
      let lost: KaggleError
      do {
        let made = try await account.connection.answer(
          call, CreatedSubmission.self, what: "a submission to \(account.slug)", slug: account.slug
        )
        if let ref = made.ref, ref > 0 { return ref }
        if made.message != nil { return try? await find(mark)?.ref }
        lost = KaggleError(.unexpectedAnswer, "Kaggle didn't say whether it took \(mark.name).")
      } catch let error as KaggleError where Self.leavesOpen(error.kind) {
        lost = error
      }
      if let found = try await look(mark, because: lost) { return found.ref }
      orders += 1
      guard orders < Self.mostOrders else { throw lost }
    }
  }

  /// Looks for a submission whose order had no answer: at once, and again when Kaggle has had some time.
  private func look(_ mark: Mark, because lost: KaggleError) async throws -> RemoteSubmission? {
    for wait in [2.0, 8.0] {
      try await sleep(wait)
      do {
        if let found = try await find(mark) { return found }
      } catch let error as KaggleError {
        throw KaggleError(
          .uncertain,
          "It isn't known whether \(mark.name) was submitted: the answer was lost (\(lost.description)), and the list of "
            + "submissions can't be had (\(error.description)). Look with `work submissions` before you submit it again; "
            + "`work submit` looks, too.")
      }
    }
    return nil
  }

  /// Whether an order may have had its effect although it failed: what Kaggle refuses in its own words hasn't.
  private static func leavesOpen(_ kind: KaggleError.Kind) -> Bool {
    switch kind {
    case .network, .noServer, .proxy, .server, .unexpectedAnswer: true
    default: false
    }
  }

  // MARK: The score

  /// Waits until Kaggle has scored a submission, or can't.
  /// - Parameters:
  ///   - limit: the longest wait, in seconds.
  ///   - tell: is told after each look how long it has waited, in seconds.
  /// - Returns: the submission; pending still where the time is up.
  /// - Throws: `KaggleError`.
  public func wait(
    for ref: Int, limit: Double, tell: @Sendable (Double) -> Void = { _ in }
  ) async throws -> RemoteSubmission? {
    var waited = 0.0
    var pause = 2.0
    var last: RemoteSubmission?
    while true {
      last = try await account.submissions(pages: 3).first { $0.ref == ref } ?? last
      if let last, last.progress != .pending { return last }
      guard waited < limit else { return last }
      try await sleep(min(pause, max(0.1, limit - waited)))
      waited += pause
      tell(waited)
      pause = min(pause * 1.5, 20)
    }
  }
}

extension Submitter.Mark {
  /// Whether a submission is the one that is meant.
  public func fits(_ submission: RemoteSubmission) -> Bool {
    submission.fileName == name && (submission.description ?? "") == message
      && !before.contains(submission.ref)
  }
}
