// `work cache`: what the run cache holds, and sharing it with other machines.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Show the cache of results; push it to a remote or pull from one.",
    subcommands: [Status.self, Push.self, Pull.self], defaultSubcommand: Status.self)

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "Show what the cache holds.")

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
            + Readable.bytes(stage.bytes))
      }
      print(
        "\(state.objects) objects, \(Readable.bytes(state.bytes))"
          + (state.sharedBytes > 0
            ? ", of which \(Readable.bytes(state.sharedBytes)) are hard links and cost nothing"
            : ""))
    }
  }

  struct Push: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "push", abstract: "Send results that a remote doesn't have.",
      discussion: "Exits with 1 if results were left out because they are damaged in the cache.")

    @Argument(help: "A folder, or s3://bucket/prefix.", completion: .directory)
    var remote: String

    @Flag(
      help: ArgumentHelp(
        "Also repair what the remote has of these results.",
        discussion: "Reads all of it, and sends again what is damaged or missing there."))
    var verify = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run() async throws {
      let remote = try RemoteAddress.remote(remote)
      let meter = TransferMeter("push", output)
      let transfer = try await Runner(workspace: workspace.find())
        .push(to: remote, verify: verify, interruption: .catchingSignals()) { meter.show($0) }
      try meter.end(
        transfer, "pushed to \(remote.place)",
        advice:
          "they were damaged or incomplete in the cache, which has dropped them; a stage that needs one runs again"
      )
    }
  }

  struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pull", abstract: "Fetch results from a remote, for `work run` to take.",
      discussion: """
        Fetches the results of the present parameters, code and inputs. `work run` takes a result to be \
        what its run made, so pull only from remotes that you trust. Exits with 1 if results were left \
        out because they are damaged or incomplete on the remote.
        """)

    @Argument(help: "A folder, or s3://bucket/prefix.", completion: .directory)
    var remote: String

    @Flag(help: "Fetch everything that the remote has.")
    var all = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var workspace: WorkspaceOptions

    func run() async throws {
      let name = remote
      let remote = try RemoteAddress.remote(name, mustExist: true)
      let meter = TransferMeter("pull", output)
      let transfer = try await Runner(workspace: workspace.find())
        .pull(from: remote, all: all, interruption: .catchingSignals()) { meter.show($0) }
      let push = ShellLine.work(["cache", "push", "--verify", name])
      try meter.end(
        transfer, "pulled from \(remote.place)",
        advice:
          "they are damaged or incomplete there; `\(push)` in a workspace that has them repairs the remote"
      )
    }
  }
}
