// How busy the machine is, as the kernel tells.

import Basics
import Foundation

/// Cores, memory and disk at a moment.
struct Meters: Sendable, Equatable {
  /// The share of the cores' time that was used since the look before, from 0 to 1; nil at the first.
  var busy: Double?
  var cores: Int
  /// Bytes.
  var memoryUsed: Int64?
  var memoryTotal: Int64?
  var diskFree: Int64?
  var diskTotal: Int64?
}

/// Reads the meters again and again.
struct MeterReader {
  private var ticks: (busy: Int64, all: Int64)?

  mutating func read(disk: URL) -> Meters {
    var meters = Meters(cores: ProcessInfo.processInfo.activeProcessorCount)
    if let now = Self.ticks(text("/proc/stat")) {
      if let before = ticks, now.all > before.all {
        meters.busy = Double(now.busy - before.busy) / Double(now.all - before.all)
      }
      ticks = now
    }
    let memory = Self.memory(text("/proc/meminfo"))
    if let total = memory["MemTotal"], let available = memory["MemAvailable"] {
      (meters.memoryTotal, meters.memoryUsed) = (total, total - available)
    }
    var system = statvfs()
    if statvfs(disk.path, &system) == 0 {
      meters.diskFree = Int64(system.f_bavail) * Int64(system.f_frsize)
      meters.diskTotal = Int64(system.f_blocks) * Int64(system.f_frsize)
    }
    return meters
  }

  static func ticks(_ stat: String) -> (busy: Int64, all: Int64)? {
    let fields =
      stat.split(separator: "\n").first?.split(separator: " ").dropFirst()
      .compactMap { Int64($0) } ?? []
    guard fields.count >= 5 else { return nil }
    let all = fields.prefix(8).reduce(0, +)
    return (all - fields[3] - fields[4], all)
  }

  static func memory(_ meminfo: String) -> [String: Int64] {
    var found: [String: Int64] = [:]
    for line in meminfo.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let kilobytes = Int64(parts[1].filter(\.isNumber)) else { continue }
      found[String(parts[0])] = kilobytes * 1024
    }
    return found
  }

  private func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
