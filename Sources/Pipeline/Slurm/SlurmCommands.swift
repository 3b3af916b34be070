// Calls sbatch, squeue and scancel. They get no credentials but those that a job asks for, and no signal that the
// runner gets: Ctrl-C in the midst of a submission leaves no job that nobody knows of.

import Basics
import Foundation

/// Slurm's commands, found and called.
struct SlurmCommands {
  private let folder: URL?
  private let workspace: Workspace

  /// A command takes longer only where the cluster's controller doesn't answer.
  private static let patience = Duration.seconds(90)

  /// - Parameter folder: where the commands are; nil: on the PATH.
  init(_ folder: URL?, in workspace: Workspace) {
    self.folder = folder
    self.workspace = workspace
  }

  /// What a command printed, on either stream, and its exit status.
  struct Answer {
    var status: Int32
    var text: String

    /// What went wrong, without the command's name before each line.
    var words: String {
      let lines = text.split(whereSeparator: \.isNewline).map { line in
        line.replacing(/^(sbatch|squeue|scancel): (error: )?/, with: "")
          .replacing("Batch job submission failed: ", with: "")
          .replacing("slurm_load_jobs error: ", with: "")
      }
      return lines.isEmpty ? "exit status \(status)" : lines.joined(separator: "; ")
    }
  }

  /// A command that was started.
  final class Call {
    private let child: ChildProcess
    private let output: URL

    fileprivate init(_ child: ChildProcess, _ output: URL) {
      self.child = child
      self.output = output
    }

    deinit { unlink(output.path) }

    /// What came of it; nil while it runs.
    func answer() throws -> Answer? {
      guard let result = try child.result() else { return nil }
      let text = (try? Data(contentsOf: output)).map { String(decoding: $0, as: UTF8.self) }
      return Answer(status: result.status, text: text ?? "")
    }
  }

  /// The place of a command.
  ///
  /// - Throws: `PipelineError` that says what to install, or to set.
  func path(_ name: String) throws -> String {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let folders = folder.map { [$0.path] } ?? path.split(separator: ":").map(String.init)
    for place in folders where place.hasPrefix("/") && access("\(place)/\(name)", X_OK) == 0 {
      return "\(place)/\(name)"
    }
    throw PipelineError(
      "\(name): not found "
        + (folder.map { "in \($0.path), which runtime.slurm.commands names" } ?? "on the PATH")
        + "; the executor slurm needs Slurm's commands: start this on a machine from which jobs are submitted "
        + "(Debian's package is slurm-client), or name their folder by runtime.slurm.commands in params.yaml"
    )
  }

  /// Starts a command.
  ///
  /// - Parameter secrets: credentials that it gets; see `ChildEnvironment`.
  func start(_ name: String, _ arguments: [String], secrets: [String] = []) throws -> Call {
    let path = try path(name)
    try WholeFile.makeFolder(workspace.jobs)
    let output = workspace.jobs.appendingPathComponent(
      ".\(name)-\(UUID().uuidString)-\(getpid())")
    let child = try ChildProcess(
      [path] + arguments, folder: workspace.root,
      environment: ChildEnvironment.without(asking: secrets), log: output,
      interruption: Interruption())
    return Call(child, output)
  }

  /// Removes what commands of processes that are gone have printed.
  static func sweep(_ workspace: Workspace) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: workspace.jobs.path)) ?? []
    for name in names where name.hasPrefix(".") {
      guard let process = name.split(separator: "-").last.flatMap({ pid_t($0) }),
        !WorkspaceOwner.isRunning(process)
      else { continue }
      try WholeFile.remove(workspace.jobs.appendingPathComponent(name))
    }
  }

  /// Calls a command, and waits for it.
  ///
  /// - Throws: `PipelineError` where it isn't there, or takes too long.
  func run(_ name: String, _ arguments: [String], secrets: [String] = []) throws -> Answer {
    let call = try start(name, arguments, secrets: secrets)
    let start = ContinuousClock.now
    var pause = ChildProcess.Pause()
    while ContinuousClock.now - start < Self.patience {
      if let answer = try call.answer() { return answer }
      pause.wait()
    }
    throw PipelineError(
      "\(name) gives no answer; is the cluster's controller up? `scontrol ping` tells",
      exit: .failed)
  }

  /// Cancels a job. That it is over already is fine.
  func cancel(_ job: String) throws {
    let answer = try run("scancel", [job])
    guard answer.status != 0, !answer.text.contains("Invalid job id"),
      !answer.text.contains("already completing or completed")
    else { return }
    throw PipelineError("job \(job) can't be cancelled: \(answer.words)", exit: .failed)
  }
}
