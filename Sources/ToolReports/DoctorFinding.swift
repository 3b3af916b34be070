// One line of `work doctor`: what was found, whether it is well, and what to do.

/// Something that `work doctor` found.
public struct DoctorFinding: Codable, Sendable, Equatable {
  /// How it stands.
  public enum Level: String, Codable, Sendable {
    case ok
    /// Works, but could be better, or is good to know.
    case note
    /// Something will not work.
    case problem
  }

  /// What it belongs to: "processor", "engine", "libraries", "system", "kaggle" or "workspace".
  public var topic: String
  /// How it stands.
  public var level: Level
  /// What was found, in a sentence without its full stop.
  public var text: String
  /// What to do about it; nil where nothing is to be done.
  public var remedy: String?

  /// A finding.
  public init(_ topic: String, _ level: Level, _ text: String, remedy: String? = nil) {
    self.topic = topic
    self.level = level
    self.text = text
    self.remedy = remedy
  }
}

extension [DoctorFinding] {
  /// Whether something will not work.
  public var hasProblem: Bool { contains { $0.level == .problem } }

  /// The findings as lines, by topic. `paint` sets a text in the colour of its level, where there are
  /// colours.
  public func text(paint: (String, DoctorFinding.Level) -> String = { text, _ in text }) -> String {
    var lines: [String] = []
    var topic: String?
    for finding in self {
      if finding.topic != topic {
        lines.append((topic == nil ? "" : "\n") + finding.topic)
        topic = finding.topic
      }
      let word = finding.level.rawValue
      let space = String(repeating: " ", count: 9 - word.count)
      lines.append("  \(paint(word, finding.level))\(space)\(finding.text)")
      if let remedy = finding.remedy { lines.append("           → \(remedy)") }
    }
    let problems = count { $0.level == .problem }
    let notes = count { $0.level == .note }
    lines.append(
      "\n" + (problems == 0 ? "no problem" : problems == 1 ? "1 problem" : "\(problems) problems")
        + (notes == 0 ? "" : notes == 1 ? ", 1 note" : ", \(notes) notes"))
    return lines.joined(separator: "\n")
  }
}
