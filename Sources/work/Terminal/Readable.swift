// Numbers, sizes, durations and times as a person reads them.

import Foundation

enum Readable {
  /// A duration for people: "0.4 s", "12 s", "3:05", "1:02:03".
  static func duration(_ seconds: Double) -> String {
    // Records are files, which may hold anything.
    let seconds = seconds.isFinite ? max(0, min(seconds, 1e9)) : 0
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return String(format: "%d:%02d", whole / 60, whole % 60) }
    return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }

  /// An amount in a unit: bytes as kB, MB, GB; everything else as a number.
  static func amount(_ value: Double, _ unit: String) -> String {
    guard unit == "bytes" else {
      return value >= 100 || value == value.rounded()
        ? String(format: "%.0f", value) : String(format: "%.1f", value)
    }
    return bytes(value)
  }

  /// A size: "812 B", "4.2 kB", "1.3 GB".
  static func bytes(_ count: some BinaryInteger) -> String { bytes(Double(count)) }

  private static func bytes(_ value: Double) -> String {
    let scales: [(Double, String)] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
    guard let (scale, name) = scales.first(where: { value >= $0.0 }) else {
      return String(format: "%.0f B", value)
    }
    return String(format: "%.1f %@", value / scale, name)
  }

  /// A measured number: four digits behind the point for scores and the like, fewer for large ones.
  static func number(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e9 { return String(Int(value)) }
    return abs(value) < 10 && abs(value) >= 0.0001
      ? String(format: "%.4f", value) : String(format: "%.5g", value)
  }

  /// A difference, with its sign.
  static func difference(_ value: Double) -> String {
    (value > 0 ? "+" : value < 0 ? "−" : "±") + number(abs(value))
  }

  /// A time of a record, as the clock on the wall has it.
  static func time(_ iso: String, seconds: Bool = false) -> String {
    guard let date = try? Date(iso, strategy: .iso8601) else { return iso }
    var clock = time_t(date.timeIntervalSince1970)
    var parts = tm()
    localtime_r(&clock, &parts)
    let text = String(
      format: "%04d-%02d-%02d %02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
      parts.tm_hour, parts.tm_min)
    return seconds ? text + String(format: ":%02d", parts.tm_sec) : text
  }
}
