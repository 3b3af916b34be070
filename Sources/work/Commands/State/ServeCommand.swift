// `work serve`: one page of what runs, in the browser.

import ArgumentParser
import Basics
import Foundation
import Pipeline
import Scores
import Serving

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve a live page of what runs, with buttons to stop and extend it.",
    discussion: """
      The page is for this machine alone; over ssh, `ssh -L 8765:127.0.0.1:8765 HOST` brings it to yours. The \
      address that is printed holds a token: without it, the page has no buttons. Everything on the page is \
      read from files, so that the server can be stopped and started at any time (docs/live.md).
      """)

  @Flag(help: "Open the page in the browser.")
  var open = false

  @Option(
    help: "The port; that of the last time, or 8765, or any that is free, where none is given.")
  var port: UInt16?

  @Option(
    help: ArgumentHelp(
      "Listen at this address of the machine, for others to see.",
      discussion: "Whoever sees the traffic on the way sees the token, too.", valueName: "address"))
  var listen: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    guard let listen else { return }
    var address = in_addr()
    guard inet_pton(AF_INET, listen, &address) == 1, listen != "0.0.0.0" else {
      throw ValidationError(
        "--listen: \(listen) is not the address of an interface, such as 192.168.1.20")
    }
  }

  func run() async throws {
    let place = try workspace.find()
    let interruption = Interruption.catchingSignals()
    var memory = ServeMemory(place)
    var settings = LiveServer.Settings(token: memory.token)
    if let listen {
      settings.address = listen
      settings.names = [ProcessInfo.processInfo.hostName]
    }
    let rank = Self.rank(place)
    var started: (server: LiveServer, port: UInt16)?
    var refusal = ""
    for candidate in port.map({ [$0] }) ?? [memory.port ?? ServeMemory.usualPort, 0] {
      settings.port = candidate
      let server = LiveServer(place, settings, rank: rank)
      do {
        started = (server, try await server.start())
        break
      } catch {
        refusal = "\(error)"
      }
    }
    guard let started else {
      throw PipelineError(
        "port \(settings.port) of \(settings.address) can't be listened at (\(refusal)); try another --port",
        exit: .failed)
    }
    memory.port = started.port
    try memory.keep()
    let address = "http://\(settings.address):\(started.port)/?token=\(settings.token)"
    if settings.isOpen {
      Console.warning(
        "everyone who reaches \(settings.address) can ask, and the token travels unencrypted; "
          + "`ssh -L` needs no --listen")
    }
    if output.json {
      try Console.json(["address": address])
    } else {
      print(address)
      if !output.quiet { Console.write(Console.dim("Ctrl-C ends the page, never the run\n")) }
    }
    if open { Browser.open(address) }
    while interruption.count == 0 { try await Task.sleep(for: .milliseconds(200)) }
    await started.server.stop()
  }

  /// The rank that a score would have had on the competition's final board.
  private static func rank(_ workspace: Workspace) -> @Sendable (Double) -> (rank: Int, teams: Int)?
  {
    guard let project = try? Project(workspace: workspace),
      let board = (try? SubmissionLayout(project.parameters["competition"] ?? .null))?.board
    else { return { _ in nil } }
    return { score in board.rank(of: score).map { ($0, board.teams) } }
  }
}

/// Port and token of the last time, so that an open page finds its server again: `.work/serve.json`, for its owner's
/// eyes alone.
private struct ServeMemory {
  static let usualPort: UInt16 = 8765
  let token: String
  var port: UInt16?
  private let file: URL

  private struct Kept: Codable {
    var token: String
    var port: UInt16?
  }

  init(_ workspace: Workspace) {
    file = workspace.work.appendingPathComponent("serve.json")
    let kept = (try? Data(contentsOf: file)).flatMap {
      try? JSONDecoder().decode(Kept.self, from: $0)
    }
    port = kept?.port
    if let token = kept?.token, token.count >= 32 {
      self.token = token
    } else {
      token = (0..<4).map { _ in
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
    }
  }

  func keep() throws {
    try WholeFile.makeFolder(file.deletingLastPathComponent())
    let before = umask(0o077)
    defer { umask(before) }
    try WholeFile.write(json: Kept(token: token, port: port), to: file)
  }
}
