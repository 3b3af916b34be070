// What `work doctor` prints, compared with recorded texts, for a machine where all is well and for one where
// little is.

import Choices
import TestSupport
import Testing
import ToolReports

struct DoctorTextTests {
  private let snapshots = Snapshots()

  @Test func allIsWell() throws {
    try snapshots.check(FindingsTests.facts().findings.text() + "\n", "doctor-well.txt")
  }

  @Test func littleIsWell() throws {
    let facts = FindingsTests.facts { report in
      report.protocolVersion = 2
      report.choices.append(
        .init(backend: .automatic, precision: .automatic, refusal: "no kernels"))
      report.selfTests = [
        .init(backend: .native, precision: .float32, difference: 0.5, bound: 1e-4),
        .init(
          backend: .oneDNN, precision: .float32, difference: nil, bound: 1e-4, failure: "crashed"),
      ]
      report.implementations = ["float32": ["ref:any", "own"]]
      report.libraries = []
      report.kaggle = .init()
    } _: { facts in
      facts.processor.features = []
      facts.swift = nil
      facts.hasSetpriv = false
      facts.freeDisk = 100_000_000
      facts.memory.available = 500_000_000
      facts.workspace.owner = .leftBehind(process: 7)
      facts.workspace.problem = "params.yaml:3: no"
    }
    try snapshots.check(facts.findings.text() + "\n", "doctor-ill.txt")
  }

  @Test func theEngineCannotBeChecked() throws {
    let facts = FindingsTests.facts { _ in
    } _: {
      $0.engine = .failure(.init("work-tools does not compile"))
    }
    try snapshots.check(facts.findings.text() + "\n", "doctor-no-engine.txt")
  }
}
