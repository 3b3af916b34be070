// The graph for other programs to draw: Mermaid (https://mermaid.js.org/syntax/flowchart.html) and
// Graphviz's language (https://graphviz.org/doc/info/lang.html), with how each stage stands.

/// How the instances of a stage stand, together.
public struct StageMark: Sendable, Equatable {
  /// "fresh", "stale", or "2 of 3 stale".
  public var text: String
  /// Whether nothing is to be done.
  public var isFresh: Bool

  /// Sums up instances by stage.
  public static func marks(_ states: [InstanceStatus]) -> [String: StageMark] {
    Dictionary(grouping: states, by: \.stage).mapValues { states in
      let open = states.filter { $0.state != .fresh }
      guard let first = open.first else { return StageMark(text: "fresh", isFresh: true) }
      let word = open.allSatisfy { $0.state == first.state } ? first.state.rawValue : "stale"
      return StageMark(
        text: open.count == states.count ? word : "\(open.count) of \(states.count) \(word)",
        isFresh: false)
    }
  }
}

extension Graph {
  /// The graph as a Mermaid flowchart.
  public func mermaid(_ marks: [String: StageMark]) -> String {
    let numbers = Dictionary(uniqueKeysWithValues: stages.enumerated().map { ($1, $0) })
    var lines = ["flowchart TD"]
    for (number, stage) in stages.enumerated() {
      let mark = marks[stage]
      let text = Self.escaped(label(stage), html: true) + (mark.map { "<br>\($0.text)" } ?? "")
      lines.append("  s\(number)[\"\(text)\"]\(mark?.isFresh == false ? ":::stale" : "")")
    }
    for (number, stage) in stages.enumerated() {
      for other in stagesBefore(stage) {
        if let before = numbers[other] { lines.append("  s\(before) --> s\(number)") }
      }
    }
    lines.append("  classDef stale fill:#fff3cd,stroke:#b8860b,color:#3d2e00")
    return lines.joined(separator: "\n")
  }

  /// The graph in Graphviz's language, for `dot`.
  public func dot(_ marks: [String: StageMark]) -> String {
    var lines = [
      "digraph work {", "  node [shape=box, style=\"rounded,filled\", fillcolor=white];",
    ]
    for stage in stages {
      let mark = marks[stage]
      let text = Self.escaped(label(stage), html: false) + (mark.map { "\\n\($0.text)" } ?? "")
      let summary = instances.first { $0.stage == stage }?.summary ?? ""
      lines.append(
        "  \"\(stage)\" [label=\"\(text)\", tooltip=\"\(Self.escaped(summary, html: false))\""
          + (mark?.isFresh == false ? ", fillcolor=\"#fff3cd\", color=\"#b8860b\"" : "") + "];")
    }
    for stage in stages {
      for other in stagesBefore(stage) { lines.append("  \"\(other)\" -> \"\(stage)\";") }
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// Text within quotation marks, on one line. Mermaid takes HTML's entities with `#` for `&`; Graphviz
  /// gives `\` a meaning of its own in labels.
  private static func escaped(_ text: String, html: Bool) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\"": result += html ? "#quot;" : "\\\""
      case "\\" where !html: result += "\\\\"
      case "#" where html: result += "#35;"
      case "<" where html: result += "#lt;"
      case ">" where html: result += "#gt;"
      case _ where character.isNewline: result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
