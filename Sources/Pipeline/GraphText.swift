// The graph drawn as text: one block a level, each stage with what it reads from.

extension Graph {
  /// The graph as text: stages by level, instances folded into their stage.
  public var text: String {
    var levels: [String: Int] = [:]
    for instance in instances {
      let below = dependencies(of: instance.name).compactMap { self[$0]?.stage }
      let level = (below.compactMap { levels[$0] }.max() ?? -1) + 1
      levels[instance.stage] = max(levels[instance.stage] ?? 0, level)
    }
    let width = stages.map { label($0).count }.max() ?? 0
    var lines: [String] = []
    for level in 0...(levels.values.max() ?? 0) {
      for stage in stages where levels[stage] == level {
        var needs: [String] = []
        for instance in instances where instance.stage == stage {
          for name in dependencies(of: instance.name) {
            if let other = self[name]?.stage, !needs.contains(other) { needs.append(other) }
          }
        }
        let label = label(stage)
        let arrow = needs.isEmpty ? "" : "  ← " + needs.joined(separator: ", ")
        let padding = arrow.isEmpty ? "" : String(repeating: " ", count: width - label.count)
        lines.append("\(level)  \(label)\(padding)\(arrow)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private func label(_ stage: String) -> String {
    let count = instances.count { $0.stage == stage && !$0.item.isEmpty }
    return count == 0 ? stage : "\(stage) × \(count)"
  }
}
