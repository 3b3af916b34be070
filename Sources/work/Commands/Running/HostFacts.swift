// Facts of the machine for the record of runs: what a duration means, and what the same bytes are promised
// for.

import ArgumentParser
import Foundation
import ToolReports

enum HostFacts {
  static var now: [String: String] {
    var facts = ["processor": Processor(cpuinfo: text("/proc/cpuinfo")).name]
    facts["name"] = ProcessInfo.processInfo.hostName
    facts["cores"] = String(ProcessInfo.processInfo.activeProcessorCount)
    facts["memory"] = MachineMemory(meminfo: text("/proc/meminfo")).total
      .map { Readable.bytes($0) }
    facts["kernel"] = text("/proc/sys/kernel/osrelease").split(separator: "\n").first.map(
      String.init)
    facts["system"] = text("/etc/os-release").split(separator: "\n")
      .first { $0.hasPrefix("PRETTY_NAME=") }
      .map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: ["\""]) }
    facts["work"] = Work.configuration.version
    return facts
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
