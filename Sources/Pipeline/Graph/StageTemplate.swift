// A stage to begin with: header, prose, cells, and an output that it writes, in Swift or in Python.

import Foundation

/// A new stage's script.
public struct StageTemplate: Sendable {
  /// What a script may be written in.
  public enum Language: Sendable { case swift, python }

  /// The stage's name.
  public let name: String
  /// Its script below `stages`.
  public let file: String
  private let language: Language

  /// Checks a name.
  ///
  /// - Throws: `PipelineError` for a name that no stage can have, or that is taken.
  public init(_ name: String, _ language: Language, in workspace: Workspace) throws {
    try Self.check(name, in: workspace)
    self.name = name
    file = "stages/\(name)" + (language == .swift ? ".swift" : ".py")
    self.language = language
  }

  /// Checks a name for a new stage.
  ///
  /// - Throws: `PipelineError` for a name that no stage can have, or that is taken.
  public static func check(_ name: String, in workspace: Workspace) throws {
    guard Declaration.isName(name), name.utf8.count <= 60, name.first?.isLetter == true else {
      throw PipelineError(
        "“\(name)” is no name for a stage: letters, digits, - and _ are, a letter first; not `all`")
    }
    let scripts =
      (try? FileManager.default.contentsOfDirectory(atPath: workspace.stages.path)) ?? []
    if let other = scripts.first(where: {
      $0.prefix { $0 != "." }.lowercased() == name.lowercased()
    }) {
      throw PipelineError("stages/\(other) is there already; take another name")
    }
    let modules = ModuleFolders(root: workspace.codeRoot).names
    if let module = (modules + ["work"]).first(where: { $0.lowercased() == name.lowercased() }) {
      throw PipelineError(
        "a stage can't be called \(name): the package has a target \(module); take another name")
    }
  }

  /// Writes the script; never over one that is there.
  public func write(in workspace: Workspace) throws {
    try Self.write(text, to: file, in: workspace)
  }

  /// Writes the script of a new stage; never over one that is there. One that begins with `#!` becomes
  /// executable.
  public static func write(_ text: String, to file: String, in workspace: Workspace) throws {
    let path = workspace.codeRoot.appendingPathComponent(file).path
    let mode: mode_t = text.hasPrefix("#!") ? 0o777 : 0o666
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw PipelineError.system("can't be made", path, code: errno) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do { try handle.write(contentsOf: Data(text.utf8)) } catch {
      unlink(path)
      throw PipelineError("\(path): can't be written: \(error.localizedDescription)")
    }
  }

  /// The script.
  public var text: String {
    switch language {
    case .swift:
      """
      // ---
      // desc: What this stage does, in a line
      // deps: []
      // params: []
      // outs: [data/\(name).json]
      // ---

      import Foundation
      import Notebook
      import Workbench

      await Stage.run { stage in
        // %% [markdown]
        // # \(name)
        // What is looked at here, and why. Prose is Markdown; it can be edited without a rerun.
        cell("Read")
        // A path from `deps`: try CSV(contentsOf: stage.input("data/tables/depths.csv"))
        // A key from `params`: try stage.parameters("\(name)", as: Settings.self)
        let numbers = [3.0, 1, 2]

        // %% [markdown]
        // ## What comes out
        cell("Write")
        show(Chart.histogram(numbers, title: "Numbers", x: "value"))
        let sum = numbers.reduce(0, +)
        stage.metric("sum", sum)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(["sum": sum]).write(to: stage.output("data/\(name).json"))
      }

      """
    case .python:
      """
      #!/usr/bin/env python3
      # ---
      # desc: What this stage does, in a line
      # deps: []
      # params: []
      # outs: [data/\(name).json]
      # ---

      import json
      import os

      # What to do: declared parameters, and where to write. See docs/protocol.md.
      with open(os.environ["WORK_ORDER"]) as file:
          order = json.load(file)


      def tell(**event):
          \"""Tells the runner something: progress, message, warning or metric.\"""
          with open(order["events"], "a") as file:
              file.write(json.dumps(event) + "\\n")


      # %% [markdown]
      # # \(name)
      # What is looked at here, and why.

      # %%
      # Paths from `deps` are relative to the current folder; keys from `params` are in order["params"].
      numbers = [3, 1, 2]
      tell(metric={"sum": sum(numbers)})

      # %%
      with open(order["outputs"]["data/\(name).json"], "w") as file:
          json.dump({"sum": sum(numbers)}, file, sort_keys=True)
          file.write("\\n")

      """
    }
  }
}
