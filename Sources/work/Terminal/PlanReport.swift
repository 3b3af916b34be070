// The plan of a run, as `work run --dry-run` prints it.

import Foundation
import Pipeline

enum PlanReport {
  /// Prints a plan.
  static func show(_ plan: RunPlan, _ output: OutputOptions) throws {
    if output.json { return try Console.json(Answer(plan)) }
    let shown = plan.instances.filter { $0.state != .fresh }
    let width = shown.map(\.instance.count).max() ?? 0
    for status in shown where !(output.quiet && status.state == .frozen) {
      let name = status.instance.padding(toLength: width, withPad: " ", startingAt: 0)
      let reasons =
        (status.restoredFrom.map { "from run \($0): " } ?? "")
        + status.reasons.map(\.description).joined(separator: "; ")
      print("\(name)  \(word(status))  \(time(status))  \(Console.output(reasons, Console.dim))")
    }
    for name in plan.retired { print("\(name) no longer exists: its files would be removed") }
    for stage in plan.goneStages {
      print("the stage \(stage) no longer exists: its lock entry would be removed, its files stay")
    }
    if !output.quiet { print(summary(plan.instances)) }
    if let obstacle = plan.obstacle { Console.error(obstacle) }
  }

  /// "this takes about 12:05 …"; nil if that is less than so many seconds, or unknown.
  static func expectation(_ plan: [InstanceStatus], atLeast seconds: Double) -> String? {
    let expected = ExpectedTime(plan)
    guard expected.most >= seconds else { return nil }
    return "this takes \(text(expected))"
  }

  private static func summary(_ plan: [InstanceStatus]) -> String {
    let open = plan.filter { $0.state.mayRun }
    guard !open.isEmpty else { return "nothing to do: all is up to date" }
    let restored = open.count { $0.restoredFrom != nil }
    let stale = open.count { $0.restoredFrom == nil && $0.state == .stale }
    let undecided = open.count - restored - stale
    let parts = [
      restored == 0 ? nil : "\(restored) would come from the cache",
      stale == 0 ? nil : "\(stale) would run",
      undecided == 0 ? nil : "\(undecided) would run if an input changes",
      open.count == plan.count ? nil : "\(plan.count - open.count) would not",
    ].compactMap { $0 }
    let time = restored == open.count ? "" : "; this takes " + text(ExpectedTime(plan))
    return parts.joined(separator: ", ") + time
  }

  private static func text(_ expected: ExpectedTime) -> String {
    let (least, most) = (Readable.duration(expected.least), Readable.duration(expected.most))
    let time: String? =
      if expected.most == 0 {
        nil
      } else if expected.least == 0 {
        "up to \(most) one after another, going by the last time"
      } else {
        (least == most ? "about \(most)" : "about \(least) to \(most)")
          + " one after another, going by the last time"
      }
    guard !expected.unknown.isEmpty else { return time ?? "no time" }
    let unknown = "\(expected.unknown.joined(separator: ", ")): unknown, never ran here"
    return time.map { "\($0) (\(unknown))" } ?? "an unknown time: none of it ever ran here"
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
      ? "" : status.expectedSeconds.map(Readable.duration) ?? "unknown"
    return String(repeating: " ", count: max(0, 7 - text.count)) + text
  }

  private struct Answer: Encodable {
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
