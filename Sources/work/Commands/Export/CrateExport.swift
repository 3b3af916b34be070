// `work export --ro-crate`: a run as a folder that describes itself.

import Basics
import Foundation
import Notebook
import Pipeline
import Rendering

extension ExportCommand {
  /// Writes one run; the latest unless `--run` names another.
  func writeCrate() throws {
    let workspace = try workspace.find()
    let history = RunHistory(workspace)
    let id = try history.id(of: run.first ?? "latest")
    let parameters = try Runner(workspace: workspace).parameters
    let slug = parameters["competition.slug"]?.plainText
    let crate = try RunCrate(
      id, of: history, title: parameters["competition.title"]?.plainText ?? slug ?? "A competition",
      rules: slug.map { "https://www.kaggle.com/competitions/\($0)/rules" },
      pages: pages(of: id, history, workspace))
    let folder = URL(fileURLWithPath: to ?? "run-\(id)", isDirectory: true)
    try refuseOthers(folder)
    for file in crate.files {
      let place = folder.appendingPathComponent(file.path)
      try WholeFile.makeFolder(place.deletingLastPathComponent())
      try WholeFile.write(file.bytes, to: place)
    }
    // At the end: a folder with it is whole.
    try WholeFile.write(
      crate.description(), to: folder.appendingPathComponent(RunCrate.descriptionName))
    if output.json {
      try Console.json(["folder": folder.path, "run": id, "files": "\(crate.files.count + 1)"])
    } else {
      print(folder.path)
      if !output.quiet { print("the run \(id), in \(crate.files.count + 1) files") }
    }
  }

  /// A folder that holds anything else than a crate would be mixed up with it.
  private func refuseOthers(_ folder: URL) throws {
    let there = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard there.isEmpty || there.contains(RunCrate.descriptionName) else {
      throw PipelineError(
        "\(folder.path): holds other files; name a new folder, or an earlier crate's, with --to")
    }
  }

  /// What each instance showed, to be read without this program.
  private func pages(of id: String, _ history: RunHistory, _ workspace: Workspace) throws
    -> [CrateFile]
  {
    try history.executedRecords(of: id).map { instance, record in
      let stage = String(instance.split(separator: "@", maxSplits: 1).first ?? "")
      let page = try Page.html(
        record: Record(contentsOf: record), script: Pages.script(of: stage, workspace))
      return CrateFile(
        "pages/\(instance).html", name: "page of \(instance)", type: "text/html",
        bytes: Data(page.utf8))
    }
  }
}
