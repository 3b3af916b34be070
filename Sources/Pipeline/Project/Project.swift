// What a command reads of a workspace before it does anything: parameters, headers, graph. One value, handed
// down to all that looks at stages or runs them.

public import Basics
import Foundation

/// A workspace with its parameters and graph read. Not for use from two threads at once, since it brings the
/// tables of what is known of files along.
public struct Project {
  /// Where everything lies.
  public let workspace: Workspace
  /// params.yaml with this command's overrides.
  public let parameters: Parameters
  /// All instances, connected.
  public let graph: Graph
  /// The section `runtime` with this command's options.
  let runtime: RuntimeOptions
  /// Names of the instances that there are without overrides.
  let lastingInstances: Set<String>
  /// What files hold.
  let hashes: FileHashes
  /// What source files hold.
  let sources: SourceTable

  /// Reads params.yaml and the headers of all stages, and checks the graph.
  ///
  /// - Parameters:
  ///   - overrides: `key=value`, as given to `-S`.
  ///   - runtime: runtime options on top of the section `runtime`, such as `data` for `--data`.
  /// - Throws: `PipelineError` naming file, line and key of what is wrong.
  public init(
    workspace: Workspace, overrides: [String] = [], runtime: [JSONValue.Member] = []
  ) throws {
    self.workspace = workspace
    let declarations = try StageScripts.declarations(in: workspace)
    let written = try Parameters(contentsOf: workspace.parametersFile)
    var parameters = written
    for override in overrides { try parameters.override(override) }
    self.parameters = parameters
    graph = try Graph(declarations.flatMap { try $0.instances(parameters) })
    lastingInstances =
      overrides.isEmpty
      ? Set(graph.instances.map(\.name))
      : Set(try declarations.flatMap { try $0.instances(written) }.map(\.name))
    self.runtime = RuntimeOptions(
      section: parameters[Parameters.runtimeKey], options: runtime)
    hashes = FileHashes(root: workspace.root, table: workspace.hashes)
    sources = SourceTable(file: workspace.sources)
  }

  /// Writes down what was learnt of files, where there is a place for it.
  func saveTables() {
    guard WholeFile.exists(workspace.work) else { return }
    hashes.save()
    sources.save()
  }
}
