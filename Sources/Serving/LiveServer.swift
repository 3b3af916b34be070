// `work serve`: the page of what runs, over HTTP on this machine. It reads files and writes requests into the run's
// folder; the runner knows nothing of it, so that either may end without the other.

import Basics
import FlyingFox
import FlyingSocks
import Foundation
public import Pipeline

/// Serves the live page of a workspace.
public actor LiveServer {
  /// How it is served.
  public struct Settings: Sendable {
    /// The address to listen at: of version 4.
    public var address: String
    /// 0 for any that is free.
    public var port: UInt16
    /// What has to be known to press buttons, and from other machines to read.
    public var token: String
    /// Names besides those of this machine under which the page may be asked for.
    public var names: [String]

    /// On this machine alone, where nothing else is said.
    public init(
      address: String = "127.0.0.1", port: UInt16 = 0, token: String, names: [String] = []
    ) {
      self.address = address
      self.port = port
      self.token = token
      self.names = names
    }

    /// Whether other machines can ask.
    public var isOpen: Bool { !address.hasPrefix("127.") }
  }

  private let workspace: Workspace
  private let settings: Settings
  private let reader: SituationReader
  private let rank: @Sendable (Double) -> (rank: Int, teams: Int)?
  private let gate: Gate
  private var task: Task<Void, any Error>?
  private var server: HTTPServer?

  /// How long between two looks at the files, and after how long without news a breath is sent.
  private static let pause = Duration.seconds(1)
  private static let breathEvery = 10

  /// Nothing is listened at yet.
  ///
  /// - Parameter rank: the rank that a score would have had, and of how many.
  public init(
    _ workspace: Workspace, _ settings: Settings,
    rank: @escaping @Sendable (Double) -> (rank: Int, teams: Int)? = { _ in nil }
  ) {
    self.workspace = workspace
    self.settings = settings
    self.rank = rank
    reader = SituationReader(workspace)
    gate = Gate(
      token: settings.token,
      hosts: Set(
        ["127.0.0.1", "localhost", "[::1]", settings.address]
          + settings.names.map { $0.lowercased() }),
      readsNeedToken: settings.isOpen)
  }

  /// Listens.
  ///
  /// - Returns: the port.
  /// - Throws: an error of the system, such as that the port is taken.
  public func start() async throws -> UInt16 {
    let server = HTTPServer(
      address: try .inet(ip4: settings.address, port: settings.port), timeout: 30,
      logger: .disabled,
      handler: ClosureHTTPHandler { [weak self] request in
        await self?.answer(request) ?? HTTPResponse(statusCode: .serviceUnavailable)
      })
    let task = Task { try await server.run() }
    do { try await server.waitUntilListening(timeout: 10) } catch {
      // What keeps it from listening is what its task ended with.
      task.cancel()
      try await task.value
      throw error
    }
    (self.server, self.task) = (server, task)
    guard case .ip4(_, let port) = await server.listeningAddress else {
      throw SocketError.disconnected
    }
    return port
  }

  /// Ends all connections.
  public func stop() async {
    await server?.stop(timeout: 0)
    task?.cancel()
  }

  // MARK: Answers

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    let path = request.target.path()
    let query = Form.fields(request.target.query())
    let asked = Gate.Request(
      method: request.method.rawValue, path: path, host: request.headers[.host],
      origin: request.headers[HTTPHeader("Origin")],
      site: request.headers[HTTPHeader("Sec-Fetch-Site")],
      token: request.method == .POST ? nil : query.first { $0.name == "token" }?.value)
    let isPost = request.method == .POST
    // The token of a POST is in its body, which is read only where all else is right.
    var form: [(name: String, value: String)] = []
    var known = asked
    if isPost {
      var probe = asked
      probe.token = settings.token
      if case .denied(let status, let why) = gate.judge(probe) { return Self.text(status, why) }
      guard path == "/ask" else { return Self.text(404, "nothing is here") }
      guard let body = await Self.body(of: request) else {
        return Self.text(413, "a request is a few words, not more")
      }
      form = Form.fields(body)
      known.token = form.first { $0.name == "token" }?.value
    }
    switch gate.judge(known) {
    case .denied(let status, let why): return Self.text(status, why)
    case .allowed(let withToken):
      if isPost {
        return act(form, wantsText: request.headers[HTTPHeader("Accept")] == "text/plain")
      }
      let view = View(query, token: withToken ? settings.token : nil)
      return await read(path, view)
    }
  }

  private func read(_ path: String, _ view: View) async -> HTTPResponse {
    switch path {
    case "/", "":
      return Self.html(LivePage.html(await sections(view)), policy: LivePage.policy)
    case "/events": return events(view)
    case _ where path.hasPrefix("/pages/"):
      let name = (path.removingPercentEncoding ?? "").dropFirst("/pages/".count)
      guard let data = PageFiles.read(String(name), workspace) else {
        return Self.text(404, "no page of that name has been rendered")
      }
      return Self.html(data, policy: LivePage.pagePolicy)
    default: return Self.text(404, "nothing is here")
    }
  }

  private func sections(_ view: View) async -> Sections {
    Sections(situation: await reader.look(view), view: view, rank: rank)
  }

  /// A stream of the parts that read otherwise than before, all of them at first.
  private func events(_ view: View) -> HTTPResponse {
    let (reader, rank) = (reader, rank)
    let sent = Sent()
    let stream = EventStream {
      for _ in 0..<Self.breathEvery {
        let sections = Sections(situation: await reader.look(view), view: view, rank: rank)
        let news = await sent.news(sections)
        if !news.isEmpty { return news }
        do { try await Task.sleep(for: Self.pause) } catch { return nil }
      }
      return EventStream.breath
    }
    return HTTPResponse(
      statusCode: .ok,
      headers: Self.headers("text/event-stream; charset=utf-8", policy: LivePage.pagePolicy),
      body: HTTPBodySequence(from: stream, suggestedBufferSize: 1 << 16))
  }

  /// What one reader has been sent.
  private actor Sent {
    private var parts: [String: Markup] = [:]
    private var sources: [String: Section.Source] = [:]
    private var title = ""

    func news(_ sections: Sections) -> [UInt8] {
      var bytes: [UInt8] = []
      for section in sections.all {
        if let source = section.source {
          guard sources.updateValue(source, forKey: section.id) != source else { continue }
        }
        let body = section.body
        guard parts.updateValue(body, forKey: section.id) != body,
          let line = try? JSON.line(["id": section.id, "html": body.html])
        else { continue }
        bytes += EventStream.event("part", line)
      }
      let now = LivePage.title(sections)
      if now != title {
        title = now
        bytes += EventStream.event("title", now.replacing("\n", with: " "))
      }
      return bytes
    }
  }

  // MARK: Buttons

  private func act(_ form: [(name: String, value: String)], wantsText: Bool) -> HTTPResponse {
    func value(_ name: String) -> String { form.first { $0.name == name }?.value ?? "" }
    let target = value("target")
    let said: String
    do {
      let run = try LiveRun.current(in: workspace)
      switch value("action") {
      case "stop":
        try run.stop()
        said = "Asked to stop now."
      case "stop-after-epoch":
        let names = try run.stopAfterEpoch(target.isEmpty ? nil : target)
        said = "Asked to end after this epoch: \(names.joined(separator: ", "))."
      case "extend":
        guard let epochs = Int(value("epochs")) else {
          return Self.text(400, "Epochs: should be a whole number.")
        }
        let names = try run.extend(target, by: epochs)
        said = "Asked for \(epochs) epochs more: \(names.joined(separator: ", "))."
      default: return Self.text(400, "No such button.")
      }
    } catch {
      return Self.text(409, "\(error)")
    }
    if wantsText { return Self.text(200, said) }
    // Without the script, the browser goes back to the page.
    var response = Self.text(303, said)
    response.headers[.location] = "/?token=\(settings.token)"
    return response
  }

  /// A short body; nil for one that is too long or broken off.
  private static func body(of request: HTTPRequest) async -> String? {
    guard let length = request.headers[.contentLength].flatMap({ Int($0) }), length <= 4096,
      let data = try? await request.bodyData, data.count <= 4096
    else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  // MARK: Responses

  private static func headers(_ type: String, policy: String) -> HTTPHeaders {
    [
      .contentType: type, HTTPHeader("Content-Security-Policy"): policy,
      HTTPHeader("Cache-Control"): "no-store", HTTPHeader("X-Content-Type-Options"): "nosniff",
      HTTPHeader("X-Frame-Options"): "DENY", HTTPHeader("Referrer-Policy"): "same-origin",
      HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
      HTTPHeader("Cross-Origin-Opener-Policy"): "same-origin",
    ]
  }

  private static func html(_ text: String, policy: String) -> HTTPResponse {
    html(Data(text.utf8), policy: policy)
  }

  private static func html(_ data: Data, policy: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: .ok, headers: headers("text/html; charset=utf-8", policy: policy), body: data)
  }

  private static func text(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: HTTPStatusCode(status, phrase: status == 200 ? "OK" : "-"),
      headers: headers("text/plain; charset=utf-8", policy: LivePage.pagePolicy),
      body: Data((text + "\n").utf8))
  }
}

/// A form's fields as a browser sends them.
enum Form {
  static func fields(_ body: String) -> [(name: String, value: String)] {
    body.split(separator: "&").prefix(20).map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
    }
  }

  private static func decoded(_ text: Substring) -> String {
    text.replacing("+", with: " ").removingPercentEncoding ?? ""
  }
}
