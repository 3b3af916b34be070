// What follows from the facts: one line a finding, with what to do.

import Choices
import Foundation

extension DoctorFacts {
  /// What was found, by topic.
  public var findings: [DoctorFinding] {
    processorFindings + engineFindings + libraryFindings + systemFindings + kaggleFindings
      + workspaceFindings
  }

  private var report: EngineReport? { try? engine.get() }

  // MARK: Processor

  private var processorFindings: [DoctorFinding] {
    let has = processor
    var lines = [DoctorFinding("processor", .ok, "\(has.name), \(Self.count(cores, "core"))")]
    let sets = [
      ("AVX2", has.hasAVX2), ("AVX-512", has.hasAVX512), ("AVX512_BF16", has.hasAVX512BF16),
      ("AMX", has.hasAMX),
    ]
    let present = sets.filter(\.1).map(\.0)
    let absent = sets.filter { !$0.1 }.map(\.0)
    let words = [
      present.isEmpty ? "" : "has \(present.joined(separator: ", "))",
      absent.isEmpty ? "" : "lacks \(absent.joined(separator: ", "))",
    ].filter { !$0.isEmpty }.joined(separator: "; ")
    if !has.hasAVX2 {
      lines.append(
        DoctorFinding(
          "processor", .note, words,
          remedy: "training works, but by slow kernels; use a newer processor"))
    } else if !has.hasAVX512BF16 {
      lines.append(
        DoctorFinding(
          "processor", .note, words + "; no instructions for bfloat16, so training is in float32"))
    } else {
      lines.append(DoctorFinding("processor", .ok, words))
    }
    return lines
  }

  // MARK: Engine

  private var engineFindings: [DoctorFinding] {
    switch engine {
    case .failure(let failure):
      return [
        DoctorFinding(
          "engine", .problem, "could not be checked: \(failure.message)",
          remedy: "`make` installs what is missing and builds")
      ]
    case .success(let report):
      return report.choices.map { Self.finding($0, in: report) }
        + report.selfTests.map(Self.finding)
        + report.implementations.sorted { $0.key < $1.key }.map(Self.implementations)
    }
  }

  private static func finding(
    _ choice: EngineReport.Choice, in report: EngineReport
  ) -> DoctorFinding {
    let asked = "\(choice.precision.rawValue), \(choice.backend.rawValue)"
    if let engine = choice.engine {
      let name = choice.backend.rawValue == engine.backend ? "" : "\(engine.backend), "
      return DoctorFinding(
        "engine", .ok,
        "\(asked): \(name)\(engine.instructionSet) (\(engine.library))"
          + (choice.reason.map { ": \($0)" } ?? ""))
    }
    let reason = choice.refusal ?? "refused"
    // Automatic has to find something; what else is missing is good to know.
    return DoctorFinding(
      "engine",
      choice.precision != .bfloat16 && choice.backend == .automatic ? .problem : .note,
      "\(asked): not available: \(reason)")
  }

  private static func finding(_ test: EngineReport.SelfTest) -> DoctorFinding {
    let what = "self-test, \(test.precision.rawValue), \(test.backend.rawValue)"
    let remedy =
      "use another backend or precision (section `engine` of params.yaml), and report this"
    guard let difference = test.difference else {
      return DoctorFinding(
        "engine", .problem, "\(what): \(test.failure ?? "failed")", remedy: remedy)
    }
    let words = String(
      format: "differs from the portable kernels by %.1e of the largest value", difference)
    guard difference <= test.bound else {
      return DoctorFinding(
        "engine", .problem, "\(what): \(words); rounding allows \(test.bound)", remedy: remedy)
    }
    return DoctorFinding("engine", .ok, "\(what): \(words)")
  }

  private static func implementations(_ precision: String, _ names: [String]) -> DoctorFinding {
    let names = Set(names).sorted()
    let slow = names.filter { $0.hasPrefix("ref") }
    guard slow.isEmpty else {
      return DoctorFinding(
        "engine", .problem,
        "oneDNN computes layers of the U-Net in \(precision) by its reference kernels, a thousand times "
          + "slower: \(slow.joined(separator: ", "))",
        remedy: "use backend native, or another version of libdnnl")
    }
    let words = "oneDNN's kernels for a U-Net in \(precision): \(names.joined(separator: ", "))"
    return DoctorFinding("engine", names.contains("own") ? .note : .ok, words)
  }

  // MARK: Libraries

