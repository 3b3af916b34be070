// How the work of a stage went other than planned, since that was asked for while it ran.

package import Basics

/// How far a stage went in steps such as epochs, where that isn't what was planned, since somebody asked for it
/// while it ran. The outputs are a function of this, too.
public struct Course: Sendable, Equatable, Codable {
  /// Steps that were added while it ran.
  public struct Extension: Sendable, Equatable, Codable {
    /// The last step under the plan before it.
    public var after: Int
    /// How many steps were added.
    public var by: Int

    /// Adds steps to a plan after a step.
    public init(after: Int, by: Int) {
      self.after = after
      self.by = by
    }
  }

  /// The steps that the parameters come to.
  public var planned: Int
  /// In the order in which they were added.
  public var extended: [Extension] = []
  /// The last step, where it was asked to stop after it.
  public var stoppedAfter: Int?

  /// As planned.
  public init(planned: Int) { self.planned = planned }

  /// The steps planned and added.
  public var total: Int { extended.reduce(planned) { $0 + $1.by } }

  /// Whether nobody asked for anything else than the plan.
  public var isAsPlanned: Bool { extended.isEmpty && stoppedAfter == nil }

  /// What happened, without a full stop: "stopped after epoch 12 of 40".
  public var description: String {
    var parts = extended.map { "extended by \($0.by) after epoch \($0.after)" }
    if let stoppedAfter { parts.append("stopped after epoch \(stoppedAfter) of \(total)") }
    return parts.isEmpty ? "as planned" : parts.joined(separator: ", ")
  }

  private enum CodingKeys: String, CodingKey {
    case planned, extended
    case stoppedAfter = "stopped_after"
  }

  /// As JSON, for the lock and the fingerprint.
  package var value: JSONValue {
    var members: [JSONValue.Member] = [.init("planned", .int(planned))]
    if !extended.isEmpty {
      members.append(
        .init(
          "extended",
          .array(
            extended.map { .object([.init("after", .int($0.after)), .init("by", .int($0.by))]) })))
    }
    if let stoppedAfter { members.append(.init("stopped_after", .int(stoppedAfter))) }
    return .object(members)
  }

  /// A plan, or what is added to it, has no more steps, and can be added up.
  private static let steps = -1_000_000_000...1_000_000_000

  /// Reads it; nil where it is anything else.
  package init?(_ value: JSONValue) {
    guard case .int(let planned)? = value["planned"], Self.steps.contains(planned) else {
      return nil
    }
    self.planned = planned
    switch value["extended"] {
    case nil: break
    case .array(let items)?:
      for item in items {
        guard case .int(let after)? = item["after"], case .int(let by)? = item["by"],
          Self.steps.contains(after), Self.steps.contains(by), extended.count < 1_000_000
        else { return nil }
        extended.append(Extension(after: after, by: by))
      }
    default: return nil
    }
    switch value["stopped_after"] {
    case nil: break
    case .int(let step)? where Self.steps.contains(step): stoppedAfter = step
    default: return nil
    }
  }
}
