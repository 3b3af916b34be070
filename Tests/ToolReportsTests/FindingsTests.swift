// What `work doctor` makes of machines that are not this one.

import Choices
import Testing
import ToolReports

struct FindingsTests {
  private static let cpuinfo = """
    processor\t: 0
    vendor_id\t: GenuineIntel
    model name\t: A Processor @ 2.00GHz
    flags\t\t: fpu sse2 avx2 fma avx512f avx512dq avx512bw avx512vl avx512_bf16 amx_bf16 amx_tile

    processor\t: 1
    model name\t: A Processor @ 2.00GHz
    """

  private static let engine = EngineReport.Engine(
    backend: "native", library: "OpenBLAS 0.3.21", instructionSet: "x86-64-v4")

  /// A machine and a workspace where all is well.
  static func facts(
    _ change: (inout EngineReport) -> Void = { _ in },
    _ rest: (inout DoctorFacts) -> Void = { _ in }
  ) -> DoctorFacts {
    var report = EngineReport(
      protocolVersion: 1,
      choices: [
        .init(
          backend: .automatic, precision: .float32, engine: engine, reason: "it is the only one"),
        .init(backend: .oneDNN, precision: .float32, refusal: "this build has no oneDNN"),
      ],
      selfTests: [
        .init(backend: .native, precision: .float32, difference: 3e-7, bound: 1e-4)
      ], implementations: ["bfloat16": ["brgconv:avx512_core_amx_bf16"]],
      libraries: [.init("libcurl", "7.88.1"), .init("oneDNN", "2.6.3")],
      kaggle: .init(source: "/home/a/.kaggle/kaggle.json"))
    change(&report)
    var facts = DoctorFacts(
      processor: Processor(cpuinfo: cpuinfo), cores: 2,
      memory: MachineMemory(meminfo: "MemTotal: 16000000 kB\nMemAvailable: 8000000 kB\n"),
      freeDisk: 50_000_000_000, swift: "Swift version 6.3.1", hasSetpriv: true,
      libraries: [.init("libcmark", "0.30.2")],
      workspace: .init(path: "/w", owner: .nobody, protocolVersion: 1, stageCount: 8),
      engine: .success(report))
    rest(&facts)
    return facts
  }

