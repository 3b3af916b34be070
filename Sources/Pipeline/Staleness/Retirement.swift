// Instances that no longer exist, as when the number of folds was lowered: their lock entries and
// outputs go, so that nothing of them is taken for current.

import Basics
import Foundation

extension Runner {
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
  /// Retires what no longer exists.
  func retire() throws {
    let stages = Set(runner.graph.stages)
    let retired = runner.retired(evaluator.lock, selection)
    var gone: Set<String> = []
    for name in retired {
      guard let entry = evaluator.lock.entries[name] else { continue }
      let stage = String(name.prefix { $0 != "@" })
      if stages.contains(stage) {
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
      } else if gone.insert(stage).inserted {
        observer.observe(
          .notice("the stage \(stage) no longer exists: its lock entry is removed, its files stay"))
      }
      evaluator.lock.entries[name] = nil
    }
    if !retired.isEmpty {
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
