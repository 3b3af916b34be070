// Instances that no longer exist, as when the number of folds was lowered: their lock entries and
// outputs go, so that nothing of them is taken for current.

import Basics
import Foundation

extension Project {
  /// Instances that the lock knows and the graph doesn't, sorted: those of the selected stages and, where all
  /// is selected, those whose stage is gone. An override for one command retires nothing.
  func retired(_ lock: Lock, _ selection: Selection) -> [String] {
    let current = Set(graph.instances.map(\.name)).union(lastingInstances)
    let stages = Set(graph.stages)
    let selected = Set(selection.instances.map(\.stage))
    let isAll = selection.instances.count == graph.instances.count
    return lock.entries.keys.sorted().filter { name in
      let stage = String(name.prefix { $0 != "@" })
      return !current.contains(name) && (stages.contains(stage) ? selected.contains(stage) : isAll)
    }
  }
}

extension RunSession {
  /// Removes lock entries and outputs of what no longer exists.
  func removeRetired() throws {
    let stages = Set(project.graph.stages)
    let retired = project.retired(staleness.lock, selection)
    var gone: Set<String> = []
    for name in retired {
      guard let entry = staleness.lock.entries[name] else { continue }
      let stage = String(name.prefix { $0 != "@" })
      if stages.contains(stage) {
        for (path, state) in entry.outputs.sorted(by: { $0.key < $1.key }) where !isClaimed(path) {
          guard let now = try project.hashes.state(of: path) else { continue }
          if now == state {
            try step("remove \(path)")
            try WholeFile.remove(workspace.url(of: path))
          } else {
            observer.observe(
              .notice("\(path), once of \(name), was changed since and is left alone"))
          }
        }
        observer.observe(
          .notice("\(name) no longer exists: its outputs and its lock entry are removed"))
      } else if gone.insert(stage).inserted {
        observer.observe(
          .notice("the stage \(stage) no longer exists: its lock entry is removed, its files stay"))
      }
      staleness.lock.entries[name] = nil
    }
    if !retired.isEmpty {
      project.hashes.forget()
      try staleness.lock.write(to: workspace.lockFile)
    }
  }

  /// Whether a path is, holds or lies in an output of an instance that exists.
  private func isClaimed(_ path: String) -> Bool {
    project.graph.instances.contains { instance in
      instance.outputs.contains {
        $0 == path || path.lies(inFolder: $0) || $0.lies(inFolder: path)
      }
    }
  }
}
