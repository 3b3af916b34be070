// Runs the real `work` as a user would: as a process, in a folder, with an environment of its own.

import Foundation
import Testing

/// How a command ended, and what it said.
struct Output: Sendable, CustomStringConvertible {
  /// The exit status; 128 + signal where a signal ended it.
  let status: Int32
  let out: String
  let err: String

  var description: String { "status \(status)\n--- out\n\(out)--- err\n\(err)" }

  /// Standard output as the report that `--json` prints.
  func report() throws -> Report { try decoded(Report.self) }

  func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do { return try JSONDecoder().decode(type, from: Data(out.utf8)) } catch {
      throw Failure("no JSON as expected (\(error)):\n\(self)")
    }
  }
}

/// What `work run --json` prints, as far as tests look at it.
struct Report: Decodable, Sendable {
  struct Line: Decodable, Sendable {
    var instance: String
    var outcome: String
    var reasons: [String]
  }
  var exit: Int32
  var results: [Line]

  /// Instances by outcome.
  func instances(_ outcome: String) -> [String] {
    results.filter { $0.outcome == outcome }.map(\.instance)
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A process that was started.
final class Command: Sendable {
  let id: pid_t
  private let process: Process
  private let end: Task<Void, Never>
  private let texts: (out: URL, err: URL)

  /// Starts a program.
  /// - Parameter environment: all there is, besides PATH and what the system needs.
  init(_ program: URL, _ arguments: [String], in folder: URL, environment: [String: String]) throws
  {
    let base = FileManager.default.temporaryDirectory
      .appendingPathComponent("work-test-output-\(UUID().uuidString)")
    texts = (base.appendingPathExtension("out"), base.appendingPathExtension("err"))
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file(texts.out)
    process.standardError = try Self.file(texts.err)
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    self.process = process
    id = process.processIdentifier
    end = Task { for await _ in stream {} }
  }

  deinit {
    try? FileManager.default.removeItem(at: texts.out)
    try? FileManager.default.removeItem(at: texts.err)
  }

  private static func file(_ url: URL) throws -> FileHandle {
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  var isRunning: Bool { process.isRunning }

  /// Waits for the end, and kills the process where it doesn't come.
  func output(within seconds: Double = 180) async throws -> Output {
    let process = process
    let guardian = Task {
      try await Task.sleep(for: .seconds(seconds))
      kill(process.processIdentifier, SIGKILL)
    }
    await end.value
    guardian.cancel()
    let signal = process.terminationReason == .uncaughtSignal
    return Output(
      status: process.terminationStatus + (signal ? 128 : 0), out: try text(texts.out),
      err: try text(texts.err))
  }

  private func text(_ url: URL) throws -> String {
    String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }
}

/// The package that is tested, and its programs.
enum Package {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let work = root.appendingPathComponent(".build/release/work")

  /// What a command sees: no proxy, no credentials, and no folder where real ones could lie.
  static func environment(_ more: [String: String] = [:]) -> [String: String] {
    let own = ProcessInfo.processInfo.environment
    var environment = [
      "KAGGLE_CONFIG_DIR": root.appendingPathComponent("no-such-folder").path
    ]
    for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"] { environment[name] = own[name] }
    return environment.merging(more) { $1 }
  }

  /// Fails unless the stages' programs are built. `swift test` holds SwiftPM's lock, so that nothing
  /// can be built from within a test; `make test` builds them before.
  static func requireStages() async throws {
    guard FileManager.default.isExecutableFile(atPath: work.path) else {
      throw Failure("\(work.path) isn't there; run the tests by `make test`")
    }
    let build = try await Command(work, ["build"], in: root, environment: environment())
      .output(within: 20)
    guard build.status == 0 else {
      throw Failure(
        "the stages are not built, or not as the sources are now; run the tests by `make test`\n"
          + build.description)
    }
  }
}