  private static func line(_ facts: DoctorFacts, _ words: String) throws -> DoctorFinding {
    try #require(
      facts.findings.first { $0.text.contains(words) },
      "no “\(words)” among \(facts.findings.map(\.text))")
  }

  @Test func nothingIsWrongWhereAllIsWell() throws {
    let findings = Self.facts().findings
    #expect(!findings.hasProblem)
    #expect(findings.filter { $0.level == .note }.map(\.topic) == ["engine"])
    #expect(findings.text().hasSuffix("no problem, 1 note"))
    #expect(try Self.line(Self.facts(), "A Processor").text == "A Processor @ 2.00GHz, 2 cores")
    #expect(
      try Self.line(Self.facts(), "AVX2").text == "has AVX2, AVX-512, AVX512_BF16, AMX")
    #expect(try Self.line(Self.facts(), "memory").text == "memory: 8.2 GB free of 16.4 GB")
  }

  @Test(arguments: [
    ("fpu sse2", "lacks AVX2, AVX-512, AVX512_BF16, AMX", DoctorFinding.Level.note),
    ("avx2 fma", "has AVX2; lacks AVX-512, AVX512_BF16, AMX; no instructions", .note),
    // Some processors have only a part of AVX-512; the kernels want all of theirs.
    ("avx2 fma avx512f avx512_bf16", "has AVX2; lacks AVX-512, AVX512_BF16, AMX", .note),
    (
      "avx2 fma avx512f avx512dq avx512bw avx512vl avx512_bf16",
      "has AVX2, AVX-512, AVX512_BF16; lacks AMX", .ok
    ),
  ]) func instructionSets(_ flags: String, _ words: String, _ level: DoctorFinding.Level) throws {
    let facts = Self.facts { _ in
    } _: {
      $0.processor = Processor(cpuinfo: "flags : \(flags)\n")
    }
    #expect(try Self.line(facts, words).level == level)
  }

  @Test func whatTheKernelDoesNotSayIsLeftOpen() throws {
    let facts = Self.facts { _ in
    } _: {
      $0.processor = Processor(cpuinfo: "")
      $0.memory = MachineMemory(meminfo: "")
      $0.freeDisk = nil
    }
    #expect(try Self.line(facts, "unknown, 2 cores").level == .ok)
    #expect(try Self.line(facts, "memory: unknown").level == .note)
    #expect(try Self.line(facts, "disk: free space unknown").level == .note)
  }

  @Test func aSelfTestThatFailsIsAProblem() throws {
    let wrong = Self.facts { $0.selfTests[0].difference = 0.5 }
    #expect(try Self.line(wrong, "self-test").level == .problem)
    let infinite = Self.facts { $0.selfTests[0].difference = .infinity }
    #expect(try Self.line(infinite, "self-test").level == .problem)
    let broken = Self.facts {
      $0.selfTests[0].difference = nil
      $0.selfTests[0].failure = "it broke"
    }
    #expect(try Self.line(broken, "it broke").level == .problem)
  }

  @Test func aReferenceKernelIsAProblem() throws {
    let facts = Self.facts { $0.implementations["float32"] = ["brgconv:avx512_core", "ref:any"] }
    let finding = try Self.line(facts, "ref:any")
    #expect(finding.level == .problem && finding.remedy?.contains("native") == true)
    #expect(finding.text.contains("float32") && !finding.text.contains("brgconv"))
    let partly = Self.facts { $0.implementations["float32"] = ["jit:avx2", "own"] }
    #expect(try Self.line(partly, "jit:avx2, own").level == .note)
  }

  @Test func anEngineThatCannotBeAskedIsAProblemAndTheRestIsTold() throws {
    let facts = Self.facts { _ in
    } _: {
      $0.engine = .failure(.init("work-tools does not compile"))
    }
    #expect(try Self.line(facts, "does not compile").level == .problem)
    #expect(Set(facts.findings.map(\.topic)).isSuperset(of: ["processor", "system", "workspace"]))
  }

  @Test func automaticHasToFindSomethingAndSaysWhy() throws {
    #expect(
      try Self.line(Self.facts(), "float32, automatic").text
        == "float32, automatic: native, x86-64-v4 (OpenBLAS 0.3.21): it is the only one")
    let facts = Self.facts {
      $0.choices[0].engine = nil
      $0.choices[0].refusal = "nothing fits"
    }
    #expect(try Self.line(facts, "nothing fits").level == .problem)
  }

  @Test func oneDNNIsMissedOnlyWhereItHelps() throws {
    func without(_ flags: String) throws -> DoctorFinding {
      try Self.line(
        Self.facts {
          $0.libraries.removeAll { $0.name == "oneDNN" }
        } _: {
          $0.processor = Processor(cpuinfo: "flags : \(flags)\n")
        }, "oneDNN: not in this build")
    }
    #expect(try without("avx2 fma").level == .ok)
    let helped = try without("avx2 fma amx_tile amx_bf16")
    #expect(helped.level == .note && helped.remedy?.contains("libdnnl-dev") == true)
  }

  @Test func system() throws {
    let facts = Self.facts { _ in
    } _: {
      $0.swift = nil
      $0.hasSetpriv = false
      $0.freeDisk = 100_000_000
      $0.memory.available = 500_000_000
    }
    #expect(try Self.line(facts, "no `swift`").level == .problem)
    #expect(try Self.line(facts, "setpriv").level == .note)
    #expect(try Self.line(facts, "disk: 0.1 GB").level == .problem)
    #expect(try Self.line(facts, "memory: 0.5 GB").level == .note)
    for finding in facts.findings where finding.topic == "system" && finding.level != .ok {
      #expect(finding.remedy != nil, "\(finding)")
    }
  }

  @Test func credentials() throws {
    let none = Self.facts { $0.kaggle = .init() }
    #expect(try Self.line(none, "no credentials").level == .note)
    let open = Self.facts { $0.kaggle.warnings = ["Others can read your Kaggle key."] }
    #expect(try Self.line(open, "Others can read").level == .note)
    let broken = Self.facts { $0.kaggle = .init(problem: "kaggle.json is not a JSON object") }
    #expect(try Self.line(broken, "not a JSON object").level == .problem)
  }

  @Test func workspace() throws {
    func owned(_ owner: DoctorFacts.Workspace.Owner) throws -> DoctorFinding {
      try Self.line(
        Self.facts { _ in
        } _: {
          $0.workspace.owner = owner
        }, "process 7")
    }
    #expect(try owned(.running(process: 7)).level == .note)
    #expect(try owned(.gone(process: 7)).level == .note)
    #expect(try owned(.leftBehind(process: 7)).level == .problem)
    let broken = Self.facts { _ in
    } _: {
      $0.workspace.problem = "params.yaml:3: no"
    }
    #expect(try Self.line(broken, "params.yaml:3").level == .problem)
    let older = Self.facts { $0.protocolVersion = 2 }
    let finding = try Self.line(older, "protocol 2")
    #expect(finding.level == .problem && finding.remedy?.contains("make install") == true)
  }
}