  private var libraryFindings: [DoctorFinding] {
    var lines = ((report?.libraries ?? []) + libraries).map {
      DoctorFinding("libraries", .ok, "\($0.name) \($0.version)")
    }
    if let report, !report.libraries.contains(where: { $0.name == "oneDNN" }) {
      let helps = processor.hasAMX
      lines.append(
        DoctorFinding(
          "libraries", helps ? .note : .ok, "oneDNN: not in this build (it is optional)",
          remedy: helps
            ? "apt-get install libdnnl-dev (version 2), then build again: it knows this processor's AMX"
            : nil))
    }
    return lines
  }

  // MARK: System

  private var systemFindings: [DoctorFinding] {
    var lines: [DoctorFinding] = []
    if let swift {
      lines.append(DoctorFinding("system", .ok, swift))
    } else {
      lines.append(
        DoctorFinding(
          "system", .problem, "no `swift` on PATH, so no stage can be built",
          remedy: "install Swift 6.1 or later (https://www.swift.org/install), or set PATH"))
    }
    lines.append(memoryFinding)
    lines.append(diskFinding)
    lines.append(
      hasSetpriv
        ? DoctorFinding("system", .ok, "setpriv is there: stages end with a runner that is killed")
        : DoctorFinding(
          "system", .note, "no /usr/bin/setpriv: a stage may outlive a runner that is killed",
          remedy: "apt-get install util-linux"))
    return lines
  }

  private var memoryFinding: DoctorFinding {
    guard let total = memory.total else {
      return DoctorFinding("system", .note, "memory: unknown (no /proc/meminfo)")
    }
    let available = memory.available ?? total
    let words = "memory: \(Self.gigabytes(available)) free of \(Self.gigabytes(total))"
    // The default settings need 380 MB for one fold.
    return available < 1_000_000_000
      ? DoctorFinding(
        "system", .note, words, remedy: "end other programs, or train with a smaller train.batch")
      : DoctorFinding("system", .ok, words)
  }

  private var diskFinding: DoctorFinding {
    guard let freeDisk else { return DoctorFinding("system", .note, "disk: free space unknown") }
    let words = "disk: \(Self.gigabytes(freeDisk)) free at \(workspace.path)"
    if freeDisk < 200_000_000 {
      return DoctorFinding(
        "system", .problem, words, remedy: "make room: nothing can be written soon")
    }
    return freeDisk < 2_000_000_000
      ? DoctorFinding(
        "system", .note, words, remedy: "make room: the competition and its build need some 2 GB")
      : DoctorFinding("system", .ok, words)
  }

  // MARK: Kaggle

  private var kaggleFindings: [DoctorFinding] {
    guard let kaggle = report?.kaggle else { return [] }
    if let problem = kaggle.problem {
      return [DoctorFinding("kaggle", .problem, problem)]
    }
    guard let source = kaggle.source else {
      return [
        DoctorFinding(
          "kaggle", .note, "no credentials: the competition can't be downloaded",
          remedy:
            "put an access token from https://www.kaggle.com/settings (API) into ~/.kaggle/access_token, or "
            + "use --data with files that are here already")
      ]
    }
    return [DoctorFinding("kaggle", .ok, "credentials from \(source)")]
      + kaggle.warnings.map { DoctorFinding("kaggle", .note, $0) }
  }

  // MARK: Workspace

  private var workspaceFindings: [DoctorFinding] {
    var lines: [DoctorFinding] = []
    if let problem = workspace.problem {
      lines.append(DoctorFinding("workspace", .problem, problem))
    } else {
      lines.append(
        DoctorFinding(
          "workspace", .ok, "\(workspace.path): \(Self.count(workspace.stageCount, "stage"))")
      )
    }
    switch workspace.owner {
    case .nobody: lines.append(DoctorFinding("workspace", .ok, "no run is going on"))
    case .running(let process):
      lines.append(DoctorFinding("workspace", .note, "a run is going on (process \(process))"))
    case .gone(let process):
      lines.append(
        DoctorFinding(
          "workspace", .note,
          "the run of process \(process) ended without giving the workspace back; the next one takes it over"
        ))
    case .leftBehind(let process):
      lines.append(
        DoctorFinding(
          "workspace", .problem,
          "the run of process \(process) is gone, but a stage that it started is still running",
          remedy: "`work run` stops it and takes over"))
    }
    let spoken = workspace.protocolVersion
    if let report, report.protocolVersion != spoken {
      lines.append(
        DoctorFinding(
          "workspace", .problem,
          "`work` speaks protocol \(spoken), the workspace's sources protocol \(report.protocolVersion)",
          remedy: "`make install` in the workspace"))
    } else {
      lines.append(DoctorFinding("workspace", .ok, "protocol \(spoken)"))
    }
    return lines
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func gigabytes(_ bytes: Int) -> String {
    String(format: "%.1f GB", Double(bytes) / 1e9)
  }
}
