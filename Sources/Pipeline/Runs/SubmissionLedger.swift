// The ledger of submissions, `submissions/ledger.json`: what each submission that a run wrote should score, and what
// Kaggle said of it. Plain JSON with sorted keys, oldest first, so that a new line of it is a line of a diff. It lies
// outside `.work`, since it is the one thing about a submission that can't be made again.

public import Basics
public import Foundation

/// All submissions that a workspace remembers, oldest first.
public struct SubmissionLedger: Sendable, Equatable {
  /// What the pipeline itself thinks that a submission scores.
  public struct Estimate: Sendable, Equatable, Codable {
    /// Over all images, each predicted by a model that never saw it.
    public var mean: Double
    /// Of each fold; empty where no run has kept them.
    public var folds: [Double]
    /// The instance that measured it.
    public var instance: String
    /// The run in which it did.
    public var run: String

    /// An estimate with its folds.
    public init(mean: Double, folds: [Double], instance: String, run: String) {
      (self.mean, self.folds) = (mean, folds)
      (self.instance, self.run) = (instance, run)
    }

    /// The standard deviation of the folds' scores (with n - 1); nil for fewer than two.
    public var deviation: Double? {
      guard folds.count >= 2 else { return nil }
      let center = folds.reduce(0, +) / Double(folds.count)
      let squares = folds.reduce(0) { $0 + ($1 - center) * ($1 - center) }
      return (squares / Double(folds.count - 1)).squareRoot()
    }
  }

  /// One submission.
  public struct Entry: Sendable, Equatable, Codable {
    /// Counted from 1; never given twice.
    public var number: Int
    /// SHA-256 of the file as hex.
    public var sha256: String
    /// When it was recorded, in UTC, ISO 8601.
    public var recorded: String
    /// The run that wrote it, or took it from the cache; of a blend, its runs.
    public var run: String
    /// Of a blend, how often each run is in it; nil for what a run wrote.
    public var blend: [String: Int]?
    /// Rows of the file.
    public var rows: Int
    /// Rows with an empty mask; nil where the competition has none.
    public var empty: Int?
    /// What it should score; nil where no stage that it needs names a score.
    public var estimate: Estimate?
    /// Test-time augmentation, as in "hflip".
    public var tta: String?
    /// What *evaluate* chose: thresholds, areas.
    public var decisions: JSONValue?
    /// The rank that its estimate would have had on `competition.leaderboard`; nil where that isn't known.
    public var rank: Int?
    /// Teams on that board.
    public var teams: Int?
    /// What Kaggle said.
    public var publicScore: Double?
    /// What Kaggle said when the competition had ended.
    public var privateScore: Double?
    /// How it was submitted; nil where no `work submit` did.
    public var kaggle: Handover?

    enum CodingKeys: String, CodingKey {
      case number, sha256, recorded, run, blend, rows, empty, estimate, tta, decisions, rank, teams,
        kaggle
      case publicScore = "public"
      case privateScore = "private"
    }

    /// A submission of which Kaggle has said nothing yet. The ledger counts it when it is added.
    public init(sha256: String, recorded: Date, run: String, rows: Int) {
      number = 0
      self.sha256 = sha256
      self.recorded = RunFolder.timestamp(recorded)
      (self.run, self.rows) = (run, rows)
    }

    /// Whether Kaggle has scored it.
    public var isScored: Bool { publicScore != nil || privateScore != nil }
  }

  private struct Contents: Codable {
    var version: Int
    var submissions: [Entry]
  }

  private static let version = 1
  /// The name of the file in `submissions`.
  static let name = "ledger.json"

  /// Oldest first.
  public private(set) var entries: [Entry] = []
  private let workspace: Workspace

  /// Where the ledger of a workspace lies.
  public static func file(_ workspace: Workspace) -> URL {
    workspace.url(of: "submissions/\(name)")
  }

  /// Reads the ledger of a workspace; none is an empty one.
  ///
  /// - Throws: `PipelineError` where the file is damaged, or of another version.
  public init(_ workspace: Workspace) throws {
    self.workspace = workspace
    let file = Self.file(workspace)
    guard let data = try WholeFile.contents(of: file) else { return }
    do {
      let contents = try JSONDecoder().decode(Contents.self, from: data)
      guard contents.version == Self.version else {
        throw PipelineError(
          "\(file.path): has version \(contents.version), and this program reads \(Self.version); use the program that "
            + "wrote it")
      }
      entries = contents.submissions
    } catch let error as PipelineError {
      throw error
    } catch {
      throw PipelineError(
        "\(file.path): is no ledger of submissions (\(Self.words(error))); take an earlier version of it out of git, or "
          + "move it away to begin a new one")
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      "\(path(context)) has no “\(key.stringValue)”"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(path(context)): \(context.debugDescription)"
    case DecodingError.dataCorrupted: "not JSON"
    default: systemReason(error)
    }
  }

  private static func path(_ context: DecodingError.Context) -> String {
    let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    return keys.isEmpty ? "the whole" : keys.joined(separator: ".").replacing(".[", with: "[")
  }

  // MARK: Changing it

