// What `work init` found and plans, as a table and as JSON.

import Basics
import Foundation
import Pipeline
import Survey

struct InitReport {
  let proposal: Proposal
  /// Minutes that were asked for.
  let wish: Double
  let folder: String

  init(_ proposal: Proposal, wish: Double, folder: String) {
    (self.proposal, self.wish, self.folder) = (proposal, wish, folder)
  }

  /// What is printed with `--json`.
  struct Answer: Encodable {
    var slug: String
    var folder: String
    /// The file that was written; nil with `--print`.
    var wrote: String?
    /// Where the section of before is kept.
    var kept: String?
    var kind: String
    var metric: String
    var metricIsKnown: Bool
    var trainImages: Int
    var testImages: Int
    var reasons: [String: String]
    var notes: [String]
    var trainMinutes: Double
    var predictMinutes: Double
    var minutes: Double
    var memoryBytes: Int
  }

  func answer(wrote: String?, kept: String?) -> Answer {
    let (findings, plan) = (proposal.findings, proposal.plan)
    return Answer(
      slug: proposal.slug, folder: folder, wrote: wrote, kept: kept, kind: findings.kind.rawValue,
      metric: proposal.knowledge.metric, metricIsKnown: proposal.knowledge.isKnown,
      trainImages: findings.trainCount, testImages: findings.testCount,
      reasons: findings.reasons.merging(plan.reasons) { first, _ in first }, notes: notes,
      trainMinutes: plan.trainMinutes, predictMinutes: plan.predictMinutes, minutes: plan.minutes,
      memoryBytes: Int(plan.bytes))
  }

  private var notes: [String] {
    let metric =
      proposal.knowledge.isKnown
      ? []
      : [
        "metric: \(Knowledge.name(of: proposal.knowledge.metric)) is \(proposal.knowledge.metricReason)"
      ]
    return proposal.findings.notes + proposal.plan.notes + metric
  }

  /// Figures of what was found and what is planned.
  func print() {
    let (findings, plan) = (proposal.findings, proposal.plan)
    let size =
      findings.size.map { "\($0.width) x \($0.height)" }
      ?? "differ, median \(findings.medianSize.width) x \(findings.medianSize.height)"
    var rows = [
      ["training images", "\(findings.trainCount)", findings.trainImages],
      ["test images", "\(findings.testCount)", findings.testImages],
      ["masks", findings.kind.rawValue, findings.trainMasks ?? findings.trainTable ?? ""],
      ["size", size, findings.reasons["image"] ?? ""],
      ["channels", "\(findings.channels)", findings.reasons["image.channels"] ?? ""],
    ]
    if !findings.classes.isEmpty {
      rows.append([
        "classes", "\(findings.classes.count)", findings.classes.joined(separator: ", "),
      ])
    }
    if let groups = findings.groupsTable ?? findings.groups {
      let key = findings.groupsTable == nil ? "groups" : "files.groups"
      rows.append(["groups", groups, findings.reasons[key] ?? ""])
    }
    rows += [
      ["run lengths", findings.runLengths, findings.reasons["rle"] ?? ""],
      [
        "metric", Knowledge.name(of: proposal.knowledge.metric), proposal.knowledge.metricReason,
      ],
      [
        "network sees",
        plan.patch.map { "patches of \($0)" }
          ?? plan.resize.map { "images scaled to \($0.width) x \($0.height)" } ?? "whole images",
        plan.reasons["model.patch"] ?? "",
      ],
      [
        "network",
        plan.hasEncoder
          ? "EfficientNet-Lite0" : "\(plan.filters) filters, \(plan.levels) levels",
        plan.reasons[plan.hasEncoder ? "model.kind" : "model.filters"] ?? "",
      ],
      ["folds", "\(plan.folds)", plan.reasons["folds.count"] ?? ""],
      ["epochs", "\(plan.epochs), batch \(plan.batch)", plan.reasons["train.epochs"] ?? ""],
      [
        "time", "\(Int(plan.minutes.rounded(.up))) min",
        "training \(Self.minutes(plan.trainMinutes)), predictions \(Self.minutes(plan.predictMinutes)), the rest "
          + "\(Self.minutes(plan.otherMinutes)); asked for \(Int(wish))",
      ],
      ["memory", Readable.bytes(Int(plan.bytes)), "of training, one fold at a time"],
    ]
    TextTable(
      columns: [
        .init(title: "", importance: 3), .init(title: proposal.slug, importance: 2),
        .init(title: "why", isElastic: true, importance: 1),
      ], rows: rows
    ).print()
  }

  private static func minutes(_ value: Double) -> String {
    value < 10 ? String(format: "%.1f", value) : String(format: "%.0f", value)
  }

  /// What a person should look at.
  func printNotes() { notes.forEach { Console.warning($0) } }

  /// What was written, and what to do next.
  func printEnd(_ workspace: Workspace, kept: URL?, data: String?) {
    if let kept { Console.line("kept        \(kept.path)") }
    Console.line("wrote       \(workspace.parametersFile.path)")
    let run = ShellLine.work(["run", "all"] + (data.map { ["--data", $0] } ?? []))
    Console.line("next        read its section `competition`, then: \(run)")
  }
}

/// A line on the terminal that says what is being done.
struct StatusText {
  var isShown: Bool

  func show(_ text: String) { if isShown { Console.write(Console.lineStart + Console.dim(text)) } }
  func clear() { if isShown { Console.write(Console.lineStart) } }
}
