// Tells somebody who isn't looking how a run has ended: by a command of theirs, or a webhook. What is told holds
// neither parameters nor addresses; that it couldn't be told is a warning and changes nothing.

import Basics
import Foundation
import Pipeline
import Transfer

/// What is told of a run.
struct RunNotice: Encodable {
  enum Event: String, Encodable {
    case end, failure, best
  }

  var event: Event
  /// One sentence, under the name that chat services read.
  var text: String
  var run: String
  var exit: Int32
  var score: Double?

  /// How long a command or a webhook may take.
  static let patience = 15

  /// What there is to tell; nil for a run that had nothing to do, or that a person interrupted.
  init?(_ summary: RunSummary, _ runner: Runner) {
    guard let folder = summary.folder, summary.exit != .interrupted else { return nil }
    let id = folder.lastPathComponent
    run = id
    exit = summary.exit.rawValue
    let title =
      runner.parameters["competition.title"]?.plainText ?? runner.workspace.root.lastPathComponent
    let rows = RunTable(RunHistory(runner.workspace)).rows
    let name = "evaluate.score"
    let ran = summary.results.contains { $0.outcome == .done && $0.metrics["score"] != nil }
    score = ran ? rows.first { $0.id == id }?.metrics[name] : nil
    let before = rows.filter { $0.id != id }.compactMap { $0.metrics[name] }.max()
    let seconds = summary.results.compactMap(\.seconds).reduce(0, +)
    let failed = summary.results.filter { $0.outcome == .failed }.map(\.instance)
    if summary.exit != .ok {
      event = .failure
      text =
        "\(title): the run failed" + (failed.isEmpty ? "" : " in \(failed.joined(separator: ", "))")
        + " after \(Readable.duration(seconds)); `work log` says more."
    } else if let score, let before, score > before {
      event = .best
      text =
        "\(title): a new best score, \(Readable.number(score)) (\(Readable.number(before)) before)."
    } else {
      event = .end
      text =
        "\(title): the run has ended well after \(Readable.duration(seconds))"
        + (score.map { ", with a score of \(Readable.number($0))" } ?? "") + "."
    }
  }

  /// Tells it, where WORK_NOTIFY or `runtime.notify` says how.
  @MainActor
  static func tell(_ summary: RunSummary, _ runner: Runner) async {
    let environment = ProcessInfo.processInfo.environment
    let place = environment["WORK_NOTIFY"] ?? runner.parameters["runtime.notify"]?.text ?? ""
    guard !place.isEmpty, let notice = RunNotice(summary, runner) else { return }
    let problem =
      place.hasPrefix("https://") || place.hasPrefix("http://")
      ? await notice.post(to: place, environment)
      : await notice.run(place, environment, in: runner.workspace.root)
    if let problem { Console.warning("nobody was notified of the run's end: \(problem)") }
  }

  /// Sends it as JSON. What goes wrong is told without the address, which is a secret.
  private func post(to address: String, _ environment: [String: String]) async -> String? {
    guard let url = URL(string: address), let host = url.host,
      let body = try? JSONEncoder().encode(self)
    else { return "the webhook's address in runtime.notify or WORK_NOTIFY is none" }
    var settings = TransferSettings(environment: environment)
    settings.connectMilliseconds = Self.patience * 1000
    settings.silentSeconds = Self.patience
    let request = Request(
      url, method: .post, headers: ["Content-Type": "application/json"], body: body)
    do {
      let answer = try await TransferClient(settings).send(request)
      return (200..<300).contains(answer.status)
        ? nil : "\(host) answered \(answer.status); check the webhook's address"
    } catch {
      return "\(host) couldn't be reached in \(Self.patience) s"
    }
  }

  /// Runs a command of the shell with it on standard input and in the environment.
  private func run(_ command: String, _ environment: [String: String], in folder: URL) async
    -> String?
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = folder
    // Credentials are for stages that ask for them, and for nobody else.
    process.environment = environment.filter { name, _ in
      !["KAGGLE_", "AWS_", "WORK_NOTIFY"].contains { name.hasPrefix($0) }
    }.merging([
      "WORK_EVENT": event.rawValue, "WORK_TEXT": text, "WORK_RUN": run,
      "WORK_SCORE": score.map { "\($0)" } ?? "",
    ]) { $1 }
    let input = Pipe()
    process.standardInput = input
    // A run's answer on standard output stays what it is.
    process.standardOutput = FileHandle.standardError
    let (ended, end) = AsyncStream<Void>.makeStream()
    process.terminationHandler = { _ in end.finish() }
    do { try process.run() } catch { return "its command can't be started" }
    // A reader that doesn't read ends the pipe, not this program: SIGPIPE is ignored.
    try? input.fileHandleForWriting.write(contentsOf: (try? JSONEncoder().encode(self)) ?? Data())
    try? input.fileHandleForWriting.close()
    let watch = Task {
      try await Task.sleep(for: .seconds(Self.patience))
      kill(process.processIdentifier, SIGKILL)
    }
    for await _ in ended {}
    watch.cancel()
    if process.terminationReason == .uncaughtSignal {
      return "its command took longer than \(Self.patience) s, or was killed"
    }
    return process.terminationStatus == 0
      ? nil : "its command ended with \(process.terminationStatus)"
  }
}

extension JSONValue {
  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}
