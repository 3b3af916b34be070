// What `work submit --notebook` does in place of sending a file: the bundle becomes a dataset, a notebook runs it at
// Kaggle, and its output is the submission.

import Bundles
import Basics
import Foundation
import Kaggle
import Pipeline
import Submitting

struct NotebookSubmission {
  private let bundle: URL
  private let manifest: BundleManifest
  private let slug: String
  private let minutes: Double
  private let output: OutputOptions
  private let text: String
  private let work: URL

  /// Code competitions give a notebook 9 to 12 hours, and scoring runs it once more.
  static let usualMinutes = 600.0

  /// - Throws: `InputError` where there is no bundle, or one of another competition.
  init(
    _ runner: Runner, bundle: String?, slug: String, minutes: Double?, _ output: OutputOptions
  ) throws {
    (self.slug, self.minutes, self.output) = (slug, minutes ?? Self.usualMinutes, output)
    work = runner.workspace.work
    self.bundle =
      bundle.map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? BundleMaker.usualPlace(runner.workspace)
    manifest = try BundleManifest(bundle: self.bundle)
    if let own = manifest.slug, own != slug {
      throw InputError(
        "\(self.bundle.path): is a bundle for \(own), and not for \(slug); `work bundle` makes another"
      )
    }
    let file = self.bundle.appendingPathComponent(BundleWriter.notebook)
    do { text = try String(contentsOf: file, encoding: .utf8) } catch {
      throw InputError(
        "\(file.path): can't be read (\(systemReason(error))); `work bundle` writes it")
    }
    if let maker = try? BundleMaker(runner), !maker.agrees(with: manifest) {
      Console.warning(
        "the bundle was made from other models or another choice of thresholds than the latest run's; `work bundle` makes "
          + "it anew")
    }
  }

  /// Runs the notebook, or goes on with a version that was run before, and submits what it wrote, or finds that a command that was cut off has done so.
  /// - Returns: the submission's number at Kaggle, where Kaggle says it, and the notebook as `owner/name/version`.
  func hand(
    over subject: inout SubmissionSubject, _ submitter: Submitter, _ message: String,
    _ connection: KaggleConnection, user: String?, resume: Int?
  ) async throws -> (ref: Int?, notebook: String?) {
    if let found = try await subject.foundAgain(by: submitter) {
      say(SubmissionSubject.foundAgain)
      return (found, subject.entry.kaggle?.notebook)
    }
    let runner = try await NotebookRunner(connection, competition: slug, owner: user)
    try subject.keep()
    let version: NotebookVersion
    if let resume {
      version = runner.version(resume)
    } else {
      try await upload(runner, message)
      version = try await runner.save(text)
    }
    say("notebook https://www.kaggle.com/code/\(version.name), version \(version.number)")
    let line = WaitLine("the notebook runs", output)
    try await runner.waitForNotebook(version, limit: minutes * 60) { progress, seconds in
      if progress == .running { line.show(seconds) }
    }
    line.end()
    let mark = try await submitter.mark(name: NotebookRunner.file, message: message)
    let name = "\(version.name)/\(version.number)"
    let handover = SubmissionLedger.Handover(
      name: mark.name, message: mark.message, begun: Date(), before: mark.before.sorted(),
      notebook: name)
    try subject.note(handover)
    let ref = try await submitter.create(version, mark)
    try subject.note(handover.made(ref))
    return (ref, name)
  }

  /// Packs the bundle, sends it, and waits until Kaggle has unpacked it.
  private func upload(_ runner: NotebookRunner, _ notes: String) async throws {
    let archive = work.appendingPathComponent("bundle-\(getpid()).zip")
    try WholeFile.makeFolder(work)
    defer { try? WholeFile.remove(archive) }
    let packing = SharedMeter("pack", output)
    try BundleArchive.write(bundle, to: archive) { packing.show(done: $0, total: $1) }
    packing.end()
    let total = (try FileManager.default.attributesOfItem(atPath: archive.path)[.size] as? Int) ?? 0
    let meter = SharedMeter("upload", output)
    try await runner.upload(archive, notes: notes) { meter.show(done: Int($0), total: total) }
    meter.end()
    say("dataset \(runner.owner)/\(runner.dataset), \(Readable.bytes(total))")
    let line = WaitLine("Kaggle unpacks the dataset", output)
    try await runner.waitForDataset(limit: min(minutes, 60) * 60) { line.show($0) }
    line.end()
  }

  private func say(_ text: String) {
    guard !output.quiet, !output.json else { return }
    Console.write("\(text)\n")
  }
}
