// What keeps a run from coming to its end, found before it begins.

import Basics

extension Staleness {
  /// Inputs that can't come about in a run of a selection, a line each.
  func obstacles(_ selection: Selection, _ plan: [InstanceStatus]) throws -> [String] {
    let selected = Set(selection.instances.map(\.name))
    var lines: [String] = []
    for (instance, status) in zip(selection.instances, plan)
    where status.state.mayRun {
      for input in try missing(of: instance) {
        let producers = graph.producers(of: input, for: instance)
        if producers.isEmpty {
          let known = graph.instances.flatMap(\.outputs)
          lines.append(
            "\(input): \(instance.name) (\(instance.script)) needs it, but it isn't there and no stage "
              + "makes it" + Spelling.didYouMean(input, among: known))
        } else if !producers.contains(where: selected.contains) {
          lines.append(
            "\(input): \(instance.name) needs it, but it isn't there; run "
              + "\(producers.joined(separator: ", ")) first, or leave out "
              + (selection.isOnly ? "--only" : "--from"))
        }
      }
    }
    return lines
  }

  /// Frozen instances of a selection whose outputs aren't all there, a line each: the run would end there.
  func frozenObstacles(_ selection: Selection) throws -> [String] {
    try selection.instances.filter(\.isFrozen).compactMap { instance in
      let missing = try instance.outputs.filter {
        try FolderWalk.entry(at: hashes.absolute($0)) == nil
      }
      guard !missing.isEmpty else { return nil }
      return
        "\(missing.joined(separator: ", ")): \(instance.name) is frozen, but its outputs are not all "
        + "there; take `frozen: true` out of \(instance.script)"
    }
  }
}
