// Writes orders: what stages and tools have in common, and what an instance of the graph adds.

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
      runtime: runtime.values.setting("threads", .int(threads)).members,
      grant: .init(file: files.threads(name).path, most: most), environment: environment)
  }

  /// Adds what an instance works with: its item, parameters and inputs.
  mutating func take(_ instance: Instance, of project: Project, overridden: [String]) {
    item = ParameterValue.map(instance.item).members
    params = project.parameters.tree(of: instance.parameters).json
    self.overridden = overridden
    inputs = instance.inputs
    expanded = project.graph.expanded(instance)
  }
}

extension ParameterValue {
  /// The value as an order has it.
  var json: JSONValue {
    switch self {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(number)
    case .double(let number): .double(number)
    case .string(let text): .string(text)
    case .list(let values): .array(values.map(\.json))
    case .map: .object(members)
    }
  }

  /// A section's members; none for other values.
  fileprivate var members: [String: JSONValue] {
    guard case .map(let members) = self else { return [:] }
    return Dictionary(members.map { ($0.key, $0.value.json) }, uniquingKeysWith: { $1 })
  }
}
