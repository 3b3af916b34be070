// `work cache`: what the run cache holds, and sharing it with other machines.

import ArgumentParser
import Foundation
import Pipeline

struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Show the cache of results; push it to a remote, pull from one.",
    subcommands: [Status.self, Push.self, Pull.self], defaultSubcommand: Status.self)

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "Say what the cache holds.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run() throws {
      let state = try Runner(workspace: workspace.find()).cacheState()
      if output.json { return try Console.json(state) }
      let width = state.stages.map(\.stage.count).max() ?? 0
      for stage in state.stages {
        let name = stage.stage.padding(toLength: width, withPad: " ", startingAt: 0)
        print(
          "\(name)  \(stage.results) result\(stage.results == 1 ? "" : "s"), \(stage.current) current, "
            + Console.amount(Double(stage.bytes), "bytes"))
      }
      print(
        "\(state.objects) objects, \(Console.amount(Double(state.bytes), "bytes"))"
          + (state.sharedBytes > 0
            ? ", of which \(Console.amount(Double(state.sharedBytes), "bytes")) are hard links and cost nothing"
            : ""))
    }
  }

  struct Push: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "push", abstract: "Send results that a remote doesn't have.",
      discussion: "Exits with 1 where results were left out, since the cache has them damaged.")

    @Argument(help: "A folder, or s3://bucket/prefix.", completion: .directory)
    var remote: String

    @Flag(
      help: ArgumentHelp(
        "Also mend what the remote has of these results.",
        discussion: "Reads it all, and sends anew what is damaged or missing there."))
    var verify = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run() async throws {
      let remote = try Remotes.named(remote)
      let meter = TransferMeter("push", output)
      let transfer = try await Runner(workspace: workspace.find())
        .push(to: remote, verify: verify, interruption: .catchingSignals()) { meter.show($0) }
      try meter.end(
        transfer, "pushed to \(remote.place)",
        advice:
          "the cache had them damaged or incomplete and forgets them; what needs one makes it anew")
    }
  }

  struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pull", abstract: "Fetch results from a remote, for `work run` to take.",
      discussion: """
        Those of the present parameters, code and inputs, unless --all is given. What is fetched is \
        trusted to be what its run made: pull only from remotes that you trust. Exits with 1 where \
        results were left out, since the remote has them damaged or incomplete.
        """)

    @Argument(help: "A folder, or s3://bucket/prefix.", completion: .directory)
    var remote: String

    @Flag(help: "Everything that the remote has.")
    var all = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run() async throws {
      let name = remote
      let remote = try Remotes.named(name, mustExist: true)
      let meter = TransferMeter("pull", output)
      let transfer = try await Runner(workspace: workspace.find())
        .pull(from: remote, all: all, interruption: .catchingSignals()) { meter.show($0) }
      let push = Arguments.words(["", "cache", "push", "--verify", name])
      try meter.end(
        transfer, "pulled from \(remote.place)",
        advice:
          "they are damaged or incomplete there; `\(push)` in a workspace that has them mends that")
    }
  }
}

/// Progress of a transfer that takes longer than two seconds, and what it came to.
private final class TransferMeter {
  private let label: String
  private let output: OutputOptions
  private var meter = Meter()
  private let start = ContinuousClock.now
  private var lastDrawn = ContinuousClock.now
  private var isDrawn = false

  init(_ label: String, _ output: OutputOptions) {
    self.label = label
    self.output = output
  }

  func show(_ transfer: CacheTransfer) {
    meter.update(
      label: label, done: Int(transfer.doneBytes), total: Int(transfer.totalBytes), unit: "bytes",
      note: nil)
    let now = ContinuousClock.now
    let pause: Duration = Console.isTerminal ? .milliseconds(100) : .seconds(10)
    guard !output.quiet, !output.json, now - start > .seconds(2), now - lastDrawn > pause else {
      return
    }
    lastDrawn = now
    if Console.isTerminal {
      Console.write("\r\u{1B}[K" + meter.line(columns: Console.columns, bar: true))
      isDrawn = true
    } else {
      Console.write(meter.line(columns: 200, bar: false) + "\n")
    }
  }

  /// - Parameter advice: what is to be known of results that were left out.
  func end(_ transfer: CacheTransfer, _ done: String, advice: String) throws {
    if isDrawn { Console.write("\r\u{1B}[K") }
    if output.json {
      try Console.json(transfer)
    } else if !output.quiet {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      print(
        "\(done): \(results(transfer.results)) "
          + "(\(transfer.objects) objects, \(Console.amount(Double(transfer.bytes), "bytes")), "
          + "\(Console.duration(seconds))); \(transfer.present) were there"
          + (transfer.repaired > 0
            ? "; \(transfer.repaired) were damaged there and are mended" : ""))
    }
    guard !transfer.leftOut.isEmpty else { return }
    for line in transfer.leftOut { Console.warning("left out: \(line)") }
    Console.error("\(results(transfer.leftOut.count)) left out: \(advice)")
    throw Finished(code: .failed)
  }

  private func results(_ count: Int) -> String { "\(count) result\(count == 1 ? "" : "s")" }
}
