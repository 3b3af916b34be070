// The door of this module. What a command can ask is one function each, in a file named by it in this folder.

public import Basics
import Foundation

/// A workspace opened for status, runs, accepting and all else that a command asks. Not for use from two
/// threads at once.
public final class Runner {
  /// What was read of the workspace.
  public let project: Project
  /// What builds the programs of compiled stages.
  let builder: any StageBuilder
  /// Called before each step that a crash could interrupt, with its name; for tests that stop there.
  package var step: (String) throws -> Void = { _ in }

  /// Reads params.yaml and the headers of all stages, and checks the graph.
  ///
  /// - Parameters:
  ///   - overrides: `key=value`, as given to `-S`.
  ///   - runtime: runtime options on top of the section `runtime`, such as `data` for `--data`.
  ///   - builder: what builds compiled stages; by default SwiftPM.
  /// - Throws: `PipelineError` naming file, line and key of what is wrong.
  public init(
    workspace: Workspace, overrides: [String] = [], runtime: [JSONValue.Member] = [],
    builder: (any StageBuilder)? = nil
  ) throws {
    project = try Project(workspace: workspace, overrides: overrides, runtime: runtime)
    self.builder = builder ?? SwiftPMBuilder(root: workspace.codeRoot)
  }

  /// Where everything lies.
  public var workspace: Workspace { project.workspace }
  /// params.yaml with this command's overrides.
  public var parameters: Parameters { project.parameters }
  /// All instances, connected.
  public var graph: Graph { project.graph }

  var hashes: FileHashes { project.hashes }

  /// Looks at code, parameters and the lock as they are now.
  func staleness() throws -> Staleness { try Staleness(project) }
}
