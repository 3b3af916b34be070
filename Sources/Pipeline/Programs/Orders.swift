// Writes orders: what stages and tools have in common, and what an instance of the graph adds.

import Basics
import Foundation
import Notebook

extension Order {
  /// An order for a program with no part in the graph: no parameters, no inputs.
  ///
  /// - Parameters:
  ///   - name: the stage's name; also the instance's, until one is added.
  ///   - script: the source that a page of it shows, absolute.
  ///   - files: where it writes its record and events.
  ///   - threads: what it is granted at first.
  ///   - most: the most that it may ever be granted.
  init(
    to name: String, script: URL, in workspace: Workspace, files: RunFolder, scratch: URL,
    pinned: URL, outputs: [String: URL], runtime: RuntimeOptions, threads: Int, most: Int,
    host: [String: String]
  ) {
    var environment = host
    if let commit = gitCommit(workspace.codeRoot) { environment["git"] = commit }
    self.init(
      stage: name, instance: name, root: workspace.root.path, script: script.path,
      outputs: outputs.mapValues(\.path), scratch: scratch.path, record: files.record(name).path,
      events: files.events(name).path, pinned: pinned.path,
      runtime: runtime.values.setting("threads", .int(threads)),
      grant: .init(file: files.threads(name).path, most: most), environment: environment)
  }

  /// Adds what an instance works with: its item, parameters and inputs.
  mutating func take(_ instance: Instance, of project: Project, overridden: [String]) {
    item = .object(instance.item)
    params = project.parameters.tree(of: instance.parameters)
    self.overridden = overridden
    inputs = instance.inputs
    expanded = project.graph.expanded(instance)
  }

  /// Writes the order where its program looks for it, and how many threads are granted.
  func write(to files: RunFolder, threads: Int) throws {
    try files.grant(threads, to: instance)
    try WholeFile.write(json: self, to: files.order(instance))
  }
}

extension RunFolder {
  /// Grants an instance so many threads from now on.
  func grant(_ threads: Int, to instance: String) throws {
    try WholeFile.write("\(threads)\n".utf8, to: self.threads(instance), flushed: false)
  }
}
