// The live page as a browser meets it, and as somebody meets it who has no business there.

import Basics
import Foundation
import Notebook
import Serving
import Pipeline
import TestSupport
import Testing

@Suite struct LiveServerTests {
  private let token = String(repeating: "0123456789abcdef", count: 4)
  /// A workspace that this process holds as a run does.
  private final class Held { var lock: FileLock? }
  private let held = Held()

  /// A workspace with a run that looks alive, since this process has it, and a stage that heeds requests.
  private func workspace(
    _ folder: TemporaryFolder, stage: String = "train", note: String = "epoch 2/9",
    log: String = "hello\n",
    override: String = "1", alive: Bool = true
  ) throws -> Workspace {
    try folder.write("competition: {title: Salt & pepper}\nseed: 1\n", to: "params.yaml")
    try folder.write("#!/bin/sh\n# ---\n# outs: [x]\n# ---\n", to: "stages/train.sh")
    try folder.write("#!/bin/sh\n# ---\n# deps: [x]\n# outs: [y]\n# ---\n", to: "stages/end.sh")
    let run = ".work/runs/20260101T000000Z-1"
    func json(_ text: String) throws -> String {
      String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
    try folder.write(
      """
      {"version": 2, "started": "2026-01-01T00:00:00Z", "status": "running", "targets": ["all"],
       "overrides": {"seed": \(try json(override))}, "runtime": {}, "process": \(getpid()), "selected": [\(try json(stage)), "end"],
       "parameters": {"seed": \(try json(override))},
       "instances": [{"instance": \(try json(stage)), "stage": \(try json(stage)), "status": "running", "reasons": [],
         "metrics": {}, "unchanged": false, "started": "2026-01-01T00:00:00Z"}]}
      """, to: "\(run)/run.json")
    if alive {
      try folder.write("\(getpid())\n", to: ".work/lock.pid")
      held.lock = try FileLock(folder.url.appendingPathComponent(".work/lock.pid"))
      try FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent("\(run)/train.requests"),
        withIntermediateDirectories: true)
    }
    let events = """
      {"progress": {"label": "train", "done": 30, "total": 90, "unit": "images", "note": \(try json(note))}}
      {"metric": {"score of fold": 0.5}, "step": 1}
      {"metric": {"score of fold": 0.6}, "step": 2}

      """
    if !stage.contains("/") {
      try folder.write(events, to: "\(run)/\(stage).events.jsonl")
      try folder.write(log, to: "\(run)/\(stage).log")
    }
    try folder.write("<p>the page of train</p>", to: ".work/pages/train.html")
    return Workspace(codeRoot: folder.url, root: folder.url)
  }

  private func serving<Result>(
    _ workspace: Workspace, _ body: (UInt16) async throws -> Result
  ) async throws -> Result {
    let server = LiveServer(workspace, .init(token: token)) { _ in (12, 3000) }
    let port = try await server.start()
    do {
      let result = try await body(port)
      await server.stop()
      return result
    } catch {
      await server.stop()
      throw error
    }
  }

  @Test func thePageShowsWhatRuns() async throws {
    let folder = try TemporaryFolder()
    let workspace = try workspace(folder)
    try await serving(workspace) { (port: UInt16) async throws -> Void in
      let page = try await ask(port, "GET", "/")
      #expect(page.status == 200)
      for text in [
        "Salt &amp; pepper", "33 %", "epoch 2/9", "hello", "waiting", "Score of fold", "Read only",
      ] {
        #expect(page.body.contains(text), "\(text)")
      }
      #expect(!page.body.contains(token) && !page.body.contains("<form method=\"post\""))
      let policy = try #require(page.headers["content-security-policy"])
      #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-"))
      #expect(!policy.contains("script-src 'unsafe") && policy.contains("frame-ancestors 'none'"))
      #expect(page.headers["x-content-type-options"] == "nosniff")
      // With the token, the buttons are there.
      let mine = try await ask(port, "GET", "/?token=\(token)")
      #expect(mine.body.contains("Stop after this epoch"))
      #expect(try await ask(port, "GET", "/pages/train.html").body == "<p>the page of train</p>")
    }
  }

