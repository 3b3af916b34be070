// The graph drawn as text: one block a level, each stage with what it reads from.

extension Graph {
  /// The graph as text: stages by level, instances folded into their stage.
  public var text: String { text([:]) { $1 } }

  /// The graph as text with a word on how each stage stands.
  ///
  /// - Parameter paint: makes a mark, already padded, what is printed.
  public func text(_ marks: [String: StageMark], paint: (StageMark, String) -> String) -> String {
    var levels: [String: Int] = [:]
    for instance in instances {
      let below = dependencies(of: instance.name).compactMap { self[$0]?.stage }
      let level = (below.compactMap { levels[$0] }.max() ?? -1) + 1
      levels[instance.stage] = max(levels[instance.stage] ?? 0, level)
    }
    let width = stages.map { label($0).count }.max() ?? 0
    let markWidth = marks.values.map(\.text.count).max() ?? 0
    var lines: [String] = []
    for level in 0...(levels.values.max() ?? 0) {
      for stage in stages where levels[stage] == level {
        let needs = stagesBefore(stage)
        let label = label(stage)
        let arrow = needs.isEmpty ? "" : "  ← " + needs.joined(separator: ", ")
        var mark = ""
        if let known = marks[stage] {
          let blanks = String(repeating: " ", count: markWidth - known.text.count)
          mark = "  " + paint(known, arrow.isEmpty ? known.text : known.text + blanks)
        }
        let padding =
          arrow.isEmpty && mark.isEmpty ? "" : String(repeating: " ", count: width - label.count)
        lines.append("\(level)  \(label)\(padding)\(mark)\(arrow)")
      }
    }
    return lines.joined(separator: "\n")
  }

  /// A stage with the count of its instances.
  func label(_ stage: String) -> String {
    let count = instances.count { $0.stage == stage && !$0.item.isEmpty }
    return count == 0 ? stage : "\(stage) × \(count)"
  }

  /// The stages whose outputs a stage reads.
  public func stagesBefore(_ stage: String) -> [String] {
    var needs: [String] = []
    for instance in instances where instance.stage == stage {
      for name in dependencies(of: instance.name) {
        if let other = self[name]?.stage, !needs.contains(other) { needs.append(other) }
      }
    }
    return needs
  }
}
