// `work doctor`: what was found on this machine and in this workspace, and what to do about it.

import ArgumentParser
import Foundation
import ToolReports
import Pipeline
import Rendering

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look at machine, libraries, engine and workspace.",
    discussion: """
      Each line is ok, a note or a problem, with what to do. Ends with 1 where there is a problem.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  @MainActor
  func run() async throws {
    let workspace = try workspace.find()
    let findings = try facts(workspace).findings
    if output.json {
      try Console.json(
        Report(problems: findings.count { $0.level == .problem }, findings: findings))
    } else {
      let shown = output.quiet ? findings.filter { $0.level != .ok } : findings
      print(shown.text { Self.paint($0, $1) })
    }
    if findings.hasProblem { throw Finished(code: .failed) }
  }

  private struct Report: Encodable {
    var problems: Int
    var findings: [Finding]
  }

  private static func paint(_ text: String, _ level: Finding.Level) -> String {
    switch level {
    case .ok: Console.output(text, Console.green)
    case .note: Console.output(text, Console.yellow)
    case .problem: Console.output(text, Console.red)
    }
  }

  // MARK: Facts

  @MainActor
  private func facts(_ workspace: Workspace) throws -> Facts {
    func text(_ path: String) -> String {
      (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
    let disk = try? FileManager.default.attributesOfFileSystem(forPath: workspace.root.path)
    return Facts(
      processor: Processor(cpuinfo: text("/proc/cpuinfo")),
      cores: ProcessInfo.processInfo.activeProcessorCount,
      memory: MachineMemory(meminfo: text("/proc/meminfo")),
      freeDisk: (disk?[.systemFreeSize] as? NSNumber)?.intValue, swift: Self.swiftVersion(),
      hasSetpriv: access("/usr/bin/setpriv", X_OK) == 0,
      libraries: [EngineReport.Library("libcmark", Page.libraryVersion)],
      workspace: Self.state(of: workspace), engine: try engine(workspace))
  }

  /// What the engine's program says; an interruption is the only thing that ends the command.
  @MainActor
  private func engine(_ workspace: Workspace) throws -> Result<EngineReport, Facts.Failure> {
    do {
      let result = try Tool.doctor.start(in: workspace, quiet: output.quiet || output.json)
      return .success(
        try JSONDecoder().decode(EngineReport.self, from: result.output(Tool.report)))
    } catch let error as PipelineError where error.exit == .interrupted {
      throw error
    } catch {
      return .failure(Facts.Failure("\(error)"))
    }
  }

  private static func state(of workspace: Workspace) -> Facts.Workspace {
    let state = WorkspaceState(workspace)
    let owner: Facts.Workspace.Owner =
      switch state.owner {
      case .nobody: .nobody
      case .running(let process): .running(process: process)
      case .gone(let process): .gone(process: process)
      case .leftBehind(let process): .leftBehind(process: process)
      }
    return Facts.Workspace(
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
