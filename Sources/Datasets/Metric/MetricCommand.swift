// A metric of the user's own: a shell command that reads two tables and prints a score.

import Basics
public import Foundation

/// Runs a command such as "python3 score.py {truth} {submission}".
public struct MetricCommand: Sendable, Equatable {
  /// The command, for `sh`; {truth} and {submission} stand for the tables' paths.
  public let command: String
  /// The command and what it has started are ended after so many seconds.
  public var seconds = 600

  /// A command, which must name both tables.
  /// - Throws: `SettingError`.
  public init(_ command: String) throws {
    if let problem = Self.problem(of: command) {
      throw SettingError(setting: "competition.metric.command", problem: problem)
    }
    self.command = command
  }

  /// What is wrong with a command; nil for nothing.
  static func problem(of command: String) -> String? {
    let missing = ["{truth}", "{submission}"].filter { !command.contains($0) }
    return missing.isEmpty
      ? nil
      : "\"\(command)\" doesn't say \(missing.joined(separator: " and ")), where a table's path is put"
  }

  /// The score: the last number that the command prints (numbers in parentheses apart, such as
  /// "0.4512 (20 images)"). Larger is better.
  /// - Parameters:
  ///   - truth: a table as the submission's, with the true masks.
  ///   - folder: where the command runs.
  /// - Throws: `InputError` with what the command said, where it fails, takes too long or prints no
  ///   number.
  public func score(truth: URL, submission: URL, folder: URL) throws -> Double {
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("metric-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    // Files, since a full pipe would stop the command.
    func file(_ name: String) throws -> (URL, FileHandle) {
      let url = scratch.appendingPathComponent(name)
      try Data().write(to: url)
      return (url, try FileHandle(forWritingTo: url))
    }
    let (output, outputHandle) = try file("output")
    let (errors, errorsHandle) = try file("errors")
    let line =
      command
      .replacingOccurrences(of: "{truth}", with: Self.quoted(truth.path))
      .replacingOccurrences(of: "{submission}", with: Self.quoted(submission.path))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // coreutils' timeout ends all that the command has started.
    process.arguments = ["timeout", "--kill-after=5", "\(seconds)", "sh", "-c", line]
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = outputHandle
    process.standardError = errorsHandle
    do { try process.run() } catch {
      throw failure("can't be started: \(systemReason(error))", errors)
    }
    process.waitUntilExit()
    let status = process.terminationStatus
    if status == 124 || status == 137 { throw failure("took more than \(seconds) s", errors) }
    guard process.terminationReason == .exit, status == 0 else {
      throw failure("failed with status \(status)", errors)
    }
    let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
    guard let score = Self.lastNumber(in: text) else {
      throw failure("printed no number as its score", errors)
    }
    return score
  }

  /// The last number of a text, numbers in parentheses apart.
  static func lastNumber(in text: String) -> Double? {
    var depth = 0
    let outside = text.filter { character in
      if character == "(" { depth += 1 }
      defer { if character == ")" || character.isNewline { depth = 0 } }
      return depth == 0
    }
    return outside.split { !$0.isASCII || !($0.isNumber || "+-.eE".contains($0)) }
      .compactMap { word -> Double? in
        let word = word.hasSuffix(".") ? word.dropLast() : word
        guard word.contains(where: \.isNumber) else { return nil }
        return Double(word).flatMap { $0.isFinite ? $0 : nil }
      }.last
  }

  private static func quoted(_ path: String) -> String {
    "'" + path.replacingExactly("'", with: "'\\''") + "'"
  }

  private func failure(_ what: String, _ errors: URL) -> InputError {
    let said = String(decoding: (try? Data(contentsOf: errors)) ?? Data(), as: UTF8.self)
      .split(whereSeparator: \.isNewline).suffix(10).map { "\n  \($0.prefix(300))" }.joined()
    return InputError(
      "params.yaml: competition.metric.command: `\(command)` \(what)"
        + (said.isEmpty ? " (and said nothing on stderr)" : "; it said:\(said)"))
  }
}
