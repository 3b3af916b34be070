// `work gc`: frees what neither the lock, a submission nor the present parameters need.

import ArgumentParser
import Foundation
import Pipeline

struct GCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Free space: old results, records of old runs, stale scratch.",
    discussion: """
      Keeps every result that work.lock or a lock below submissions/ names, from which a submission came that Kaggle \
      has, or that the present parameters, code and inputs would restore. Keeps records and logs of runs that a page \
      shows, that a kept result came from, or that have a label; run.json of every run; and checkpoints of other \
      parameters for a week. Frees what lay in the places of outputs and was moved to .work/displaced.
      """)

  @Flag(name: .customLong("dry-run"), help: "Print what would be freed; free nothing.")
  var isTrial = false

  @Option(
    help: ArgumentHelp(
      "Of the results that nothing needs, keep this many of each instance, the newest.",
      valueName: "n"))
  var keep: Int = 2

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let freed = try Runner(workspace: workspace.find()).collect(keep: keep, isTrial: isTrial)
    if output.json {
      try Console.json(freed)
    } else if !output.quiet {
      for line in Self.lines(freed.items) { print(line) }
      print(
        freed.items.isEmpty
          ? "nothing to free"
          : "\(isTrial ? "would free" : "freed") \(Readable.bytes(freed.bytes))")
      print(
        "kept: \(Self.count(freed.keptResults, "result")), "
          + Readable.bytes(freed.keptBytes))
    }
  }

  /// One line for each stage with results to lose, and one for each other kind.
  private static func lines(_ items: [GarbageCollection.Item]) -> [String] {
    var lines: [String] = []
    func add(_ what: String, _ items: [GarbageCollection.Item], _ note: String = "") {
      guard !items.isEmpty else { return }
      let bytes = Readable.bytes(items.reduce(0) { $0 + $1.bytes })
      lines.append(
        what.padding(toLength: 34, withPad: " ", startingAt: 0)
          + String(repeating: " ", count: max(0, 9 - bytes.count)) + bytes
          + (note.isEmpty ? "" : Console.output("  \(note)", Console.dim)))
    }
    func stage(_ item: GarbageCollection.Item) -> String {
      String((item.instance ?? "").prefix { $0 != "@" })
    }
    let results = items.filter { $0.kind == .result }
    for (stage, items) in Dictionary(grouping: results, by: stage).sorted(by: { $0.key < $1.key }) {
      let runs = Set(items.compactMap(\.run)).sorted()
      add(
        "\(stage): \(count(items.count, "result"))", items,
        "of \(runs.count == 1 ? "run" : "runs") \(runs.prefix(3).joined(separator: ", "))"
          + (runs.count > 3 ? " and \(runs.count - 3) more" : ""))
    }
    let runs = items.filter { $0.kind == .run }
    add("records and logs of \(count(runs.count, "run"))", runs)
    for (stage, items) in Dictionary(grouping: items.filter { $0.kind == .scratch }, by: stage)
      .sorted(by: { $0.key < $1.key })
    {
      add("\(stage): unfinished work", items, "of parameters, code or inputs that it no longer has")
    }
    add("files moved out of outputs' way", items.filter { $0.kind == .displaced })
    add("pages of instances that are gone", items.filter { $0.kind == .page })
    add("objects of no result", items.filter { $0.kind == .objects })
    return lines
  }

  private static func count(_ number: Int, _ what: String) -> String {
    "\(number) \(what)\(number == 1 ? "" : "s")"
  }
}