  @Test func newsComesByItself() async throws {
    let folder = try TemporaryFolder()
    let workspace = try workspace(folder)
    try await serving(workspace) { (port: UInt16) async throws -> Void in
      let first = try await ask(port, "GET", "/events", until: "event: title")
      #expect(first.headers["content-type"] == "text/event-stream; charset=utf-8")
      #expect(first.body.contains("event: part") && first.body.contains(#""id":"curves""#))
      async let later = ask(port, "GET", "/events", until: "epoch 3/9")
      try await Task.sleep(for: .milliseconds(300))
      let handle = try FileHandle(
        forWritingTo: folder.url.appendingPathComponent(
          ".work/runs/20260101T000000Z-1/train.events.jsonl"))
      try handle.seekToEnd()
      try handle.write(
        contentsOf: Data(
          #"{"progress": {"label": "train", "done": 60, "total": 90, "unit": "images", "note": "epoch 3/9"}}"#
            .utf8
            + [10]))
      #expect(try await later.body.contains("66 %"))
    }
  }

  @Test func buttonsWriteRequests() async throws {
    let folder = try TemporaryFolder()
    let workspace = try workspace(folder)
    let run = folder.url.appendingPathComponent(".work/runs/20260101T000000Z-1")
    func names() -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: run.path + "/train.requests")) ?? [])
        .sorted()
    }
    try await serving(workspace) { (port: UInt16) async throws -> Void in
      let origin = "http://127.0.0.1:\(port)"
      func press(_ fields: String, _ headers: [String: String]) async throws -> Int {
        try await ask(port, "POST", "/ask", headers, body: fields).status
      }
      // Nothing comes of a press without the token, with another one, from another page, or with too much.
      let right = "action=stop-after-epoch&target=train&token=\(token)"
      #expect(try await press("action=stop-after-epoch&target=train", ["Origin": origin]) == 403)
      #expect(
        try await press("action=stop-after-epoch&target=train&token=\(token.dropLast())0", [:])
          == 403)
      #expect(try await press(right, ["Origin": "http://evil.example"]) == 403)
      #expect(try await press(right, ["Origin": "null"]) == 403)
      #expect(try await press(right, ["Sec-Fetch-Site": "cross-site"]) == 403)
      #expect(
        try await press(right + "&x=" + String(repeating: "x", count: 5000), ["Origin": origin])
          == 413)
      #expect(
        try await ask(port, "POST", "/ask?token=\(token)", ["Origin": origin], body: "action=stop")
          .status == 403)
      #expect(names() == [])

      #expect(try await press(right, ["Origin": origin, "Accept": "text/plain"]) == 200)
      #expect(
        try await press("action=extend&target=train&epochs=5&token=\(token)", ["Origin": origin])
          == 303)
      #expect(
        names().count == 2 && names().last == "stop-after-epoch" && names()[0].hasPrefix("extend-"))
      // What can't be done is said.
      for fields in [
        "action=extend&target=end&epochs=5", "action=extend&target=train&epochs=0",
        "action=stop-after-epoch&target=../x",
      ] {
        #expect(try await press(fields + "&token=\(token)", ["Origin": origin]) == 409, "\(fields)")
      }
      #expect(try await press("action=shutdown&token=\(token)", ["Origin": origin]) == 400)
      #expect(
        try await press("action=stop&token=\(token)", ["Origin": origin, "Accept": "text/plain"])
          == 200)
      #expect(FileManager.default.fileExists(atPath: run.path + "/stop"))
    }
  }

  @Test(arguments: [
    "/../params.yaml", "/pages/../../params.yaml", "/pages/..%2F..%2Fparams.yaml",
    "/pages/%2e%2e/%2e%2e/params.yaml",
    "/pages/.hidden.html", "/pages/link.html", "/pages//etc/passwd", "/pages/train.html%00",
    "/pages/", "/.work/serve.json",
    "/pages/..%5c..%5cparams.yaml",
  ])
  func whatIsNoPageIsNotServed(_ path: String) async throws {
    let folder = try TemporaryFolder()
    let workspace = try workspace(folder)
    try folder.write("secret", to: ".work/pages/.hidden.html")
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent(".work/pages/link.html"),
      withDestinationURL: folder.url.appendingPathComponent("params.yaml"))
    try await serving(workspace) { (port: UInt16) async throws -> Void in
      let reply = try await ask(port, "GET", path)
      #expect([400, 404].contains(reply.status))
      #expect(!reply.body.contains("pepper") && !reply.body.contains("secret"))
    }
  }

  @Test(arguments: [
    "evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "localhost.evil",
  ])
  func anotherNameGetsNothing(_ host: String) async throws {
    let folder = try TemporaryFolder()
    let workspace = try workspace(folder)
    try await serving(workspace) { (port: UInt16) async throws -> Void in
      for path in ["/", "/events", "/pages/train.html"] {
        let reply = try await ask(port, "GET", path, host: host)
        #expect(reply.status == 403 && !reply.body.contains("pepper"))
      }
      // A tunnel may come by another port.
      #expect(try await ask(port, "GET", "/", host: "localhost:9999").status == 200)
    }
  }

  /// A slider over the steps of the latest pictures; the address says which, and none stands for the last.
  @Test func picturesOfEarlierStepsAreSeen() async throws {
    let folder = try TemporaryFolder()
    let workspace = try workspace(folder)
    var lines = [
      RecordEvent.begin(
        RecordHeader(
          stage: "train", instance: "train", source: "", parameters: .object([:]), overridden: [],
          startedAt: Date(timeIntervalSince1970: 1_795_000_000), environment: [:]))
    ]
    for epoch in 1...3 {
      let picture = Picture(
        png: Data("epoch \(epoch)".utf8), width: 3, height: 3, label: "picture \(epoch)")
      lines.append(
        .show(
          .grid(
            PictureGrid(
              title: "Predictions", columns: ["image"], rows: [[picture]], step: "epoch \(epoch)")),
          line: 1, at: Double(epoch)))
    }
    let encoder = JSONEncoder.ofRecords()
    try folder.write(
      lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined(),
      to: ".work/runs/20260101T000000Z-1/train.record.jsonl")
    try folder.write("{\"train\": \"20260101T000000Z-1\"}", to: ".work/latest.json")
    try await serving(workspace) { (port: UInt16) async throws -> Void in
      for (query, shown) in [
        ("", 3), ("?step=1", 1), ("?step=2", 2), ("?step=99", 3), ("?step=x", 3),
      ] {
        let page = try await ask(port, "GET", "/" + query).body
        #expect(page.contains("min=\"1\" max=\"3\" step=\"1\" value=\"\(shown)\""), "\(query)")
        for epoch in 1...3 {
          #expect(page.contains("picture \(epoch)") == (epoch == shown), "\(query), \(epoch)")
        }
      }
    }
  }

  /// Scripts and escapes in all that others write: nothing of it becomes markup.
  @Test func hostileWordsStayWords() async throws {
    let folder = try TemporaryFolder()
    let evil = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u{1B}]0;x\u{07}"
    let workspace = try workspace(
      folder, stage: "<b onclick=x>", note: evil, log: evil + "\n", override: evil)
    try folder.write(
      "{\"tags\": [], \"note\": \"<script>alert(3)</script>\"}",
      to: ".work/runs/20260101T000000Z-1/label.json")
    try await serving(workspace) { (port: UInt16) async throws -> Void in
      let query =
        "where=%3Cscript%3Ealert(4)&baseline=%22%3E%3Cscript%3E&log=%3Cb%20onclick%3Dx%3E&token=\(token)"
      let page = try await ask(port, "GET", "/?\(query)")
      #expect(page.status == 200)
      #expect(
        page.body.contains("&lt;script&gt;alert(1)")
          && page.body.contains("That filter means nothing"))
      // Ours is the only script.
      #expect(page.body.components(separatedBy: "<script").count == 2)
      #expect(!page.body.contains("<img src=x") && !page.body.contains("<b onclick"))
      #expect(!page.body.contains("\u{1B}"))
      let events = try await ask(port, "GET", "/events?\(query)", until: "event: title")
      #expect(!events.body.contains("<script") && !events.body.contains("<img src=x"))
    }
  }

  /// What is read while a run goes on may be half there, or nonsense.
  @Test func brokenFilesBreakNothing() async throws {
    let folder = try TemporaryFolder()
    let workspace = try workspace(folder, alive: false)
    let run = ".work/runs/20260101T000000Z-1"
    for text in ["", "{", "[]", "{\"version\": 2}"] {
      try folder.write(text, to: "\(run)/run.json")
      try folder.write(
        "{\"progress\": {\"label\": 1, \"done\": 1e400, \"total\": -5}}\nx\n",
        to: "\(run)/train.events.jsonl")
      try await serving(workspace) { (port: UInt16) async throws -> Void in
        #expect(try await ask(port, "GET", "/").status == 200)
      }
    }
  }
}
