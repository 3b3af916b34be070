// A new stage: whether its name is free, and its script written where it belongs.

import Basics
import Foundation
public import Scripts

/// A new stage's script.
public struct StageTemplate: Sendable {
  /// The stage's name.
  public let name: String
  /// Its script below `stages`.
  public let file: String
  private let language: ScriptLanguage

  /// Checks a name.
  ///
  /// - Throws: `PipelineError` for a name that no stage can have, or that is taken.
  public init(_ name: String, _ language: ScriptLanguage, in workspace: Workspace) throws {
    try Self.check(name, in: workspace)
    self.name = name
    file = "stages/\(name).\(language.fileExtension)"
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
    try Self.write(ScriptTemplate.text(name, language), to: file, in: workspace)
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
      throw PipelineError("\(path): can't be written: \(systemReason(error))")
    }
  }
}
