// Runs a bundle at Kaggle: its archive becomes a private dataset, a notebook beside it is saved, and both are followed
// until the notebook has written its output.

public import Foundation
public import Kaggle

/// A user's datasets and notebooks, as far as a submission needs them.
public struct NotebookRunner: Sendable {
  /// Whose they are, as in addresses.
  public let owner: String
  private let connection: KaggleConnection
  private let competition: String
  private let sleep: @Sendable (Double) async throws -> Void

  /// - Parameter owner: the user's name in addresses; nil: Kaggle is asked whose the credentials are.
  /// - Throws: `KaggleError` where that can't be found out.
  public init(_ connection: KaggleConnection, competition: String, owner: String? = nil)
    async throws
  {
    try await self.init(connection, competition: competition, owner: owner) {
      try await Task.sleep(for: .seconds($0))
    }
  }

  /// The waits, in seconds, go to `sleep`; for tests.
  package init(
    _ connection: KaggleConnection, competition: String, owner: String? = nil,
    sleepingBy sleep: @escaping @Sendable (Double) async throws -> Void
  ) async throws {
    try KaggleConnection.check(competition)
    (self.connection, self.competition, self.sleep) = (connection, competition, sleep)
    let credentials = connection.settings.credentials
    if let owner = owner ?? credentials.username {
      self.owner = owner
    } else {
      let found = try? await connection.answer(
        .owner(of: credentials.key), TokenOwner.self, what: "the user of the access token",
        slug: competition)
      guard let name = found?.username, found?.active != false, !name.isEmpty else {
        throw KaggleError(
          .unauthorized,
          "Kaggle doesn't say whose the access token is. Name yourself by --user, as in the address of your profile "
            + "(https://www.kaggle.com/NAME).")
      }
      self.owner = name
    }
    guard self.owner.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
    else {
      throw KaggleError(
        .invalidRequest,
        "“\(self.owner)” can't be a user's name: it is the last part of the address of your profile."
      )
    }
  }

  /// The name of a dataset or notebook of this competition, within Kaggle's 50 characters.
  static func name(_ beginning: String, _ competition: String) -> String {
    let text = "\(beginning)-\(competition)".lowercased().prefix(50)
    return String(text.reversed().drop { $0 == "-" }.reversed())
  }

  /// The dataset's name in addresses.
  public var dataset: String { Self.name("work-bundle", competition) }
  /// The notebook's title; its name in addresses has hyphens for blanks.
  public var title: String {
    Self.name("work-predict", competition).replacingOccurrences(of: "-", with: " ")
  }

  /// A version of the notebook that was run before.
  public func version(_ number: Int) -> NotebookVersion {
    NotebookVersion(
      owner: owner, slug: Self.name("work-predict", competition), number: number)
  }

  // MARK: The dataset

  /// Sends an archive and makes it a private dataset, or the next version of it. Kaggle unpacks it there.
  /// - Parameters:
  ///   - notes: what is said of the version.
  ///   - progress: is told how many bytes are on their way or there.
  /// - Throws: `KaggleError`.
  public func upload(
    _ archive: URL, notes: String, progress: @escaping @Sendable (Int64) -> Void = { _ in }
  ) async throws {
    let name = archive.lastPathComponent
    let isThere = try await status() != nil
    let token = try await FileUpload(
      connection: connection, file: archive, name: name, sleep: sleep
    ).send(progress) { bytes, modified in
      try await connection.answer(
        .startBlob(name: name, bytes: bytes, modified: modified), UploadAddress.self,
        what: "an upload to the dataset \(owner)/\(dataset)", slug: competition)
    }
    let call =
      isThere
      ? KaggleCall.createDatasetVersion(owner, dataset, notes: notes, token: token)
      : .createDataset(
        owner, dataset, title: dataset.replacingOccurrences(of: "-", with: " "), token: token)
    let made = try await connection.answer(
      call, CreatedDataset.self, what: "the dataset \(owner)/\(dataset)", slug: competition)
    if let error = made.error, !error.isEmpty { throw refused("dataset \(dataset)", error) }
    if made.status?.lowercased() == "error" { throw refused("dataset \(dataset)", nil) }
  }

  /// Waits until Kaggle has unpacked the dataset.
  /// - Parameters:
  ///   - limit: the longest wait, in seconds.
  ///   - tell: is told before each look how long it has waited, in seconds.
  /// - Throws: `KaggleError`.
  public func waitForDataset(
    limit: Double, tell: @Sendable (Double) -> Void = { _ in }
  ) async throws {
    try await poll(limit: limit, "the dataset \(owner)/\(dataset) isn't ready") { waited in
      tell(waited)
      switch try await status() {
      case "ready": return true
      case "failed":
        throw KaggleError(
          .refused,
          "Kaggle couldn't unpack the dataset: see https://www.kaggle.com/datasets/\(owner)/\(dataset). Run this again; "
            + "it makes a new version.")
      default: return nil
      }
    }
  }

