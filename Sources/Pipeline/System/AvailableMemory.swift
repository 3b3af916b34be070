// How much memory there is for what a run starts.

import Foundation

/// Bytes that programs can have without swapping: those of the machine, or of the control group that this
/// process is in where it has a limit. Nil where the system doesn't say.
func availableMemory() -> Int? {
  func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
  func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }
  let machine = text("/proc/meminfo")?.split(separator: "\n")
    .first { $0.hasPrefix("MemAvailable:") }
    .flatMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
    .map { $0.multipliedReportingOverflow(by: 1024).partialValue }
  // Of version 2, as containers see their own. Without a limit the file says "max".
  let group = "/sys/fs/cgroup/memory"
  let limit = number("\(group).max").map { max(0, $0 - (number("\(group).current") ?? 0)) }
  return [machine, limit].compactMap { $0 }.min()
}
