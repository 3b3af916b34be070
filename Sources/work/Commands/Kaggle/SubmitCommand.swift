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
      and with --wait so is the score, as `work scores set` does. With --notebook, for code competitions, the bundle \
      becomes a private dataset, a notebook beside it runs without internet and is followed to its end, and its output is \
      submitted. Exits with 1 if the notebook fails or Kaggle can't score the file, with 2 if it isn't as the sample is or \
      was submitted before, with 3 if Kaggle refuses or there is no score in time.
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
    help: ArgumentHelp(
      "Wait for at most so many minutes; by default 60, with --notebook 600.",
      valueName: "minutes"))
  var timeout: Double?

  @Flag(
    help: "Run the bundle (`work bundle`) in a notebook at Kaggle, and submit what that writes.")
  var notebook = false

  @Option(
    help: ArgumentHelp(
      "With --notebook: your name in the address of your profile, where Kaggle doesn't tell it.",
      valueName: "name"))
  var user: String?

  @Option(
    help: ArgumentHelp("With --notebook: the bundle; by default .work/bundle.", valueName: "dir"),
    completion: .directory)
  var bundle: String?

  @Option(
    help: ArgumentHelp(
      "With --notebook: go on with this version of the notebook, which was run before.",
      valueName: "version"))
  var resume: Int?

  @Flag(help: "Check everything, and submit nothing.")
  var dryRun = false

  @Flag(help: "Submit it although it was submitted before.")
  var again = false

  @Flag(help: "Submit it although it can't be compared with the sample, or differs from it.")
  var unchecked = false

  @OptionGroup var options: CompetitionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let timeout, !(timeout.isFinite && timeout >= 0) {
      throw ValidationError("--timeout \(timeout): should be a number of minutes")
    }
    if notebook, file != nil {
      throw ValidationError(
        "--notebook submits what the notebook writes, and no file; leave \(file ?? "") out")
    }
    if !notebook, user != nil || bundle != nil || resume != nil {
      throw ValidationError("--user, --bundle and --resume go with --notebook")
    }
    if let resume, resume < 1 {
      throw ValidationError("--resume \(resume): should be the number of a version, from 1")
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
    let connection = try CompetitionOptions.connection()
    let submitter = Submitter(try KaggleAccount(connection, slug: slug))
    let source =
      try notebook
      ? NotebookSubmission(runner, bundle: bundle, slug: slug, minutes: timeout, output) : nil
    let limits = try await submitter.check(fromNotebook: notebook)
    var answer = Answer(subject, slug, message ?? subject.message)
    answer.left = limits?.numAllowedNow
    if dryRun {
      answer.dryRun = true
      return try end(answer)
    }
    let ref: Int?
    if let source {
      (ref, answer.notebook) = try await source.hand(
        over: &subject, submitter, answer.message, connection, user: user, resume: resume)
    } else {
      ref = try await hand(over: &subject, submitter, answer.message)
    }
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
    if let found = try await subject.foundAgain(by: submitter) {
      say(SubmissionSubject.foundAgain)
      return found
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
    let minutes = timeout ?? (notebook ? NotebookSubmission.usualMinutes : 60)
    let found = try await submitter.wait(for: ref, limit: minutes * 60) { meter.show($0) }
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
        "Kaggle hasn't scored \(answer.file) (\(ref)) within \(Readable.number(minutes)) minutes; `work submissions` "
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
    /// Of a notebook, `owner/name/version`.
    var notebook: String?
    var dryRun = false
    /// The number in the ledger; nil where nothing is noted.
    var submission: Int?
    var ref: Int?
    var left: Int?
    var status: String?
    var publicScore: Double?
    var privateScore: Double?

    enum CodingKeys: String, CodingKey {
      case file, competition, message, rows, notebook, dryRun, submission, ref, left, status
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
      if let notebook { lines.append("notebook    \(notebook)") }
      if let submission { lines.append("ledger      submission \(submission)") }
      if let left { lines.append("left today  \(left)") }
      return lines.joined(separator: "\n")
    }
  }
}