  /// Adds a submission; one whose very file is the latest entry's is not added again.
  ///
  /// - Returns: its entry, or that of the same file.
  /// - Throws: `FileError` where the ledger can't be written.
  @discardableResult
  public mutating func add(_ entry: Entry) throws -> Entry {
    try update { ledger in
      if let same = ledger.entries.last(where: { $0.sha256 == entry.sha256 }) { return same }
      var entry = entry
      entry.number = (ledger.entries.map(\.number).max() ?? 0) + 1
      ledger.entries.append(entry)
      try ledger.write()
      return entry
    }
  }

  /// Notes what Kaggle said of a submission; a nil score stays as it is.
  ///
  /// - Returns: the entry as it is now.
  /// - Throws: `PipelineError` where there is no such submission, `FileError` where the ledger can't be written.
  @discardableResult
  public mutating func set(
    _ number: Int, publicScore: Double?, privateScore: Double?
  ) throws -> Entry {
    try change(number) {
      $0.publicScore = publicScore ?? $0.publicScore
      $0.privateScore = privateScore ?? $0.privateScore
    }
  }

  /// Changes an entry and writes the ledger.
  ///
  /// - Returns: the entry as it is now.
  /// - Throws: `PipelineError` where there is no such submission, `FileError` where the ledger can't be written.
  mutating func change(_ number: Int, _ body: (inout Entry) -> Void) throws -> Entry {
    try update { ledger in
      guard let index = ledger.entries.firstIndex(where: { $0.number == number }) else {
        throw PipelineError("no submission \(number); `work scores` lists them")
      }
      body(&ledger.entries[index])
      try ledger.write()
      return ledger.entries[index]
    }
  }

  /// Changes the ledger as it is on the disk now, which a run may have written since; other commands wait meanwhile.
  private mutating func update(_ body: (inout SubmissionLedger) throws -> Entry) throws -> Entry {
    try WholeFile.makeFolder(workspace.work)
    let lock = try FileLock(workspace.ledgerLock)
    defer { withExtendedLifetime(lock) {} }
    self = try SubmissionLedger(workspace)
    return try body(&self)
  }

  private func write() throws {
    try WholeFile.write(
      json: Contents(version: Self.version, submissions: entries), to: Self.file(workspace))
  }

  // MARK: Finding in it

  /// The submission that a name stands for: its number, the beginning of its SHA-256 (six digits or more), `latest`,
  /// `latest~1` for the one before, or a run that wrote it.
  ///
  /// - Throws: `PipelineError` where there is none, or more than one.
  public func entry(_ name: String) throws -> Entry {
    guard let last = entries.last else {
      throw PipelineError(
        "no submission is recorded in \(Self.file(workspace).path); `work run all` records what it writes"
      )
    }
    if name == "latest" { return last }
    if name.hasPrefix("latest~") {
      guard let back = Int(name.dropFirst(7)), back >= 0, back < entries.count else {
        throw PipelineError(
          "\(name): after latest~ comes a number below \(entries.count), for so many submissions are recorded"
        )
      }
      return entries[entries.count - 1 - back]
    }
    if let number = Int(name), name.count < 6 {
      guard let found = entries.first(where: { $0.number == number }) else {
        throw PipelineError("no submission \(number); `work scores` lists them")
      }
      return found
    }
    let digits = name.lowercased()
    let found = entries.filter {
      $0.run == name || (digits.count >= 6 && $0.sha256.hasPrefix(digits))
    }
    guard let first = found.last else {
      throw PipelineError(
        "no submission “\(name)”: name one by its number, six digits or more of its SHA-256, its run, or as latest; "
          + "`work scores` lists them")
    }
    guard found.allSatisfy({ $0.sha256 == first.sha256 }) else {
      throw PipelineError(
        "“\(name)” may be \(found.map { "\($0.number)" }.joined(separator: ", "))")
    }
    return first
  }

  /// The submission that should score best among those before another one; nil where none has an estimate.
  public func best(before entry: Entry) -> Entry? {
    let earlier = entries.prefix { $0.number != entry.number }
    var best: Entry?
    for one in earlier where one.estimate != nil {
      if let mean = best?.estimate?.mean, (one.estimate?.mean ?? -.infinity) < mean { continue }
      best = one
    }
    return best ?? earlier.last
  }

  // MARK: Files

  /// Where the file of a submission is kept.
  public func file(of entry: Entry) -> URL {
    workspace.url(of: "submissions/files/\(entry.sha256.prefix(16)).csv")
  }

  /// Keeps a copy of a submission's file by its hash.
  ///
  /// - Throws: `PipelineError` where it can't be written, `FileError` where it can't be read.
  public func keep(_ url: URL, of entry: Entry) throws {
    let place = file(of: entry)
    guard !WholeFile.exists(place) else { return }
    try WholeFile.makeFolder(place.deletingLastPathComponent())
    // Never a link: the file may be its user's own, who goes on writing it.
    let bytes: Data
    do { bytes = try Data(contentsOf: url) } catch {
      throw FileError(url.path, "can't be read", reason: systemReason(error))
    }
    try WholeFile.write(bytes, to: place)
    FileCloner.makeReadOnly(place.path)
  }
}
