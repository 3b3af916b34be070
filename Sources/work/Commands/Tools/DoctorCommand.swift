// `work doctor`: checks this machine and this workspace, and says what to do.

import ArgumentParser
import Basics
import Foundation
import Pipeline
import Rendering
import ToolReports

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the machine, the libraries, the engine and the workspace.",
    discussion: """
      Each line is ok, a note or a problem, with what to do. Exits with 1 if there is a problem.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  @MainActor
  func run() async throws {
    let workspace = try workspace.find()
    let findings = try facts(workspace).findings
    if output.json {
      try Console.json(
        Answer(problems: findings.count { $0.level == .problem }, findings: findings))
    } else {
      let shown = output.quiet ? findings.filter { $0.level != .ok } : findings
      print(shown.text { Self.paint($0, $1) })
    }
    if findings.hasProblem { throw Finished(code: .failed) }
  }

  private struct Answer: Encodable {
    var problems: Int
    var findings: [DoctorFinding]
  }

  private static func paint(_ text: String, _ level: DoctorFinding.Level) -> String {
    switch level {
    case .ok: Console.output(text, Console.green)
    case .note: Console.output(text, Console.yellow)
    case .problem: Console.output(text, Console.red)
    }
  }

  // MARK: Facts

  @MainActor
  private func facts(_ workspace: Workspace) throws -> DoctorFacts {
    func text(_ path: String) -> String {
      (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
    return DoctorFacts(
      processor: Processor(cpuinfo: text("/proc/cpuinfo")),
      cores: ProcessInfo.processInfo.activeProcessorCount,
      memory: MachineMemory(meminfo: text("/proc/meminfo")),
      freeDisk: freeBytes(in: workspace.root).map { Int($0) }, swift: Self.swiftVersion(),
      hasSetpriv: access("/usr/bin/setpriv", X_OK) == 0,
      libraries: [EngineReport.Library("libcmark", MarkdownLibrary.version)],
      workspace: Self.state(of: workspace), engine: try engine(workspace))
  }

  /// What the engine's program says; an interruption is the only thing that ends the command.
  @MainActor
  private func engine(_ workspace: Workspace) throws -> Result<EngineReport, DoctorFacts.Failure> {
    do {
      let result = try Tool.doctor.start(in: workspace, quiet: output.quiet || output.json)
      return .success(try EngineReport(json: result.output(EngineReport.fileName)))
    } catch let error as PipelineError where error.exit == .interrupted {
      throw error
    } catch {
      return .failure(DoctorFacts.Failure("\(error)"))
    }
  }

  private static func state(of workspace: Workspace) -> DoctorFacts.Workspace {
    let state = WorkspaceState(workspace)
    let owner: DoctorFacts.Workspace.Owner =
      switch state.owner {
      case .nobody: .nobody
      case .running(let process): .running(process: process)
      case .gone(let process): .gone(process: process)
      case .leftBehind(let process): .leftBehind(process: process)
      }
    return DoctorFacts.Workspace(
      path: workspace.root.path, owner: owner, protocolVersion: state.protocolVersion,
      stageCount: state.stages.count, problem: state.problem)
  }

  /// The first line of `swift --version`.
  private static func swiftVersion() -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swift", "--version"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil,
      let data = try? pipe.fileHandleForReading.readToEnd()
    else { return nil }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }
}
