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
    let file = try Parameters(contentsOf: workspace.parametersFile)
    let written = try Self.applied([], to: file, workspace)
    let parameters = overrides.isEmpty ? written : try Self.applied(overrides, to: file, workspace)
    self.parameters = parameters
    graph = try Graph(
      declarations.flatMap { try $0.instances(parameters) },
      absent: declarations.filter { try !$0.isThere(parameters) }.map {
        Graph.Absent(
          script: $0.source, key: Declaration.optional($0.condition?.text ?? "").key)
      })
    lastingInstances =
      overrides.isEmpty
      ? Set(graph.instances.map(\.name))
      : Set(try declarations.flatMap { try $0.instances(written) }.map(\.name))
    self.runtime = RuntimeOptions(
      section: parameters[Parameters.runtimeKey], options: runtime)
    hashes = FileHashes(root: workspace.root, table: workspace.hashes)
    sources = SourceTable(file: workspace.sources)
  }

  /// What the file holds, then the preset that it or an override names, then the other overrides.
  private static func applied(
    _ overrides: [String], to file: Parameters, _ workspace: Workspace
  ) throws -> Parameters {
    var parameters = file
    let isChoice = { (override: String) in
      override.prefix { $0 != "=" }.trimmingCharacters(in: .whitespaces) == Parameters.presetKey
    }
    for override in overrides.filter(isChoice) { try parameters.override(override) }
    switch parameters[Parameters.presetKey] {
    case nil, .null: break
    case .string(let name): try parameters.apply(preset: name, contentsOf: preset(name, workspace))
    case let other?:
      throw PipelineError(
        "\(parameters.location(of: Parameters.presetKey)): preset: is \(other.kind), should be the name of a file in "
          + "presets, or null")
    }
    for override in overrides where !isChoice(override) { try parameters.override(override) }
    return parameters
  }

  /// The file of a preset: of the workspace, or beside the stages.
  private static func preset(_ name: String, _ workspace: Workspace) throws -> URL {
    let folders = [workspace.root, workspace.codeRoot].map {
      $0.appendingPathComponent("presets", isDirectory: true)
    }
    let names = Set(
      folders.flatMap {
        ((try? FileManager.default.contentsOfDirectory(atPath: $0.path)) ?? [])
          .filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.map { String($0.dropLast(5)) }
      })
    guard names.contains(name),
      let file = folders.map({ $0.appendingPathComponent("\(name).yaml") })
        .first(where: WholeFile.exists)
    else {
      throw PipelineError(
        "preset: no presets/\(name).yaml; there "
          + (names.isEmpty ? "are none" : "are: \(names.sorted().joined(separator: ", "))"))
    }
    return file
  }

  /// Writes down what was learnt of files, where there is a place for it.
  func saveTables() {
    guard WholeFile.exists(workspace.work) else { return }
    hashes.save()
    sources.save()
  }
}
