// work.lock: written and read back, and refused where it can't be trusted.

import Pipeline
import Testing

@Suite struct LockTests {
  @Test func readsBackWhatARunWrote() throws {
    let fixture = try WorkspaceFixture(
      "odd: {a: '1', b: \"x: y # z\", c: 1.0e-05, d: [yes, 'no', null, -1.5], e: {}, 'k.z': \"é\\n\\t\\e\"}\n"
    )
    try fixture.stage(
      "a", "params: [odd]", "outs: ['we ird/ö.txt']",
      body: #"echo > "$(sed -n 's|.*: "\(/.*/outs/0\)".*|\1|p' "$WORK_ORDER")""#)
    #expect(try fixture.ran() == ["a"])
    let text = try #require(fixture.read("work.lock"))
    let lock = try Lock(yaml: text)
    #expect(lock.yaml == text)
    #expect(try fixture.ran().isEmpty)
    #expect(!text.contains("202"), "no time in the lock")
  }

  @Test(arguments: [
    ("version: 1\nstages:\n<<<<<<< HEAD\n", "work.lock:3: holds an unresolved merge conflict"),
    (
      "version: 1\r\nstages:\r\n<<<<<<< HEAD\r\n", "work.lock:3: holds an unresolved merge conflict"
    ),
    ("version: 2\nstages: {}\n", "work.lock: is of version 2, and this `work` knows version 1"),
    ("stages: {}\n", "work.lock: no `version`"),
    ("version: 1\nentries: 2\nstages: {}\n", "work.lock: says that it has 2 entries, but has 0"),
    ("version: 1\nstages:\n  a: 5\n", "work.lock:3: the entry of a is damaged"),
    (
      "version: 1\nstages:\n  a:\n    deps: {x: {hash: 1}}\n",
      "work.lock:3: the entry of a is damaged"
    ),
    ("version: 1\nstages:\n  a:\n    what: 1\n", "work.lock:3: the entry of a is damaged"),
    ("version: [\n", "work.lock:"),
  ])
  func refusals(_ text: String, _ expected: String) throws {
    let fixture = try WorkspaceFixture()
    try fixture.stage("a", "outs: [a]", body: "")
    try fixture.write(text, to: "work.lock")
    let error = message { try fixture.run() }
    #expect(error?.hasPrefix(expected) == true, "\(error ?? "no error")")
    #expect(fixture.starts("a") == 0)
  }
}
