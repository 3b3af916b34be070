// Numbers, durations and dates as people read them; the same everywhere, whatever the locale.

package import Foundation

/// Formatting without locale or time zone, so that the same record gives the same bytes.
package enum Format {
  /// A coordinate with at most two decimals, as short as it can be.
  static func coordinate(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "0" }
    let hundredths = Int((value * 100).rounded())
    let whole = hundredths.magnitude / 100
    let rest = hundredths.magnitude % 100
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    if rest % 10 == 0 { return "\(sign)\(whole).\(rest / 10)" }
    return "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// A number with a fixed count of decimals, thousands separators and a true minus sign.
  package static func decimal(_ value: Double, _ decimals: Int) -> String {
    let plain = String(format: "%.\(max(0, min(17, decimals)))f", value.magnitude)
    let parts = plain.split(separator: ".", maxSplits: 1)
    var grouped = ""
    for (index, digit) in parts[0].enumerated() {
      if index > 0, (parts[0].count - index) % 3 == 0 { grouped += "," }
      grouped.append(digit)
    }
    if parts.count > 1 { grouped += "." + parts[1] }
    let isZero = grouped.allSatisfy { "0.,".contains($0) }
    return value < 0 && !isZero ? "−" + grouped : grouped
  }

  /// A value in about four significant digits, for tooltips.
  package static func value(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    guard value != 0 else { return "0" }
    let magnitude = Int(log10(value.magnitude).rounded(.down))
    if magnitude >= 15 || magnitude < -5 { return scientific(value, digits: 3) }
    if value == value.rounded() { return decimal(value, 0) }
    let text = decimal(value, max(0, 3 - magnitude))
    guard text.contains(".") else { return text }
    let trimmed = text.reversed().drop { $0 == "0" }
    return String(String(trimmed.first == "." ? trimmed.dropFirst() : trimmed).reversed())
  }

  /// A value as "2.5×10⁻⁷", with at most `digits` digits after the point.
  static func scientific(_ value: Double, digits: Int) -> String {
    guard value != 0 else { return "0" }
    let parts = String(format: "%.\(digits)e", value.magnitude).split(separator: "e")
    var mantissa = String(parts[0])
    if mantissa.contains(".") {
      while mantissa.last == "0" { mantissa.removeLast() }
      if mantissa.last == "." { mantissa.removeLast() }
    }
    let power = power(ofTen: parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    let sign = value < 0 ? "−" : ""
    return mantissa == "1" ? sign + power : "\(sign)\(mantissa)×\(power)"
  }

  /// "10⁻⁷".
  static func power(ofTen exponent: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    let raised = String(exponent.magnitude).compactMap { $0.wholeNumberValue.map { digits[$0] } }
    return "10" + (exponent < 0 ? "⁻" : "") + String(raised)
  }

  /// A whole number with thousands separators.
  package static func count(_ value: Int) -> String { decimal(Double(value), 0) }

  /// "0.4 s", "12 s", "3 min 20 s", "2 h 5 min"; less than 50 ms is "< 0.1 s".
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    if seconds < 0.05 { return "< 0.1 s" }
    if seconds < 9.95 { return decimal(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min" + (whole % 60 > 0 ? " \(whole % 60) s" : "") }
    let minutes = (whole % 3600) / 60
    return "\(count(whole / 3600)) h" + (minutes > 0 ? " \(minutes) min" : "")
  }

  /// "21 November 2026, 04:41 UTC".
  package static func date(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    guard let utc = TimeZone(secondsFromGMT: 0) else { return "" }
    calendar.timeZone = utc
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
    guard let year = parts.year, let month = parts.month, let day = parts.day,
      let hour = parts.hour, let minute = parts.minute
    else { return "" }
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(day) \(months[month - 1]) \(year), \(two(hour)):\(two(minute)) UTC"
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
}
