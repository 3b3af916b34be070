// What a shell completes after `work …`, beside the options themselves.

import ArgumentParser
import Foundation
import Pipeline

enum Completions {
  /// The names of stages and instances in the workspace around the current folder, and `all`.
  static let stages = CompletionKind.custom { _, _, _ in
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    guard let runner = try? Runner(workspace: Workspace.find(from: here)) else { return ["all"] }
    let names = runner.graph.stages + runner.graph.instances.map(\.name)
    return ["all"] + Set(names).sorted()
  }
}
