// Tries a bundle on the test images that are here, with an empty environment.

import Basics
import Bundles
import Foundation
import Pipeline

struct BundleTrial {
  let bundle: URL
  let workspace: Workspace
  /// The archive of masks as pictures that the submission stage writes, relative to the workspace; nil for none.
  var archive: String?

  /// What came of it.
  struct Outcome: Encodable {
    var isSame: Bool
    var file: String
    var seconds: Double

    var text: String {
      let time = Readable.duration(seconds)
      return isSame
        ? "the same bytes as \(file), in \(time)"
        : "other bytes than \(file), in \(time); is the submission stale (`work status`), or made on another processor?"
    }
  }

  /// Predicts, and compares.
  ///
  /// - Throws: `InputError` where there is no submission; `PipelineError` with the program's words where it failed.
  func run(quiet: Bool) throws -> Outcome {
    let submission = workspace.url(of: RecordedSubmission.path)
    guard let expected = try? Data(contentsOf: submission) else {
      throw InputError(
        "\(submission.path): isn't there, so nothing can be compared; `work run submission` writes it"
      )
    }
    let folder = bundle.deletingLastPathComponent()
      .appendingPathComponent(".\(bundle.lastPathComponent).\(getpid()).trial", isDirectory: true)
    try WholeFile.makeFolder(folder)
    defer { try? WholeFile.remove(folder) }
    let file = folder.appendingPathComponent(RecordedSubmission.fileName)
    let begun = ContinuousClock.now
    let (status, _, errors) = try start(
      ["--images", workspace.root.path, "--output", file.path, "--scratch", folder.path],
      shows: !quiet)
    guard status == 0 else {
      throw PipelineError("the bundle's program ended with \(status): \(errors)", exit: .failed)
    }
    let seconds = (ContinuousClock.now - begun) / .seconds(1)
    var isSame = try Data(contentsOf: file) == expected
    if let archive {
      let made = folder.appendingPathComponent(archive.lastPathName)
      isSame =
        try isSame && Data(contentsOf: made) == Data(contentsOf: workspace.url(of: archive))
    }
    return Outcome(
      isSame: isSame,
      file: ([RecordedSubmission.path] + [archive].compactMap { $0 }).joined(separator: " and "),
      seconds: seconds)
  }

  /// How many test images here have no row in the sample submission; nil where that can't be found out.
  func leftOut() -> Int? {
    struct Facts: Decodable { var leftOut: Int }
    guard
      let (status, text, _) = try? start(
        ["--images", workspace.root.path, "--dry-run"], shows: false),
      status == 0
    else { return nil }
    return try? JSONDecoder().decode(Facts.self, from: Data(text.utf8)).leftOut
  }

  /// Starts the program; its lines are shown on standard error or kept.
  private func start(
    _ arguments: [String], shows: Bool
  ) throws -> (status: Int32, text: String, errors: String) {
    let process = Process()
    process.executableURL = bundle.appendingPathComponent(BundleWriter.start)
    process.arguments = arguments
    process.environment = [:]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = shows ? FileHandle.standardError : output
    process.standardError = errors
    do { try process.run() } catch {
      throw InputError("\(bundle.path)/predict: can't be started (\(systemReason(error)))")
    }
    // Both are short: the program's errors, and the line of a dry run.
    let text =
      shows
      ? "" : String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, said.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
