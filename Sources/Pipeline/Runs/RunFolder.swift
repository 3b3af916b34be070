// The files that a run leaves in its folder below `.work/runs`, by name.

import Basics
import Foundation

/// The files of one run.
struct RunFolder: Sendable {
  let url: URL

  /// Makes a new folder, named by the time in UTC and a number that keeps two of one second apart.
  static func make(in runs: URL, at date: Date) throws -> RunFolder {
    try WholeFile.makeFolder(runs)
    let stamp = timestamp(date).filter { $0 != ":" && $0 != "-" }
    for number in 1...9999 {
      let url = runs.appendingPathComponent("\(stamp)-\(number)", isDirectory: true)
      if number == 1 { try FileStep.tell("make the run's folder") }
      if mkdir(url.path, 0o755) == 0 { return RunFolder(url: url) }
      guard errno == EEXIST else {
        throw PipelineError.system("this folder can't be made", url.path, code: errno)
      }
    }
    throw PipelineError("\(runs.path): too many runs in one second", exit: .failed)
  }

  static func timestamp(_ date: Date) -> String {
    date.formatted(.iso8601)
  }

  func record(_ instance: String) -> URL { file(instance, "record.jsonl") }
  func events(_ instance: String) -> URL { file(instance, "events.jsonl") }
  func order(_ instance: String) -> URL { file(instance, "order.json") }
  func log(_ instance: String) -> URL { file(instance, "log") }
  func threads(_ instance: String) -> URL { file(instance, "threads") }
  /// A folder of what is asked of an instance while it runs; there where it heeds that.
  func requests(_ instance: String) -> URL { file(instance, "requests") }
  /// Whether an instance looks at what is asked of it. Of a job that hasn't begun, a link leads nowhere.
  func heedsRequests(_ instance: String) -> Bool {
    FileManager.default.fileExists(atPath: requests(instance).path)
  }
  /// A file that asks the run to stop.
  var stop: URL { url.appendingPathComponent("stop") }
  func buildLog(_ stage: String) -> URL { file(stage, "build.log") }
  func kept(_ instance: String) -> URL {
    url.appendingPathComponent("kept/\(instance)", isDirectory: true)
  }
  var json: URL { url.appendingPathComponent("run.json") }
  var id: String { url.lastPathComponent }

  private func file(_ name: String, _ ending: String) -> URL {
    url.appendingPathComponent("\(name).\(ending)")
  }
}
