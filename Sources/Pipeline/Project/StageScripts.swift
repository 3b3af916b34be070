// Which files in `stages` are stages, and what their headers declare.

import Basics
import Foundation

/// The scripts of a workspace.
enum StageScripts {
  /// Reads the headers of all stages, in the order of the scripts' names.
  ///
  /// - Throws: `PipelineError` for a folder that can't be listed or holds no stage, a script that can't be
  ///   read, a header that can't be understood, and two scripts of one stage.
  static func declarations(in workspace: Workspace) throws -> [Declaration] {
    let files: [String]
    do {
      files = try FileManager.default.contentsOfDirectory(atPath: workspace.stages.path)
    } catch {
      throw PipelineError(
        "\(workspace.stages.path): can't be listed (\(systemReason(error)))")
    }
    var declarations: [Declaration] = []
    for file in files.sorted() {
      let url = workspace.stages.appendingPathComponent(file)
      guard try isScript(url) else { continue }
      guard let text = try? String(contentsOf: url, encoding: .utf8) else {
        throw PipelineError("\(url.path): can't be read, or is no text in UTF-8")
      }
      let declaration = try Declaration(file: file, text: text)
      if let other = declarations.first(where: { $0.stage == declaration.stage }) {
        throw PipelineError(
          "stages/\(other.file) and stages/\(file) are both the stage \(declaration.stage); rename one"
        )
      }
      declarations.append(declaration)
    }
    guard !declarations.isEmpty else {
      throw PipelineError(
        "\(workspace.stages.path): holds no stage; docs/adding-a-stage.md says how to add one")
    }
    return declarations
  }

  /// Swift files, and files that begin with `#!`. Notes, caches and what editors keep beside a file
  /// (`train.py.bak`) are no stages.
  ///
  /// - Throws: `PipelineError` for a file that may be a stage and can't be read, or has lost what it held:
  ///   its results are not to be taken for those of a stage that is gone.
  private static func isScript(_ url: URL) throws -> Bool {
    let name = url.lastPathComponent
    var isFolder: ObjCBool = false
    guard !name.hasPrefix("."), !name.hasSuffix("~"),
      FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue
    else { return false }
    if name.hasSuffix(".swift") { return true }
    guard name.count(where: { $0 == "." }) < 2 else { return false }
    let beginning: Data
    do {
      let file = try FileHandle(forReadingFrom: url)
      defer { try? file.close() }
      beginning = try file.read(upToCount: 2) ?? Data()
    } catch {
      throw PipelineError("\(url.path): can't be read (\(systemReason(error)))")
    }
    guard !beginning.isEmpty else {
      throw PipelineError(
        "\(url.path): is empty; write the stage, or remove the file, so that the stage is gone")
    }
    return beginning == Data("#!".utf8)
  }
}
