// What `work run --dry-run` prints.

import Foundation
import Pipeline

enum PlanReport {
  /// Prints a plan.
  static func tell(_ plan: RunPlan, _ output: OutputOptions) throws {
    if output.json { return try Console.json(Report(plan)) }
    let shown = plan.instances.filter { $0.state != .fresh }
    let width = shown.map(\.instance.count).max() ?? 0
    for status in shown where !(output.quiet && status.state == .frozen) {
      let name = status.instance.padding(toLength: width, withPad: " ", startingAt: 0)
      let reasons =
        (status.restoredFrom.map { "from run \($0): " } ?? "")
        + status.reasons.map(\.description).joined(separator: "; ")
      print("\(name)  \(word(status))  \(time(status))  \(Console.output(reasons, Console.dim))")
    }
    for name in plan.retired { print("\(name) no longer exists: what is left of it would go") }
    for stage in plan.goneStages {
      print("the stage \(stage) no longer exists: its lock entry would go, its files stay")
    }
    if !output.quiet { print(summary(plan.instances)) }
    if let obstacle = plan.obstacle { Console.error(obstacle) }
  }

  /// "3 to run: 12:05 as they last took", or nil where that is less than so many seconds, or unknown.
  static func expectation(_ plan: [InstanceStatus], atLeast seconds: Double) -> String? {
    let expected = ExpectedTime(plan)
    guard expected.most >= seconds else { return nil }
    return "this takes \(words(expected))"
  }

  private static func summary(_ plan: [InstanceStatus]) -> String {
    let open = plan.filter { $0.state == .stale || $0.state == .undecided }
    guard !open.isEmpty else { return "nothing to do: all is up to date" }
    let restored = open.count { $0.restoredFrom != nil }
    let stale = open.count { $0.restoredFrom == nil && $0.state == .stale }
    let undecided = open.count - restored - stale
    let parts = [
      restored == 0 ? nil : "\(restored) would come from the cache",
      stale == 0 ? nil : "\(stale) would run",
      undecided == 0 ? nil : "\(undecided) would where something new comes before them",
      open.count == plan.count ? nil : "\(plan.count - open.count) would not",
    ].compactMap { $0 }
    let time = restored == open.count ? "" : "; this takes " + words(ExpectedTime(plan))
    return parts.joined(separator: ", ") + time
  }

  private static func words(_ expected: ExpectedTime) -> String {
    let (least, most) = (Console.duration(expected.least), Console.duration(expected.most))
    let time: String? =
      if expected.most == 0 {
        nil
      } else if expected.least == 0 {
        "up to \(most) one after another, by what it took last"
      } else {
        (least == most ? "about \(most)" : "about \(least) to \(most)")
          + " one after another, by what it took last"
      }
    guard !expected.unknown.isEmpty else { return time ?? "no time" }
    let unknown = "\(expected.unknown.joined(separator: ", ")): unknown, never run here"
    return time.map { "\($0) (\(unknown))" } ?? "an unknown time: nothing of it was ever run here"
  }

  private static func word(_ status: InstanceStatus) -> String {
    switch status.state {
    case .stale where status.restoredFrom != nil, .undecided where status.restoredFrom != nil:
      Console.output("restore", Console.green)
    case .stale: Console.output("run    ", Console.yellow)
    case .undecided: Console.output("perhaps", Console.dim)
    case .frozen: Console.output("frozen ", Console.dim)
    case .fresh: Console.output("fresh  ", Console.green)
    }
  }

  private static func time(_ status: InstanceStatus) -> String {
    let text =
      status.state == .frozen || status.restoredFrom != nil
      ? "" : status.expectedSeconds.map(Console.duration) ?? "unknown"
    return String(repeating: " ", count: max(0, 7 - text.count)) + text
  }

  private struct Report: Encodable {
    var stale: Bool
    var obstacle: String?
    var leastSeconds: Double
    var mostSeconds: Double
    var unknown: [String]
    var retired: [String]
    var goneStages: [String]
    var instances: [StatusLine]

    init(_ plan: RunPlan) {
      let expected = ExpectedTime(plan.instances)
      stale = plan.isStale
      obstacle = plan.obstacle
      leastSeconds = expected.least
      mostSeconds = expected.most
      unknown = expected.unknown
      retired = plan.retired
      goneStages = plan.goneStages
      instances = plan.instances.map(StatusLine.init)
    }
  }
}
