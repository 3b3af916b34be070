// `work submissions`: what was submitted to the competition, with Kaggle's scores.

import ArgumentParser
import Basics
import Foundation
import Pipeline
import Submitting

struct SubmissionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submissions",
    abstract: "List what was submitted to the competition, with Kaggle's scores.",
    discussion: """
      The latest first. Scores of submissions that `work submit` sent are noted in submissions/ledger.json, as `work \
      scores set` does; # is their number there.
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Show so many; 0 for all.", valueName: "count"))
  var number = 20

  @OptionGroup var options: CompetitionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard number >= 0 else { throw ValidationError("--number \(number): should be 0 or more") }
  }

  func run() async throws {
    let account = try options.account()
    let all = try await account.submissions()
    let numbers = try note(all)
    let shown = number == 0 ? all : Array(all.prefix(number))
    let lines = shown.map { Line($0, number: numbers[$0.ref]) }
    if output.json { return try Console.json(lines) }
    guard !lines.isEmpty else {
      if !output.quiet { Console.write("nothing was submitted to \(account.slug) yet\n") }
      return
    }
    TextTable(
      columns: [
        .init(title: "ref", isNumber: true, importance: 7),
        .init(title: "#", isNumber: true, importance: 6),
        .init(title: "date", importance: 4), .init(title: "file", isElastic: true, importance: 1),
        .init(title: "message", isElastic: true, importance: 3),
        .init(title: "status", importance: 5),
        .init(title: "public", isNumber: true, importance: 8),
        .init(title: "private", isNumber: true, importance: 8),
      ],
      rows: lines.map { line in
        [
          "\(line.ref)", line.submission.map { "\($0)" } ?? "",
          line.date.map { Readable.time(Self.whole($0)) } ?? "", line.file ?? "",
          line.message ?? "", line.error.map { "error: \($0)" } ?? line.status,
          line.publicScore.map { "\($0)" } ?? "", line.privateScore.map { "\($0)" } ?? "",
        ]
      }, elsewhere: "--json has all"
    ).print()
    if shown.count < all.count, !output.quiet {
      Console.write("the latest \(shown.count) of \(all.count); -n 0 shows all\n")
    }
  }

  /// A time without its fraction of a second.
  private static func whole(_ time: String) -> String {
    time.replacing(/\.\d+/, with: "").replacing(/(\d)$/) { "\($0.output.1)Z" }
  }

  /// Notes scores in the ledger.
  ///
  /// - Returns: numbers in the ledger by those at Kaggle; none outside a workspace.
  private func note(_ all: [RemoteSubmission]) throws -> [Int: Int] {
    guard let workspace = try? options.workspace.find() else { return [:] }
    var ledger = try SubmissionLedger(workspace)
    var numbers: [Int: Int] = [:]
    for entry in ledger.entries {
      guard let handover = entry.kaggle else { continue }
      let mark = Submitter.Mark(
        name: handover.name, message: handover.message, before: Set(handover.before ?? []))
      guard
        let found = all.first(where: { one in
          handover.ref.map { $0 == one.ref } ?? mark.fits(one)
        })
      else { continue }
      numbers[found.ref] = entry.number
      if handover.ref == nil { try ledger.set(entry.number, handover.made(found.ref)) }
      guard
        found.publicNumber ?? entry.publicScore != entry.publicScore
          || found.privateNumber ?? entry.privateScore != entry.privateScore
      else { continue }
      try ledger.set(
        entry.number, publicScore: found.publicNumber, privateScore: found.privateNumber)
    }
    return numbers
  }

  /// A submission, as `--json` prints it.
  private struct Line: Encodable {
    var ref: Int
    /// Its number in the ledger.
    var submission: Int?
    var date: String?
    var file: String?
    var message: String?
    var bytes: Int64?
    var status: String
    var error: String?
    var publicScore: Double?
    var privateScore: Double?

    enum CodingKeys: String, CodingKey {
      case ref, submission, date, file, message, bytes, status, error
      case publicScore = "public"
      case privateScore = "private"
    }

    init(_ one: RemoteSubmission, number: Int?) {
      ref = one.ref
      submission = number
      (date, file, message) = (one.date, one.fileName, one.description)
      bytes = one.totalBytes
      status = one.progress.rawValue
      error = one.errorDescription.flatMap { $0.isEmpty ? nil : $0 }
      (publicScore, privateScore) = (one.publicNumber, one.privateNumber)
    }
  }
}
