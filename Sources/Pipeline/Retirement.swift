// Instances that no longer exist, as when the number of folds was lowered: their lock entries and
// outputs go, so that nothing of them is taken for current.

import Foundation

extension RunSession {
  /// Retires what the lock knows and the graph doesn't. An override for one command retires nothing.
  func retire() throws {
    let current = Set(runner.graph.instances.map(\.name)).union(runner.lastingInstances)
    let stages = Set(runner.graph.stages)
    let selected = Set(selection.instances.map(\.stage))
    var changed = false
    for (name, entry) in evaluator.lock.entries.sorted(by: { $0.key < $1.key })
    where !current.contains(name) {
      let stage = String(name.prefix { $0 != "@" })
      if stages.contains(stage) {
        guard selected.contains(stage) else { continue }
        for (path, state) in entry.outputs.sorted(by: { $0.key < $1.key }) where !isClaimed(path) {
          guard let now = try runner.hashes.state(of: path) else { continue }
          if now == state {
            try runner.step("remove \(path)")
            try WholeFile.remove(workspace.place(path))
          } else {
            observer.observe(
              .notice("\(path), once of \(name), was changed since and is left alone"))
          }
        }
        observer.observe(
          .notice("\(name) no longer exists: its outputs and its lock entry are removed"))
      } else {
        observer.observe(
          .notice("the stage \(stage) no longer exists: its lock entry is removed, its files stay"))
      }
      evaluator.lock.entries[name] = nil
      changed = true
    }
    if changed {
      runner.hashes.forget()
      try evaluator.lock.write(to: workspace.lockFile)
    }
  }

  /// Whether a path is, holds or lies in an output of an instance that exists.
  private func isClaimed(_ path: String) -> Bool {
    runner.graph.instances.contains { instance in
      instance.outputs.contains {
        $0 == path || RelativePath.isInside(path, $0) || RelativePath.isInside($0, path)
      }
    }
  }
}