  /// The dataset's state in lower case; nil where there is no such dataset.
  private func status() async throws -> String? {
    do {
      let found = try await connection.answer(
        .datasetStatus(owner, dataset), DatasetStatus.self,
        what: "the dataset \(owner)/\(dataset)", slug: competition)
      return (found.status ?? "").lowercased().split(separator: ".").last.map(String.init) ?? ""
    } catch let error as KaggleError where error.kind == .notFound || error.kind == .forbidden {
      // Kaggle says either of a dataset that isn't there.
      return nil
    }
  }

  // MARK: The notebook

  /// Saves a version of the notebook, which Kaggle then runs.
  /// - Throws: `KaggleError` with Kaggle's words where it doesn't take it, such as for a quota that is used up.
  public func save(_ text: String) async throws -> NotebookVersion {
    let notebook = Notebook(
      owner: owner, title: title, text: text, dataset: "\(owner)/\(dataset)",
      competition: competition)
    let saved = try await connection.answer(
      .saveNotebook(notebook), SavedNotebook.self, what: "the notebook \(owner)/\(notebook.slug)",
      slug: competition)
    if let error = saved.error, !error.isEmpty { throw refused("notebook", error) }
    let invalid =
      (saved.invalidDatasetSources ?? []) + (saved.invalidCompetitionSources ?? [])
    guard invalid.isEmpty else {
      throw refused("notebook", "it doesn't know its source \(invalid.joined(separator: ", "))")
    }
    guard let number = saved.versionNumber, number > 0 else {
      throw KaggleError(
        .unexpectedAnswer,
        "Kaggle doesn't say which version of the notebook it saved. Look at https://www.kaggle.com/code/\(owner)/"
          + "\(notebook.slug), and run this again.")
    }
    return NotebookVersion(owner: owner, slug: notebook.slug, number: number)
  }

  /// Follows a version to its end.
  /// - Parameters:
  ///   - limit: the longest wait, in seconds.
  ///   - tell: is told after each look how far it is, and for how long that was waited for.
  /// - Throws: `KaggleError` with its last words where it failed.
  public func waitForNotebook(
    _ version: NotebookVersion, limit: Double,
    tell: @escaping @Sendable (NotebookProgress, Double) -> Void = { _, _ in }
  ) async throws {
    let page = "https://www.kaggle.com/code/\(version.name)"
    try await poll(
      limit: limit,
      "the notebook hasn't ended: see \(page), and go on by `work submit --notebook --resume \(version.number)`"
    ) { waited in
      let now = try await progress(of: version, waited)
      tell(now, waited)
      switch now {
      case .complete: return true
      case .failed(let said):
        let words = (try? await output(version))?.lastWords() ?? ""
        throw KaggleError(
          .notebookFailed,
          "The notebook failed at Kaggle: \(said). See \(page). Nothing was submitted."
            + (words.isEmpty ? "" : " Its last words:\n\(words)"))
      case .queued, .running: return nil
      }
    }
    // A notebook that ended well may have written nothing.
    let files = (try? await output(version))?.files?.compactMap(\.fileName)
    if let files, !files.contains(NotebookRunner.file) {
      throw KaggleError(
        .notebookFailed,
        "The notebook ended, but wrote no \(NotebookRunner.file): see \(page). Nothing was submitted."
      )
    }
  }

  /// One that was just saved may not be known at once.
  private func progress(of version: NotebookVersion, _ waited: Double) async throws
    -> NotebookProgress
  {
    do {
      return try await connection.answer(
        .notebookStatus(version), NotebookStatus.self, what: "the notebook \(version.name)",
        slug: competition
      ).progress
    } catch let error as KaggleError
      where [.notFound, .forbidden].contains(error.kind) && waited < 60
    {
      return .queued
    }
  }

  /// What the notebook writes.
  public static let file = "submission.csv"

  private func output(_ version: NotebookVersion) async throws -> NotebookOutput {
    try await connection.answer(
      .notebookOutput(version), NotebookOutput.self,
      what: "the output of the notebook \(version.name)", slug: competition)
  }

  // MARK: Parts

  /// Looks again and again, ever less often. Hours may pass, so that a server or a network that fails for some minutes
  /// doesn't end it.
  private func poll(
    limit: Double, _ problem: String, _ look: (_ waited: Double) async throws -> Bool?
  ) async throws {
    var (waited, pause, failures) = (0.0, 2.0, 0)
    while true {
      do {
        if try await look(waited) != nil { return }
        failures = 0
      } catch let error as KaggleError
        where Self.mayPass(error.kind) && failures < Self.mostFailures
      {
        failures += 1
      }
      guard waited < limit else {
        throw KaggleError(
          .server,
          "After \(Int(limit / 60)) minutes \(problem). Nothing was submitted; wait longer by --timeout."
        )
      }
      try await sleep(min(pause, max(0.1, limit - waited)))
      waited += pause
      pause = min(pause * 1.5, 20)
    }
  }

  /// Looks in a row that may fail.
  private static let mostFailures = 10

  private static func mayPass(_ kind: KaggleError.Kind) -> Bool {
    switch kind {
    case .network, .noServer, .server, .rateLimited, .unexpectedAnswer: true
    default: false
    }
  }

  private func refused(_ what: String, _ said: String?) -> KaggleError {
    KaggleError(
      .refused,
      "Kaggle doesn't take the \(what): \(said.map { "it says “\($0)”" } ?? "it doesn't say why"). Nothing was submitted."
    )
  }
}
