// The file that is to be submitted: which one, whether it is as the sample is, and its line in the ledger.

import Basics
import Foundation
import Hashing
import Pipeline
import Scores
import Submitting

struct SubmissionSubject {
  /// The file that was named.
  let file: URL
  /// What it is called at Kaggle.
  let name: String
  /// Its size in bytes.
  let bytes: Int
  private(set) var entry: SubmissionLedger.Entry
  private var ledger: SubmissionLedger

  /// - Parameter text: a file, or the number of a submission in the ledger; nil for the latest run's.
  /// - Throws: `InputError` where there is no such file, or it can't be read.
  init(_ text: String?, _ runner: Runner) throws {
    ledger = try SubmissionLedger(runner.workspace)
    let named: URL
    var recorded: SubmissionLedger.Entry?
    if let text, Int(text) != nil, !FileManager.default.fileExists(atPath: text) {
      let entry = try ledger.entry(text)
      recorded = entry
      named = ledger.file(of: entry)
      name = RecordedSubmission.fileName
    } else {
      named =
        text.map { URL(fileURLWithPath: $0) } ?? runner.workspace.url(of: RecordedSubmission.path)
      name = named.lastPathComponent
    }
    file = named
    let data: Data
    do { data = try Data(contentsOf: named) } catch {
      let advice = text == nil ? "; `work run all` makes it" : ""
      throw InputError("\(named.path): can't be read (\(systemReason(error)))\(advice)")
    }
    guard !data.isEmpty else { throw InputError("\(named.path): is empty") }
    bytes = data.count
    let digest = Digest.hex(of: [UInt8](data))
    if let recorded, recorded.sha256 != digest {
      throw InputError(
        "\(named.path): isn't what was recorded as submission \(recorded.number) any more; submit the file by its name if "
          + "it is to go as it is now")
    }
    entry =
      ledger.entries.last { $0.sha256 == digest }
      ?? SubmissionLedger.Entry(sha256: digest, recorded: Date(), run: "", rows: 0)
    if entry.number == 0, isTable { entry.rows = try CSV(data, name: named.path).rows.count }
  }

  private var isTable: Bool { file.pathExtension.lowercased() == "csv" }

  /// What is sent: the copy that the ledger keeps, which nobody writes to.
  var sent: URL {
    let kept = ledger.file(of: entry)
    return isTable && WholeFile.exists(kept) ? kept : file
  }

  /// What is said of it at Kaggle where its user says nothing.
  var message: String {
    let number = entry.number > 0 ? "work \(entry.number), " : ""
    let score = entry.estimate.map { "cv \(Readable.number($0.mean)), " } ?? ""
    return "\(number)\(score)\(entry.sha256.prefix(8))"
  }

  /// What differs from the sample submission; nil where nothing does, or there is no sample.
  ///
  /// - Throws: `InputError` where one of the files is no table.
  func problem(_ runner: Runner) throws -> String? {
    guard case .string(let path)? = runner.parameters["competition.files.sample_submission"] else {
      return nil
    }
    guard isTable else {
      return
        "\(file.path): only tables (.csv) can be compared with the sample submission; --unchecked submits it as it is"
    }
    let sample = runner.workspace.url(of: path)
    guard FileManager.default.fileExists(atPath: sample.path) else {
      return
        "\(sample.path): the sample submission isn't there, so nothing can be compared with it; `work run unzip` brings "
        + "it, and --unchecked does without"
    }
    let layout = try SubmissionLayout(runner.parameters["competition"] ?? .null)
    let check = try SampleCheck(
      file, sample: sample, predicted: layout.maskColumn,
      mayRepeat: runner.parameters["competition.submission.rows"] == .string("instance"))
    guard !check.problems.isEmpty else { return nil }
    return
      "\(file.path) isn't as \(path) is: \(check.problems.joined(separator: "; ")). Nothing was submitted; --unchecked "
      + "submits it all the same"
  }

  // MARK: The ledger

  /// Adds it to the ledger, if it isn't there, and keeps its file.
  mutating func keep() throws {
    if entry.number == 0 {
      if entry.run.isEmpty { entry.run = "by hand" }
      entry = try ledger.add(entry)
    }
    guard isTable else { return }
    try ledger.keep(file, of: entry)
    // What was compared and noted is what is sent.
    let kept = ledger.file(of: entry)
    guard try Digest.hex(of: [UInt8](Data(contentsOf: kept))) == entry.sha256 else {
      try WholeFile.remove(kept)
      throw InputError(
        "\(file.path): changed while it was looked at; nothing was submitted, run it again")
    }
  }

  /// What is said where `foundAgain(by:)` finds something.
  static let foundAgain = "it was submitted before, by a command that didn't see Kaggle's answer"

  /// Looks whether a command that was cut off has submitted it, and notes that.
  ///
  /// - Returns: its number at Kaggle; nil where none has.
  mutating func foundAgain(by submitter: Submitter) async throws -> Int? {
    guard let begun = entry.kaggle, begun.ref == nil,
      let found = try await submitter.find(
        .init(name: begun.name, message: begun.message, before: Set(begun.before ?? [])))
    else { return nil }
    try note(begun.made(found.ref))
    return found.ref
  }

  /// Notes how it was handed in.
  mutating func note(_ handover: SubmissionLedger.Handover) throws {
    entry = try ledger.set(entry.number, handover)
  }

  /// Notes its score.
  func note(_ submission: RemoteSubmission?) throws {
    var ledger = ledger
    try ledger.set(
      entry.number, publicScore: submission?.publicNumber, privateScore: submission?.privateNumber)
  }
}
