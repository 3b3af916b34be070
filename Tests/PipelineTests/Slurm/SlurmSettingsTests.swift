// The section runtime.slurm, key by key.

import Basics
import Foundation
import Pipeline
import Testing

@Suite struct SlurmSettingsTests {
  private func problem(_ section: String) throws -> String? {
    let fixture = try WorkspaceFixture("runtime:\n  executor: local\n  slurm: \(section)\n")
    try fixture.stage("make", "outs: [a.txt]", body: #"echo a > "$(out a.txt)""#)
    return message { _ = try fixture.run() }
  }

  @Test(arguments: [
    "null", "{}", "{partition: gpu, account: me, time: '1-12:00', cpus: 8, memory: 16G}",
    "{time: 90}", "{time: 4:00:00}", "{memory: 900}", "{memory: 512M}", "{local: [make]}",
    "{options: [--qos=long, --constraint=avx512]}", "{commands: /opt/slurm/bin, poll_seconds: 0.5}",
    "{partition: null}",
  ])
  func good(_ section: String) throws { #expect(try problem(section) == nil) }

  @Test(arguments: [
    ("3", "runtime.slurm is a whole number"), ("{partitoin: gpu}", "did you mean “partition”?"),
    ("{partition: [a]}", "one word"), ("{partition: -x}", "one word"),
    ("{account: a b}", "one word"),
    ("{time: soon}", "4:00:00"), ("{time: -5}", "minutes"), ("{cpus: 0}", "from 1"),
    ("{cpus: many}", "from 1"), ("{memory: 4 GB}", "such as 4G"), ("{memory: 0}", "such as 4G"),
    ("{memory: 999999999T}", "such as 4G"), ("{local: make}", "a list"),
    ("{local: [mkae]}", "did you mean “make”?"), ("{options: [-p, gpu]}", "long form"),
    ("{options: [--array=1-3]}", "--array"), ("{options: [--exp=NONE]}", "--export"),
    ("{options: [\"--comment=x\"]}", "--comment"), ("{commands: bin}", "absolute path"),
    ("{poll_seconds: 0}", "poll_seconds"), ("{poll_seconds: often}", "poll_seconds"),
  ])
  func bad(_ section: String, _ words: String) throws {
    let problem = try #require(try problem(section))
    #expect(problem.contains(words) && problem.contains("runtime.slurm"), "\(problem)")
  }

  @Test func anExecutorThatIsNone() throws {
    let fixture = try WorkspaceFixture("runtime: {executor: kubernetes}\n")
    try fixture.stage("make", "outs: [a.txt]", body: "true")
    #expect(
      message { _ = try fixture.run() }
        == #"runtime.executor is "kubernetes", but should be local or slurm"#)
  }

  @Test func withoutItsCommandsNothingBegins() throws {
    let fixture = try WorkspaceFixture(
      "runtime: {executor: slurm, slurm: {commands: /nonexistent}}\n")
    try fixture.stage("make", "outs: [a.txt]", body: "true")
    let problem = message { _ = try fixture.run() }
    #expect(problem?.contains("sbatch: not found in /nonexistent") == true)
    #expect(!fixture.exists(".work/runs"))
  }
}
