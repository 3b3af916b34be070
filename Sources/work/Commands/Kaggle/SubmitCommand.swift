// `work submit`: checks a submission against the sample, sends it to Kaggle, and waits for its score.

import ArgumentParser
import Basics
import Foundation
import Kaggle
import Pipeline
import Submitting

struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Submit a file to the competition, and wait for its score.",
    discussion: """
      First compares columns and ids with the sample submission, and asks how many submissions are left. An upload \
      that breaks goes on where it broke; where Kaggle's answer is lost, the list of submissions is read before \
      anything is sent again, so that nothing counts twice. What was submitted is noted in submissions/ledger.json, \
      and with --wait so is the score, as `work scores set` does. Exits with 1 if Kaggle can't score the file, with 2 \
      if it isn't as the sample is or was submitted before, with 3 if Kaggle refuses or there is no score in time.
      """)

  @Argument(
    help:
      "The file, or a submission of `work scores` by its number; by default submissions/submission.csv.",
    completion: .file(extensions: ["csv", "zip"]))
  var file: String?

  @Option(
    name: .shortAndLong,
    help: "What to say of it at Kaggle; by default its number, its score here and its hash.")
  var message: String?

  @Flag(help: "Wait until Kaggle has scored it, and note the score.")
  var wait = false

  @Option(
    help: ArgumentHelp("Wait for at most so many minutes.", valueName: "minutes"))
  var timeout = 60.0

  @Flag(help: "Check everything, and submit nothing.")
  var dryRun = false

  @Flag(help: "Submit it although it was submitted before.")
  var again = false

  @Flag(help: "Submit it although it can't be compared with the sample, or differs from it.")
  var unchecked = false

  @OptionGroup var options: CompetitionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard timeout.isFinite, timeout >= 0 else {
      throw ValidationError("--timeout \(timeout): should be a number of minutes")
    }
    guard (message ?? "").utf8.count <= 500 else {
      throw ValidationError("--message: should have 500 bytes at most")
    }
  }

  func run() async throws {
    let runner = try Runner(workspace: options.workspace.find())
    let slug = try options.competition ?? CompetitionOptions.slug(of: runner)
    var subject = try SubmissionSubject(file, runner)
    if let problem = try subject.problem(runner) {
      guard unchecked else { throw InputError(problem) }
      Console.warning(problem)
    }
    if let ref = subject.entry.kaggle?.ref, !again {
      throw InputError(
        "submission \(subject.entry.number) was submitted before, as \(ref) at Kaggle; `work submissions` lists it, and "
          + "--again submits it once more")
    }
    let account = try KaggleAccount(CompetitionOptions.connection(), slug: slug)
    let submitter = Submitter(account)
    let limits = try await submitter.check()
    var answer = Answer(subject, slug, message ?? subject.message)
    answer.left = limits?.numAllowedNow
    if dryRun {
      answer.dryRun = true
      return try end(answer)
    }
    let ref = try await hand(over: &subject, submitter, answer.message)
    answer.submission = subject.entry.number
    answer.ref = ref
    if let left = answer.left { answer.left = max(0, left - 1) }
    guard wait else { return try end(answer) }
    try await score(&answer, subject, submitter)
  }

  // MARK: Submitting

  /// Submits the file, or finds that it has been submitted by a command that was cut off.
  /// - Returns: its number at Kaggle, where Kaggle says it.
  private func hand(
    over subject: inout SubmissionSubject, _ submitter: Submitter, _ message: String
  ) async throws -> Int? {
    if let begun = subject.entry.kaggle, begun.ref == nil,
      let found = try await submitter.find(
        .init(name: begun.name, message: begun.message, before: Set(begun.before ?? [])))
    {
      say("it was submitted before, by a command that didn't see Kaggle's answer")
      try subject.note(begun.made(found.ref))
      return found.ref
    }
    let mark = try await submitter.mark(name: subject.name, message: message)
    try subject.keep()
    let meter = SharedMeter("upload", output)
    let total = subject.bytes
    let token = try await submitter.upload(subject.sent, name: subject.name) {
      meter.show(done: Int($0), total: total)
    }
    meter.end()
    // Noted before Kaggle is told: a command that is cut off here is found out by the next.
    let handover = SubmissionLedger.Handover(
      name: mark.name, message: mark.message, begun: Date(), before: mark.before.sorted())
    try subject.note(handover)
    let ref = try await submitter.create(token, mark)
    try subject.note(handover.made(ref))
    return ref
  }

  /// Waits for the score, and notes it.
  private func score(
    _ answer: inout Answer, _ subject: SubmissionSubject, _ submitter: Submitter
  ) async throws {
    guard let ref = answer.ref else {
      throw PipelineError(
        "Kaggle took \(answer.file), but doesn't list it yet; `work submissions` shows its score later",
        exit: .network)
    }
    say("submitted as \(ref); waiting for the score")
    let meter = WaitLine("waiting for the score", output)
    let found = try await submitter.wait(for: ref, limit: timeout * 60) { meter.show($0) }
    meter.end()
    switch found?.progress {
    case .complete?:
      try subject.note(found)
      answer.status = "complete"
      (answer.publicScore, answer.privateScore) = (found?.publicNumber, found?.privateNumber)
      try end(answer)
    case .error?:
      throw PipelineError(
        "Kaggle can't score \(answer.file) (\(ref)): \(found?.errorDescription ?? "it doesn't say why"). Compare the file "
          + "with the sample submission", exit: .failed)
    default:
      throw PipelineError(
        "Kaggle hasn't scored \(answer.file) (\(ref)) within \(Readable.number(timeout)) minutes; `work submissions` "
          + "shows and notes the score later", exit: .network)
    }
  }

  // MARK: Telling

  private func say(_ text: String) {
    guard !output.quiet, !output.json else { return }
    Console.write("\(text)\n")
  }

  private func end(_ answer: Answer) throws {
    if output.json { return try Console.json(answer) }
    if output.quiet { return }
    print(answer.text)
  }

  /// What is printed with `--json`.
  private struct Answer: Encodable {
    var file: String
    var competition: String
    var message: String
    var rows: Int
    var dryRun = false
    /// The number in the ledger; nil where nothing is noted.
    var submission: Int?
    var ref: Int?
    var left: Int?
    var status: String?
    var publicScore: Double?
    var privateScore: Double?

    enum CodingKeys: String, CodingKey {
      case file, competition, message, rows, dryRun, submission, ref, left, status
      case publicScore = "public"
      case privateScore = "private"
    }

    init(_ subject: SubmissionSubject, _ slug: String, _ message: String) {
      file = subject.file.path
      (competition, self.message, rows) = (slug, message, subject.entry.rows)
    }

    var text: String {
      var lines = [
        dryRun
          ? "\(file) would go to \(competition) as “\(message)” (nothing was submitted)"
          : "\(file) is submitted to \(competition)" + (ref.map { " as \($0)" } ?? "")
      ]
      if let publicScore {
        lines.append("public      \(publicScore)")
      } else if status != nil {
        lines.append("scored; the score isn't shown yet")
      }
      if let privateScore { lines.append("private     \(privateScore)") }
      if let submission { lines.append("ledger      submission \(submission)") }
      if let left { lines.append("left today  \(left)") }
      return lines.joined(separator: "\n")
    }
  }
}
