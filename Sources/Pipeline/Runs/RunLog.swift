// The kept log of one execution: where it lies, how the execution went, and following it while it grows.

import Basics
public import Foundation

/// The log of one instance in one run.
public struct RunLog: Sendable {
  /// How an execution went, as far as is known.
  public struct Status: Sendable, Equatable, Codable {
    /// The instance's name.
    public var instance: String
    /// The run's id.
    public var run: String
    /// "running", "done", "failed", …; "broken off" where its runner is gone; "not built" where its program
    /// does not compile and the log is the compiler's.
    public var outcome: String
    /// In UTC, ISO 8601.
    public var started: String?
    /// In UTC, ISO 8601; nil while it runs.
    public var ended: String?
    /// Wall time.
    public var seconds: Double?
    /// User and system time of the process and its children.
    public var cpuSeconds: Double?
    /// Bytes.
    public var peakMemory: Int?
    /// The process's exit status; 128 + signal where a signal ended it.
    public var exitStatus: Int32?
    /// Why it failed, in words.
    public var error: String?
    /// The log's path.
    public var log: String
  }

  /// Standard output and standard error, or the compiler's output.
  public let file: URL
  private let instance: String
  private let run: RunFolder
  private let workspace: Workspace
  private let isBuild: Bool

  fileprivate init(_ instance: String, _ run: RunFolder, _ workspace: Workspace, build: URL? = nil)
  {
    self.instance = instance
    self.run = run
    self.workspace = workspace
    isBuild = build != nil
    file = build ?? run.log(instance)
  }

  /// How the execution went, read anew.
  public func status() -> Status {
    let record = RunRecord.read(run.json)
    let item = record?.instances.first { $0.instance == instance }
    var outcome = item?.status ?? "broken off"
    // A record without an end and without its runner says what was so when that was killed.
    if outcome == RunRecord.Item.running, !isAlive(record) { outcome = "broken off" }
    return Status(
      instance: instance, run: run.id, outcome: isBuild ? "not built" : outcome,
      started: item?.started, ended: item?.ended, seconds: item?.seconds,
      cpuSeconds: item?.cpuSeconds, peakMemory: item?.peakMemory, exitStatus: item?.exitStatus,
      error: item?.error, log: file.path)
  }

  private func isAlive(_ record: RunRecord?) -> Bool {
    guard let record, record.ended == nil, let process = record.process else { return false }
    return WorkspaceOwner.look(workspace.owner) == .running(process: process)
  }

  /// Passes on the log, and what is added to it until the execution has ended.
  ///
  /// - Parameters:
  ///   - following: whether to wait for what is still to come.
  ///   - interruption: ends the following.
  ///   - take: gets the bytes in their order.
  /// - Throws: `PipelineError` where the log can't be read.
  public func read(
    following: Bool = false, interruption: Interruption = Interruption(),
    _ take: (Data) throws -> Void
  ) throws {
    let handle: FileHandle
    do { handle = try FileHandle(forReadingFrom: file) } catch {
      throw PipelineError(
        "\(file.path): can't be read (\(systemReason(error)))", exit: .failed)
    }
    defer { try? handle.close() }
    while interruption.count == 0 {
      // Asked before reading, so that what was written before the end is read after it.
      let isOver = !following || status().outcome != RunRecord.Item.running
      while let data = try handle.read(upToCount: 1 << 16), !data.isEmpty { try take(data) }
      if isOver { return }
      usleep(100_000)
    }
  }
}

extension RunHistory {
  /// The logs of a stage or an instance: of each instance the last one, or that of one run.
  ///
  /// - Parameters:
  ///   - name: a stage or an instance, also one that no longer exists.
  ///   - run: a run's id.
  /// - Throws: `PipelineError` where it has left no log.
  public func logs(of name: String, run: String? = nil) throws -> [RunLog] {
    let ids = run.map { [$0] } ?? ids()
    var logs: [String: RunLog] = [:]
    var known: Set<String> = []
    for id in ids {
      let folder = folder(id)
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []
      var instances: [String] = []
      for file in files where file.hasSuffix(".log") {
        if file.hasSuffix(".build.log") {
          let stage = String(file.dropLast(".build.log".count))
          known.insert(stage)
          guard name == stage || name.hasPrefix(stage + "@"), logs.isEmpty,
            WholeFile.exists(folder.buildLog(stage)), hasFailedToBuild(stage, folder)
          else { continue }
          return [RunLog(name, folder, workspace, build: folder.buildLog(stage))]
        }
        let instance = String(file.dropLast(".log".count))
        known.insert(instance)
        if instance == name || instance.hasPrefix(name + "@") { instances.append(instance) }
      }
      for instance in instances where logs[instance] == nil {
        logs[instance] = RunLog(instance, folder, workspace)
      }
      // An instance has one log a run; of a stage, others may have theirs in earlier runs.
      if logs[name] != nil { break }
    }
    guard logs.isEmpty else {
      return logs.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
        .map(\.value)
    }
    let stages = Set(known.map { String($0.prefix { $0 != "@" }) })
    throw PipelineError(
      "\(name) has left no log" + (run.map { " in the run \($0)" } ?? "")
        + Spelling.didYouMean(name, among: Array(known.union(stages)))
        + (known.isEmpty ? "" : " (there are logs of: \(stages.sorted().joined(separator: ", ")))"))
  }

  private func hasFailedToBuild(_ stage: String, _ folder: RunFolder) -> Bool {
    guard let record = RunRecord.read(folder.json) else { return false }
    return record.instances.contains {
      $0.stage == stage && $0.status == InstanceResult.Outcome.failed.rawValue && $0.seconds == nil
    }
  }
}
